import type { Hex } from 'viem';
import { aggregate, verify, verifyAggregate } from '../../protocol/bls.ts';
import { checkCertificate, createCertificate } from '../../protocol/certificate.ts';
import { CERTIFICATE_AGE, hasQuorum } from '../../protocol/quorum.ts';
import type {
  Attestation,
  Certificate,
  Committee,
  Domain,
  Seat,
  Verdict,
} from '../../protocol/types.ts';
import { verdictDigest } from '../../protocol/verdict.ts';
import type { QuorumReached } from '../lib/pipeline.ts';

/** Verdicts a single seat may have open at once. */
const OPEN_PER_SEAT = 4096;

/** What the aggregator stands on. */
export type AggregatorDeps = Readonly<{
  domain: Domain;
  committeeOf(epoch: bigint): Committee | null;
  isStruck(epoch: bigint, seat: number): boolean;
  /** Told when the reference refuses a partial that the hot path had let through; it is not counted. */
  onRefused?(digest: Hex, seat: number): void;
}>;

/** Gathers the stake behind each verdict. */
export type Aggregator = ReturnType<typeof createAggregator>;

/** Sums verified signatures of one verdict; each digest comes out at most once, as a certificate. */
export function createAggregator({ domain, committeeOf, isStruck, onRefused }: AggregatorDeps) {
  type Tally = { verdict: Verdict; signatures: Map<number, Uint8Array>; refused: Set<number> };
  const tallies = new Map<Hex, Tally>();
  const certified = new Map<Hex, bigint>();
  const open = new Map<string, number>();

  /** Takes an attestation whose signature was verified, alone or in a batch with coefficients, and no other. */
  const add = (attestation: Attestation): QuorumReached | null => {
    const { verdict, seat, signature } = attestation;
    const digest = verdictDigest(domain, verdict);
    if (certified.has(digest)) return null;
    const committee = committeeOf(verdict.epoch);
    if (committee?.seats[seat] === undefined) return null;
    const tally = tallies.get(digest) ?? { verdict, signatures: new Map(), refused: new Set() };
    if (tally.signatures.has(seat) || tally.refused.has(seat) || !mayOpen(verdict, seat))
      return null;
    tallies.set(digest, tally);
    tally.signatures.set(seat, signature);
    return settle(digest, tally, committee);
  };

  const mayOpen = ({ epoch }: Verdict, seat: number): boolean => {
    const count = open.get(`${epoch}:${seat}`) ?? 0;
    if (count >= OPEN_PER_SEAT) return false;
    open.set(`${epoch}:${seat}`, count + 1);
    return true;
  };

  const counted = (tally: Tally, { epoch, seats }: Committee): readonly Seat[] =>
    seats.filter(({ index }) => tally.signatures.has(index) && !isStruck(epoch, index));

  /** The sum is verified by the reference implementation before it becomes a certificate. */
  const settle = (digest: Hex, tally: Tally, committee: Committee): QuorumReached | null => {
    const { verdict, signatures } = tally;
    if (verdict.rung > committee.maxRung) return null;
    const signers = counted(tally, committee);
    const signed = weightOf(signers);
    if (!hasQuorum(verdict.rung, signed, committee.totalWeight)) return null;
    const signature = aggregate(signers.map(({ index }) => signatures.get(index)!));
    if (
      !verifyAggregate(
        signers.map(({ key }) => key),
        digest,
        signature,
      )
    ) {
      expel(digest, tally, signers);
      return settle(digest, tally, committee);
    }
    const seatCount = committee.seats.length;
    const certificate = createCertificate({
      verdict,
      seatCount,
      signers: signers.map(({ index }) => index),
      signature,
    });
    finish(digest, verdict);
    return { digest, verdict, certificate, signed, total: committee.totalWeight };
  };

  /** Each partial alone, by the reference; at least one falls, so `settle` ends. */
  const expel = (digest: Hex, tally: Tally, signers: readonly Seat[]) => {
    const wrong = signers.filter(
      ({ index, key }) => !verify(key, digest, tally.signatures.get(index)!),
    );
    // Valid one by one and yet not in sum cannot be; were it so, nobody is credited.
    for (const { index } of wrong.length > 0 ? wrong : signers) {
      tally.signatures.delete(index);
      tally.refused.add(index);
      onRefused?.(digest, index);
    }
  };

  /** Takes a certificate from anybody, verifies it by the reference, and counts it like an own one. */
  const addCertificate = (certificate: Certificate): QuorumReached | null => {
    const { verdict } = certificate;
    const digest = verdictDigest(domain, verdict);
    const committee = committeeOf(verdict.epoch);
    if (certified.has(digest) || committee === null) return null;
    const checked = checkCertificate(domain, committee, certificate);
    if (!checked.ok) return null;
    finish(digest, verdict);
    return { digest, verdict, certificate, ...checked.value };
  };

  /** After a restart: digests whose certificates are already in the store. */
  const restore = (certificates: readonly Certificate[]) => {
    for (const { verdict } of certificates) finish(verdictDigest(domain, verdict), verdict);
  };

  const finish = (digest: Hex, { height }: Verdict) => {
    certified.set(digest, height);
    forget(digest);
  };

  const forget = (digest: Hex) => {
    const tally = tallies.get(digest);
    if (tally === undefined) return;
    tallies.delete(digest);
    for (const seat of [...tally.signatures.keys(), ...tally.refused]) {
      const key = `${tally.verdict.epoch}:${seat}`;
      const left = (open.get(key) ?? 0) - 1;
      if (left > 0) open.set(key, left);
      else open.delete(key);
    }
  };

  /** Forgets verdicts whose certificates the registry would refuse for their age. */
  const prune = (head: bigint) => {
    for (const [digest, { verdict }] of tallies)
      if (verdict.height + CERTIFICATE_AGE < head) forget(digest);
    for (const [digest, height] of certified)
      if (height + 2n * CERTIFICATE_AGE < head) certified.delete(digest);
  };

  /** Weight gathered behind a digest that has no certificate yet. */
  const progress = (digest: Hex): Readonly<{ signed: bigint; total: bigint }> | null => {
    const tally = tallies.get(digest);
    const committee = tally === undefined ? null : committeeOf(tally.verdict.epoch);
    if (tally === undefined || committee === null) return null;
    return { signed: weightOf(counted(tally, committee)), total: committee.totalWeight };
  };

  return { add, addCertificate, restore, prune, progress, size: () => tallies.size };
}

const weightOf = (seats: readonly Seat[]): bigint =>
  seats.reduce((sum, { weight }) => sum + weight, 0n);
