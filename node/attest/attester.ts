import type { Hex } from 'viem';
import { bytesToHex, hexToBytes } from 'viem';
import { keyHash as hashOfKey, publicKeyOf, signPoint } from '../../protocol/bls.ts';
import { rollCallOf } from '../../protocol/roll-call.ts';
import type { Attestation, Committee, Domain, Verdict } from '../../protocol/types.ts';
import { claimsRoot, keyDigest, verdictDigest } from '../../protocol/verdict.ts';
import { decodeVerdict, encodeVerdict } from '../../protocol/wire.ts';
import { type OwnKeys, ownSeat } from '../lib/own-keys.ts';
import type { Finding, Roll } from '../lib/pipeline.ts';
import type { Protection } from '../store/protection.ts';

/** What became of a finding; `attested` and `again` made a signature. */
export type AttestOutcome =
  | 'attested'
  | 'again'
  | 'conflict'
  | 'stale'
  | 'no-committee'
  | 'no-seat';

/** What the attester stands on. */
export type AttesterDeps = Readonly<{
  domain: Domain;
  /** One, or two while the watcher's key is rotated. */
  secretKeys: readonly Uint8Array[];
  /** The point of G1 that a digest hashes to. */
  hash(digest: Hex): Uint8Array;
  protection: Pick<Protection, 'record' | 'records'>;
  committeeOf(epoch: bigint): Committee | null;
  onOutcome?(outcome: AttestOutcome, digest: Hex): void;
}>;

/** Turns findings into attestations: the record is on disk before the signature exists. */
export type Attester = ReturnType<typeof createAttester>;

/**
 * The only holder of the BLS signing keys. Each verdict is of one epoch, and is signed with the key that its roster seats;
 * the record is of verdicts, whichever key signs them.
 */
export function createAttester({
  domain,
  secretKeys,
  hash,
  protection,
  committeeOf,
  onOutcome,
}: AttesterDeps) {
  const secrets = new Map(secretKeys.map((secret) => [hashOfKey(publicKeyOf(secret)), secret]));
  const own: OwnKeys = new Set(secrets.keys());

  const seatOf = (committee: Committee | null): number | null =>
    ownSeat(committee, own)?.index ?? null;

  const say = async (verdict: Verdict): Promise<Attestation | null> => {
    const digest = verdictDigest(domain, verdict);
    const report = (outcome: AttestOutcome): null => {
      onOutcome?.(outcome, digest);
      return null;
    };
    const committee = committeeOf(verdict.epoch);
    if (committee === null) return report('no-committee');
    const seat = ownSeat(committee, own);
    if (seat === null) return report('no-seat');
    const payload = bytesToHex(encodeVerdict(verdict));
    const permission = await protection.record(
      keyDigest(domain, verdict),
      digest,
      verdict.height,
      payload,
    );
    if (permission === 'conflict' || permission === 'stale') return report(permission);
    const signature = signPoint(secrets.get(seat.keyHash)!, hash(digest));
    report(permission === 'same' ? 'again' : 'attested');
    return { verdict, seat: seat.index, signature };
  };

  /** Null when it abstains; the same finding twice gives the same bytes twice. */
  const attest = (finding: Finding): Promise<Attestation | null> => say(verdictOf(finding));

  /** The same of a roll call. */
  const answer = (roll: Roll): Promise<Attestation | null> => say(rollCallOf(roll));

  /** After a restart: what was recorded from `fromHeight` on, signed again, since it may never have been published. */
  const resume = async (fromHeight: bigint): Promise<readonly Attestation[]> => {
    const attestations: Attestation[] = [];
    for await (const { payload } of protection.records(fromHeight)) {
      const verdict = decodeVerdict(hexToBytes(payload));
      if (!verdict.ok) continue;
      const attestation = await say(verdict.value);
      if (attestation !== null) attestations.push(attestation);
    }
    return attestations;
  };

  return { own, seatOf, attest, answer, resume };
}

/** The one verdict that says a finding. */
export function verdictOf({ block, epoch, covered, values }: Finding): Verdict {
  return {
    observedChainId: block.chainId,
    coverageId: covered.coverageId,
    ruleId: covered.ruleId,
    blockHash: block.hash,
    subject: NO_SUBJECT,
    height: block.height,
    epoch,
    rung: covered.rule.rung,
    life: covered.rule.life,
    claimsRoot: claimsRoot(values),
  };
}

const NO_SUBJECT: Hex = `0x${'00'.repeat(32)}`;
