import type { Hex } from 'viem';
import { verify } from '../../protocol/bls.ts';
import type { FastSignature } from '../../protocol/bls-fast.ts';
import {
  checkCertificate,
  createCertificate,
  quorumRung,
  signedWeight,
  signersOf,
} from '../../protocol/certificate.ts';
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
import type { Keyring } from '../lib/keyring.ts';
import { isFull, isOpinion, RAISED } from '../lib/opinion.ts';
import type { CoveredRule, QuorumReached } from '../lib/pipeline.ts';
import { createOpenings } from './openings.ts';
import { emptyTally, type Tally, weightOf } from './tally.ts';

/** What the aggregator stands on. */
export type AggregatorDeps = Readonly<{
  domain: Domain;
  keyring: Keyring;
  committeeOf(epoch: bigint): Committee | null;
  isStruck(epoch: bigint, seat: number): boolean;
  /** The rule of a verdict as the newest block has it. */
  ruleOf?(coverageId: Hex, ruleId: Hex): CoveredRule | null;
  /** Told of a partial that was let through and spoilt the sum; it is not counted. */
  onRefused?(digest: Hex, seat: number): void;
}>;

/** Gathers the stake behind each verdict. */
export type Aggregator = ReturnType<typeof createAggregator>;

/**
 * Sums verified signatures of one verdict; a digest comes out as a certificate once, and again only when strikes have
 * taken its quorum away and others' signatures can carry it: a liar must not take an alarm down with him. A class B
 * verdict of rung 2 comes out once more when more than two thirds have signed it, for only then may it raise the rung.
 */
