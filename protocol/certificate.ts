import type { Hex } from 'viem';
import { evmSignature, signatureFromEvm, verifyAggregate } from './bls.ts';
import { type Decoded, accepted, refused } from './decoded.ts';
import { faults } from './fault.ts';
import type { PointRefusal } from './points.ts';
import { MAX_SEATS, hasQuorum } from './quorum.ts';
import { isRollCall } from './roll-call.ts';
import type { Certificate, Committee, Domain, Seat, Verdict } from './types.ts';
import { verdictDigest } from './verdict.ts';

const fault = faults<{
  SEATS_INVALID: { seatCount: number; seats: readonly number[] };
  NOT_CANONICAL: { seatCount: number; listsSigners: boolean; listed: number };
}>();

/** Why a certificate does not count. */
export type CertificateRefusal =
  | 'SEAT_COUNT'
  | 'NOT_CANONICAL'
  | 'EPOCH'
  | 'RUNG_ABOVE_ROSTER'
  | 'QUORUM_MISSED'
  | 'SIGNATURE_INVALID';

/** The one form of a certificate: lists the signers only when they are fewer than the absent. */
export const createCertificate = (parts: {
  verdict: Verdict;
  seatCount: number;
  signers: readonly number[];
  signature: Uint8Array;
}): Certificate => {
  const { verdict, seatCount, signature } = parts;
  const signers = [...parts.signers].sort((a, b) => a - b);
  if (!areSeats(signers, seatCount) || signers.length === 0)
    throw fault('SEATS_INVALID', { seatCount, seats: parts.signers });
  const absent = without(signers, seatCount);
  const listsSigners = signers.length < absent.length;
  return { verdict, listsSigners, seatCount, seats: listsSigners ? signers : absent, signature };
};

/** Whether listing is in the one form, of seats that exist, ascending, and somebody signed. */
export const isCanonical = ({ listsSigners, seatCount, seats }: Listing): boolean => {
  if (!areSeats(seats, seatCount)) return false;
  const others = seatCount - seats.length;
  return listsSigners
    ? seats.length > 0 && seats.length < others
    : others > 0 && seats.length <= others;
};

/** The seats that signed, ascending. */
export const signersOf = ({ listsSigners, seatCount, seats }: Listing): readonly number[] =>
  listsSigners ? seats : without(seats, seatCount);

/** Weight of the seats that signed, less those that were struck for a proven lie. */
export const signedWeight = (
  committee: Committee,
  certificate: Listing,
  isStruck: (seat: number) => boolean = () => false,
): bigint =>
  signersOf(certificate)
    .filter((seat) => !isStruck(seat))
    .reduce((sum, seat) => sum + (committee.seats[seat]?.weight ?? 0n), 0n);

/**
 * The rung whose quorum a verdict wants before all are told of it. The chain wants none of a roll call: that of the
 * highest rung which the roster arms spares most of its signatures being told to everybody.
 */
export const quorumRung = (verdict: Verdict, { maxRung }: Committee): number =>
  isRollCall(verdict) ? maxRung : verdict.rung;

/** Everything the chain will check that follows from the bytes; the pairing by the reference unless told otherwise. */
export const checkCertificate = (
  domain: Domain,
  committee: Committee,
  certificate: Certificate,
  isSigned = isSignedByAll,
): Decoded<{ signed: bigint; total: bigint }, CertificateRefusal> => {
  const { verdict, signature } = certificate;
  if (certificate.seatCount !== committee.seats.length) return refused('SEAT_COUNT');
  if (!isCanonical(certificate)) return refused('NOT_CANONICAL');
  if (verdict.epoch !== committee.epoch) return refused('EPOCH');
  if (verdict.rung > committee.maxRung) return refused('RUNG_ABOVE_ROSTER');
  const signed = signedWeight(committee, certificate);
  const rung = quorumRung(verdict, committee);
  if (!hasQuorum(rung, signed, committee.totalWeight)) return refused('QUORUM_MISSED');
  const signers = new Set(signersOf(certificate));
  const seats = committee.seats.filter(({ index }) => signers.has(index));
  return isSigned(verdictDigest(domain, verdict), seats, signature)
    ? accepted({ signed, total: committee.totalWeight })
    : refused('SIGNATURE_INVALID');
};

const isSignedByAll = (digest: Hex, seats: readonly Seat[], signature: Uint8Array): boolean =>
  verifyAggregate(
    seats.map(({ key }) => key),
    digest,
    signature,
  );

/** A certificate as the contracts take it, beside its verdict. */
export type EvmCertificate = Readonly<{
  listsSigners: boolean;
  signature: readonly [bigint, bigint, bigint, bigint];
  seats: readonly bigint[];
}>;

/** The arguments of the registry's `submit`. */
export const evmCertificate = (certificate: Certificate): readonly [Verdict, EvmCertificate] => {
  const { verdict, listsSigners, seatCount, seats, signature } = certificate;
  if (!isCanonical(certificate))
    throw fault('NOT_CANONICAL', { seatCount, listsSigners, listed: seats.length });
  return [
    verdict,
    { listsSigners, signature: evmSignature(signature), seats: seatWords(seats, seatCount) },
  ];
};

/** The inverse, of foreign words and for a roster of so many seats. */
export const certificateFromEvm = (
  verdict: Verdict,
  { listsSigners, signature, seats }: EvmCertificate,
  seatCount: number,
): Decoded<Certificate, PointRefusal | 'NOT_CANONICAL'> => {
  const point = signatureFromEvm(signature);
  if (!point.ok) return point;
  const listed = seatsOfWords(seats, seatCount);
  const certificate = { verdict, listsSigners, seatCount, seats: listed, signature: point.value };
  return isCanonical(certificate) ? accepted(certificate) : refused('NOT_CANONICAL');
};

/** Seats as the contracts list them: nothing when none is listed, else a bit a seat. */
export const seatWords = (seats: readonly number[], seatCount: number): bigint[] => {
  if (seats.length === 0) return [];
  const words = Array.from({ length: Math.ceil(seatCount / 256) }, () => 0n);
  for (const seat of seats)
    words[seat >> 8] = (words[seat >> 8] ?? 0n) | (1n << BigInt(seat & 255));
  return words;
};

/** The inverse of `seatWords`; bits past `seatCount` are dropped. */
export const seatsOfWords = (words: readonly bigint[], seatCount: number): number[] =>
  range(seatCount).filter((seat) => (((words[seat >> 8] ?? 0n) >> BigInt(seat & 255)) & 1n) === 1n);

type Listing = Pick<Certificate, 'listsSigners' | 'seatCount' | 'seats'>;

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const without = (seats: readonly number[], seatCount: number): number[] => {
  const listed = new Set(seats);
  return range(seatCount).filter((seat) => !listed.has(seat));
};

const areSeats = (seats: readonly number[], seatCount: number): boolean =>
  Number.isInteger(seatCount) &&
  seatCount > 0 &&
  seatCount <= MAX_SEATS &&
  seats.every(
    (seat, index) =>
      Number.isInteger(seat) &&
      seat > (index === 0 ? -1 : (seats[index - 1] ?? -1)) &&
      seat < seatCount,
  );
