import type { Hex } from 'viem';
import { keepNewest } from '../lib/keep-newest.ts';
import type { Claim } from './verification.ts';

/** Longest that claims wait for others of their digest. */
const LONGEST_MS = 1_000;
/** Digests whose waits are remembered. */
const REMEMBERED = 1_024;

/** How claims are gathered. */
export type GatheringOptions = Readonly<{
  /** For how long after the first of a digest; the next of it for twice as long, and so on. */
  windowMs: number;
  /** The same for claims that nobody waits for. */
  lateMs?: number;
  isLate?(claim: Claim): boolean;
  /** Whether claims of one digest would carry its verdict: they wait for no other. */
  isEnough?(claims: readonly Claim[]): boolean;
  /** Carries it by their sum, unless one of them is false; then they are not looked at one by one until it is late. */
  carry?(claims: readonly Claim[]): boolean;
  /** Milliseconds for which a node leaves it to others to carry a verdict. */
  patience?(claim: Claim): number;
}>;

/** `isLast` is a wait that nothing shortens. */
type Wait = Readonly<{ timer: NodeJS.Timeout; patience: number; isLast: boolean; isLate: boolean }>;

/**
 * When claims are looked at: a check of one costs as much as one of many, and on a busy machine they come over seconds.
 * `look` is told of a digest whose claims have waited as long as they should, `waiting` says what waits.
 */
export function createGathering(
  options: GatheringOptions,
  waiting: (digest: Hex) => readonly Claim[],
  look: (digest: Hex) => void,
) {
  const { windowMs, lateMs = windowMs, patience = () => 0 } = options;
  const { isLate = () => false, isEnough = () => false, carry = () => false } = options;
  const waits = new Map<Hex, Wait>();
  const windows = new Map<Hex, number>();

  const late = { patience: 0, isLast: true, isLate: true };

  const start = (claim: Claim, ms: number, wait: Omit<Wait, 'timer'>): Wait => {
    clearTimeout(waits.get(claim.digest)?.timer);
    const timer = setTimeout(() => end(claim, wait.isLate), ms);
    const started = { ...wait, timer };
    waits.set(claim.digest, started);
    return started;
  };

  const end = (claim: Claim, wasLate: boolean): void => {
    const { digest } = claim;
    const isCarried = () => {
      // Somebody may have carried it meanwhile.
      if (isLate(claim)) return true;
      const claims = waiting(digest);
      return isEnough(claims) && carry(claims);
    };
    if (!wasLate && isCarried()) return void start(claim, lateMs, late);
    clearTimeout(waits.get(digest)?.timer);
    waits.delete(digest);
    look(digest);
  };

  const windowOf = ({ digest }: Claim): number => {
    const ms = windows.get(digest) ?? windowMs;
    windows.set(digest, Math.min(2 * ms, LONGEST_MS));
    keepNewest(windows, REMEMBERED);
    return ms;
  };

  const begin = (claim: Claim): Wait => {
    if (isLate(claim)) return start(claim, lateMs, late);
    const own = patience(claim);
    const ms = Math.max(windowOf(claim), own);
    return start(claim, ms, { patience: own, isLast: false, isLate: false });
  };

  /** Takes note of a claim that waits. */
  const add = (claim: Claim): void => {
    const { digest } = claim;
    const wait = waits.get(digest) ?? begin(claim);
    if (wait.isLast || !isEnough(waiting(digest))) return;
    if (wait.patience === 0) end(claim, false);
    else start(claim, wait.patience, { ...wait, isLast: true });
  };

  return { add };
}