export function createAggregator({
  domain,
  keyring,
  committeeOf,
  isStruck,
  ruleOf = () => null,
  onRefused,
}: AggregatorDeps) {
  const { fast } = keyring;
  const tallies = new Map<Hex, Tally>();
  const openings = createOpenings();

  /** Takes an attestation whose signature was verified, alone or in a batch with coefficients, and no other. */
  const add = (attestation: Attestation): QuorumReached | null => {
    const { verdict, seat, signature } = attestation;
    const digest = verdictDigest(domain, verdict);
    const committee = committeeOf(verdict.epoch);
    if (committee?.seats[seat] === undefined) return null;
    const tally = tallies.get(digest) ?? emptyTally(verdict);
    if (tally.partials.has(seat) || tally.refused.has(seat) || !openings.add(verdict, seat))
      return null;
    tallies.set(digest, tally);
    const point = keyring.signatureOf(signature);
    if (point === null) {
      refuse(digest, tally, seat);
      return null;
    }
    tally.partials.set(seat, { signature, point });
    return settle(digest, tally, committee);
  };

  const unstruck = (certificate: Certificate, committee: Committee): bigint =>
    signedWeight(committee, certificate, (seat) => isStruck(committee.epoch, seat));

  /** The rung whose quorum is wanted next: the verdict's own until a certificate has it that the registry would still count. */
  const wanted = ({ verdict, certificate }: Tally, committee: Committee): number | null => {
    const signed = certificate === null ? 0n : unstruck(certificate, committee);
    const rung = quorumRung(verdict, committee);
    if (!hasQuorum(rung, signed, committee.totalWeight)) return rung;
    const { coverageId, ruleId } = verdict;
    return isOpinion(ruleOf(coverageId, ruleId)) && !isFull(committee, signed) ? RAISED : null;
  };

  const suffices = (rung: number | null, signed: bigint, { maxRung, totalWeight }: Committee) =>
    rung !== null && rung <= maxRung && hasQuorum(rung, signed, totalWeight);

  const counted = (tally: Tally, { epoch, seats }: Committee): readonly Seat[] =>
    seats.filter(({ index }) => tally.partials.has(index) && !isStruck(epoch, index));

  const settle = (digest: Hex, tally: Tally, committee: Committee): QuorumReached | null => {
    const signers = counted(tally, committee);
    if (!suffices(wanted(tally, committee), weightOf(signers), committee)) return null;
    const points = signers.map(({ index }) => tally.partials.get(index)!.point);
    const reached = certify(digest, tally, committee, signers, points);
    if (reached !== null) return reached;
    expel(digest, tally, signers);
    return settle(digest, tally, committee);
  };

  /** The sum is verified itself, once, before it becomes a certificate; null when it is none. */
  const certify = (
    digest: Hex,
    tally: Tally,
    { seats, totalWeight }: Committee,
    signers: readonly Seat[],
    points: readonly FastSignature[],
  ): QuorumReached | null => {
    const { verdict } = tally;
    const signature = fast.encodeSignature(fast.sumSignatures(points));
    if (!keyring.verifyAggregate(digest, signers, signature)) return null;
    const certificate = createCertificate({
      verdict,
      seatCount: seats.length,
      signers: signers.map(({ index }) => index),
      signature,
    });
    tally.certificate = certificate;
    return { digest, verdict, certificate, signed: weightOf(signers), total: totalWeight };
  };

  /**
   * A certificate of what is counted and of signatures that nobody has verified one by one: their sum is, which costs
   * half as much. Null when one of them spoils it; none of them is counted for it.
   */
  const carry = (
    verdict: Verdict,
    digest: Hex,
    claims: readonly Readonly<{ seat: Seat; signature: Uint8Array }>[],
  ): QuorumReached | null => {
    const committee = committeeOf(verdict.epoch);
    if (committee === null) return null;
    const tally = tallies.get(digest) ?? emptyTally(verdict);
    const points = new Map(
      counted(tally, committee).map(({ index }) => [index, tally.partials.get(index)!.point]),
    );
    for (const { seat, signature } of claims) {
      const { index } = seat;
      if (points.has(index) || tally.refused.has(index) || isStruck(verdict.epoch, index)) continue;
      const point = keyring.signatureOf(signature);
      if (point === null) return null;
      points.set(index, point);
    }
    const signers = committee.seats.filter(({ index }) => points.has(index));
    if (!suffices(wanted(tally, committee), weightOf(signers), committee)) return null;
    const summed = signers.map(({ index }) => points.get(index)!);
    const reached = certify(digest, tally, committee, signers, summed);
    if (reached !== null) tallies.set(digest, tally);
    return reached;
  };

  /** Each partial alone, by the reference; at least one falls, so `settle` ends. */
  const expel = (digest: Hex, tally: Tally, signers: readonly Seat[]) => {
    const wrong = signers.filter(
      ({ index, key }) => !verify(key, digest, tally.partials.get(index)!.signature),
    );
    // Valid one by one and yet not in sum cannot be; were it so, nobody is credited.
    for (const { index } of wrong.length > 0 ? wrong : signers) refuse(digest, tally, index);
  };

  const refuse = (digest: Hex, tally: Tally, seat: number) => {
    tally.partials.delete(seat);
    tally.refused.add(seat);
    onRefused?.(digest, seat);
  };

  /** Takes a certificate from anybody, verifies it, and counts it like an own one. */
  const addCertificate = (certificate: Certificate): QuorumReached | null => {
    const { verdict } = certificate;
    const digest = verdictDigest(domain, verdict);
    const committee = committeeOf(verdict.epoch);
    const tally = tallies.get(digest) ?? emptyTally(verdict);
    if (committee === null) return null;
    const signed = unstruck(certificate, committee);
    if (!suffices(wanted(tally, committee), signed, committee)) return null;
    if (!checkCertificate(domain, committee, certificate, keyring.verifyAggregate).ok) return null;
    tallies.set(digest, tally);
    tally.certificate = certificate;
    return { digest, verdict, certificate, signed, total: committee.totalWeight };
  };

  /** A certificate of all who are known to have signed a verdict, few as they may be; null where nobody has. */
  const gathered = (digest: Hex): QuorumReached | null => {
    const tally = tallies.get(digest);
    const committee = tally === undefined ? null : committeeOf(tally.verdict.epoch);
    if (tally === undefined || committee === null) return null;
    const { verdict, certificate } = tally;
    const known = new Set(certificate === null ? [] : signersOf(certificate));
    const added = counted(tally, committee).filter(({ index }) => !known.has(index));
    const signers = [...committee.seats.filter(({ index }) => known.has(index)), ...added];
    const [signed, total] = [weightOf(signers), committee.totalWeight];
    if (certificate !== null && added.length === 0)
      return { digest, verdict, certificate, signed, total };
    if (added.length === 0) return null;
    const former = certificate === null ? [] : [keyring.signatureOf(certificate.signature)!];
    const points = added.map(({ index }) => tally.partials.get(index)!.point);
    const reached = certify(digest, tally, committee, signers, [...former, ...points]);
    if (reached !== null) return reached;
    expel(digest, tally, added);
    return gathered(digest);
  };

  /** Whether nothing newer was reached of its verdict. */
  const isNewest = ({ digest, certificate }: QuorumReached): boolean =>
    tallies.get(digest)?.certificate === certificate;

  /** Takes back what nobody has taken care of: it can be reached again. */
  const lose = (reached: QuorumReached): void => {
    if (isNewest(reached)) tallies.get(reached.digest)!.certificate = null;
  };

  /** New certificates of verdicts whose own have lost their quorum by a strike: call it when seats were struck. */
  const reconsider = (): readonly QuorumReached[] =>
    [...tallies].flatMap(([digest, tally]) => {
      const committee = committeeOf(tally.verdict.epoch);
      if (tally.certificate === null || committee === null) return [];
      return settle(digest, tally, committee) ?? [];
    });

  /** After a restart: digests whose certificates are already in the store. */
  const restore = (certificates: readonly Certificate[]) => {
    for (const certificate of certificates)
      tallies.set(verdictDigest(domain, certificate.verdict), {
        ...emptyTally(certificate.verdict),
        certificate,
      });
  };

  const forget = (digest: Hex) => {
    const tally = tallies.get(digest);
    if (tally === undefined) return;
    tallies.delete(digest);
    for (const seat of [...tally.partials.keys(), ...tally.refused])
      openings.remove(tally.verdict, seat);
  };

  /** Forgets verdicts whose certificates the registry would refuse for their age. */
  const prune = (head: bigint) => {
    for (const [digest, { verdict }] of tallies)
      if (verdict.height + CERTIFICATE_AGE < head) forget(digest);
  };

  /** Whether these seats, with those counted, would carry a verdict: nothing is counted by asking. */
  const wouldCarry = (verdict: Verdict, digest: Hex, seats: readonly Seat[]): boolean => {
    const committee = committeeOf(verdict.epoch);
    if (committee === null) return false;
    const tally = tallies.get(digest) ?? emptyTally(verdict);
    const added = new Set(seats.map(({ index }) => index));
    const signed = committee.seats.filter(
      ({ index }) =>
        (tally.partials.has(index) || (added.has(index) && !tally.refused.has(index))) &&
        !isStruck(committee.epoch, index),
    );
    return suffices(wanted(tally, committee), weightOf(signed), committee);
  };

  /** Whether a verdict wants no more signatures than it has. */
  const isCarried = (verdict: Verdict, digest: Hex): boolean => {
    const [tally, committee] = [tallies.get(digest), committeeOf(verdict.epoch)];
    return tally !== undefined && committee !== null && wanted(tally, committee) === null;
  };

  return {
    add,
    addCertificate,
    wouldCarry,
    carry,
    gathered,
    isCarried,
    isNewest,
    lose,
    reconsider,
    restore,
    prune,
    size: () => tallies.size,
  };
}
