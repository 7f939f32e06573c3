import { randomBytes } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { Hex } from 'viem';
import type { FastItem } from '../../protocol/bls-fast.ts';
import type { Seat, Verdict } from '../../protocol/types.ts';
import type { Keyring } from '../lib/keyring.ts';
import type { Share } from './claim-queue.ts';
import { createClaimQueue } from './claim-queue.ts';
import { createGathering, type GatheringOptions } from './gathering.ts';

/** Milliseconds of curve work before the event loop has its turn; a check is about six. */
const BUDGET_MS = 25;

/** Claims of one peer that are decoded before their turn, at half a millisecond each. */
const DECODED = 4;

/** One claim that a seat signed a verdict. */
export type Claim = Readonly<{
  verdict: Verdict;
  digest: Hex;
  seat: Seat;
  signature: Uint8Array;
  /** Whether it counts for its verdict once it is true: what contradicts the same seat is evidence alone. */
  isCounted: boolean;
}>;

/** How claims are gathered and checked; `isHeard` says whether a peer's are worth the work. */
export type VerificationOptions = GatheringOptions &
  Readonly<{
    /** Claims of one check, which nothing interrupts. */
    batch: number;
    isHeard?(peer: string): boolean;
    now?(): number;
  }>;

/** Verifies claims together. */
export type Verification = ReturnType<typeof createVerification>;

/**
 * Gathers claims for a moment and verifies those of one digest at once, each under a coefficient nobody can foresee:
 * false signatures that would cancel in a plain sum are found, one by one. Null means overloaded, not judged.
 */
export function createVerification(keyring: Keyring, options: VerificationOptions) {
  const { fast, keyOf, signatureOf } = keyring;
  const { now = () => performance.now(), isHeard = () => true } = options;
  const queue = createClaimQueue(isHeard);
  /** Digests whose claims wait for no more of them. */
  const ready = new Set<Hex>();
  let running = false;
  let since = 0;

  const items = new WeakMap<Claim, FastItem | null>();

  const itemOf = (claim: Claim): FastItem | null => {
    const known = items.get(claim);
    if (known !== undefined) return known;
    const key = keyOf(claim.seat);
    const signature = signatureOf(claim.signature);
    const item = key !== null && signature !== null ? { key, signature } : null;
    items.set(claim, item);
    return item;
  };

  const breathe = async (isDue = now() - since >= BUDGET_MS) => {
    if (!isDue) return;
    await othersTurn();
    since = now();
  };

  const check = (shares: readonly Share[]): boolean => {
    const claims = shares.flatMap(({ waiting }) => waiting.map(({ claim }) => claim));
    const signed = claims.map(itemOf).filter((item) => item !== null);
    return (
      signed.length === claims.length &&
      fast.verifySameMessage(claims[0]!.digest, signed, signed.map(coefficient))
    );
  };

  /** By bisection between peers; a peer's own false claims are told apart in its own turns. */
  const judge = async (shares: readonly Share[]): Promise<void> => {
    await breathe();
    const waiting = shares.flatMap((share) => share.waiting);
    try {
      const isValid = check(shares);
      if (isValid || waiting.length === 1) for (const { resolve } of waiting) resolve(isValid);
      else if (shares.length === 1) {
        queue.putBack(shares[0]!);
        ready.add(shares[0]!.digest);
      } else {
        const middle = shares.length >> 1;
        await judge(shares.slice(0, middle));
        await judge(shares.slice(middle));
      }
      // Its bringer answers for a false one before more of his is looked at.
      await breathe(!isValid && waiting.length === 1);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  };

  const work = async (): Promise<void> => {
    since = now();
    try {
      for (let shares = next(); shares.length > 0; shares = next()) await judge(shares);
    } finally {
      ready.clear();
      running = false;
    }
  };

  /** What comes while these are checked is gathered anew. */
  const next = (): readonly Share[] => {
    const shares = queue.next(options.batch, ready);
    const [first] = shares;
    if (first !== undefined && queue.of(first.digest).length === 0) ready.delete(first.digest);
    return shares;
  };

  const begin = (digest: Hex): void => {
    ready.add(digest);
    if (running) return;
    running = true;
    setImmediate(() => void work());
  };
  const counted = (digest: Hex): readonly Claim[] =>
    queue.of(digest).filter(({ isCounted }) => isCounted);
  const gathering = createGathering(options, counted, begin);

  const verify = (claim: Claim, peer: string): Promise<boolean | null> => {
    const { promise, resolve, reject } = Promise.withResolvers<boolean | null>();
    const ofPeer = queue.add(peer, { claim, resolve, reject });
    if (ofPeer === null) return Promise.resolve(null);
    // Decoded as it comes: the last one to come waits for the sum alone.
    if (claim.isCounted && ofPeer <= DECODED) signatureOf(claim.signature);
    if (!ready.has(claim.digest)) gathering.add(claim);
    return promise;
  };

  return { verify, verifyAggregate: keyring.verifyAggregate, pending: queue.size };
}

/** 128 random bits, never zero. */
const coefficient = (): bigint => BigInt(`0x${randomBytes(16).toString('hex')}`) || 1n;
