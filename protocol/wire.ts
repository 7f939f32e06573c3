import { type Hex, bytesToHex, hexToBytes } from 'viem';
import { isCanonical } from './certificate.ts';
import { type Decoded, accepted, refused } from './decoded.ts';
import { faults } from './fault.ts';
import { type PointRefusal, SIGNATURE_BYTES, refusePoint } from './points.ts';
import { MAX_SEATS } from './quorum.ts';
import { isRollCall } from './roll-call.ts';
import type { Attestation, Certificate, Verdict } from './types.ts';

const fault = faults<{
  FIELD_OUT_OF_RANGE: { field: string; value: bigint | number | string };
  SIGNATURE_REFUSED: { reason: PointRefusal };
  NOT_CANONICAL: { seatCount: number; listsSigners: boolean; listed: number };
}>();

/** Why bytes are not a message. Signatures were looked at, but not put on the curve. */
export type WireRefusal =
  | 'LENGTH'
  | 'VERSION'
  | 'RUNG'
  | 'SEAT'
  | 'SEAT_COUNT'
  | 'FLAG'
  | 'SEATS_UNKNOWN'
  | 'NOT_CANONICAL'
  | PointRefusal;

/** Bytes of each message; certificates grow by a bit a seat. */
export const VERDICT_BYTES = 189;
export const ATTESTATION_BYTES = 240;
export const MAX_CERTIFICATE_BYTES = 241 + MAX_SEATS / 8;

const VERSION = 1;
const HEAD = 1 + VERDICT_BYTES;

// Big-endian and without gaps, in this order.
const layout = [
  ['observedChainId', 8],
  ['coverageId', 32],
  ['ruleId', 32],
  ['blockHash', 32],
  ['subject', 32],
  ['height', 8],
  ['epoch', 8],
  ['rung', 1],
  ['life', 4],
  ['claimsRoot', 32],
] as const satisfies readonly (readonly [keyof Verdict, number])[];

/** 189 bytes. */
export const encodeVerdict = (verdict: Verdict): Uint8Array => {
  if (!hasRung(verdict)) throw fault('FIELD_OUT_OF_RANGE', { field: 'rung', value: verdict.rung });
  return join(layout.map(([field, size]) => fixed(field, verdict[field], size)));
};

/** A verdict of exactly 189 bytes. */
export const decodeVerdict = (bytes: Uint8Array): Decoded<Verdict, WireRefusal> => {
  if (bytes.length !== VERDICT_BYTES) return refused('LENGTH');
  const hex = bytesToHex(bytes).slice(2);
  let at = 0;
  const take = (size: number): Hex => `0x${hex.slice(2 * at, 2 * (at += size))}`;
  const verdict: Verdict = {
    observedChainId: BigInt(take(8)),
    coverageId: take(32),
    ruleId: take(32),
    blockHash: take(32),
    subject: take(32),
    height: BigInt(take(8)),
    epoch: BigInt(take(8)),
    rung: Number(take(1)),
    life: Number(take(4)),
    claimsRoot: take(32),
  };
  return hasRung(verdict) ? accepted(verdict) : refused('RUNG');
};

/** 240 bytes. */
export const encodeAttestation = ({ verdict, seat, signature }: Attestation): Uint8Array => {
  if (seat >= MAX_SEATS) throw fault('FIELD_OUT_OF_RANGE', { field: 'seat', value: seat });
  return join([
    Uint8Array.of(VERSION),
    encodeVerdict(verdict),
    fixed('seat', seat, 2),
    whole(signature),
  ]);
};

/** An attestation of exactly 240 bytes. */
export const decodeAttestation = (bytes: Uint8Array): Decoded<Attestation, WireRefusal> => {
  if (bytes.length !== ATTESTATION_BYTES) return refused('LENGTH');
  if (bytes[0] !== VERSION) return refused('VERSION');
  const verdict = decodeVerdict(bytes.subarray(1, HEAD));
  if (!verdict.ok) return verdict;
  const seat = uint16(bytes, HEAD);
  if (seat >= MAX_SEATS) return refused('SEAT');
  const signature = bytes.slice(HEAD + 2);
  const reason = refusePoint(signature, SIGNATURE_BYTES);
  return reason === null ? accepted({ verdict: verdict.value, seat, signature }) : refused(reason);
};

/** 241 bytes and a bit a seat, rounded up. */
export const encodeCertificate = (certificate: Certificate): Uint8Array => {
  const { verdict, listsSigners, seatCount, seats, signature } = certificate;
  if (!isCanonical(certificate))
    throw fault('NOT_CANONICAL', { seatCount, listsSigners, listed: seats.length });
  const bitmap = new Uint8Array(Math.ceil(seatCount / 8));
  for (const seat of seats) bitmap[seat >> 3] = (bitmap[seat >> 3] ?? 0) | (1 << (seat & 7));
  return join([
    Uint8Array.of(VERSION),
    encodeVerdict(verdict),
    Uint8Array.of(listsSigners ? 1 : 0),
    fixed('seatCount', seatCount, 2),
    bitmap,
    whole(signature),
  ]);
};

/** A certificate in its one form, of exactly as many bytes as its seat count asks. */
export const decodeCertificate = (bytes: Uint8Array): Decoded<Certificate, WireRefusal> => {
  if (bytes.length < HEAD + 3 || bytes.length > MAX_CERTIFICATE_BYTES) return refused('LENGTH');
  if (bytes[0] !== VERSION) return refused('VERSION');
  const verdict = decodeVerdict(bytes.subarray(1, HEAD));
  if (!verdict.ok) return verdict;
  const flag = bytes[HEAD] ?? 0;
  if (flag > 1) return refused('FLAG');
  const seatCount = uint16(bytes, HEAD + 1);
  if (seatCount === 0 || seatCount > MAX_SEATS) return refused('SEAT_COUNT');
  const end = HEAD + 3 + Math.ceil(seatCount / 8);
  if (bytes.length !== end + SIGNATURE_BYTES) return refused('LENGTH');
  const seats = bitsOf(bytes.subarray(HEAD + 3, end));
  if ((seats.at(-1) ?? 0) >= seatCount) return refused('SEATS_UNKNOWN');
  const signature = bytes.slice(end);
  const reason = refusePoint(signature, SIGNATURE_BYTES);
  if (reason !== null) return refused(reason);
  const certificate = {
    verdict: verdict.value,
    listsSigners: flag === 1,
    seatCount,
    seats,
    signature,
  };
  return isCanonical(certificate) ? accepted(certificate) : refused('NOT_CANONICAL');
};

/** One that trips nothing is a roll call. */
const hasRung = (verdict: Verdict): boolean =>
  [1, 2, 3].includes(verdict.rung) || isRollCall(verdict);

const fixed = (field: string, value: bigint | number | Hex, size: number): Uint8Array => {
  const fits =
    typeof value === 'string'
      ? new RegExp(`^0x[0-9a-fA-F]{${2 * size}}$`).test(value)
      : (typeof value === 'bigint' || Number.isSafeInteger(value)) &&
        value >= 0 &&
        BigInt(value) < 1n << BigInt(8 * size);
  if (!fits) throw fault('FIELD_OUT_OF_RANGE', { field, value });
  const hex =
    typeof value === 'string' ? value.slice(2) : value.toString(16).padStart(2 * size, '0');
  return hexToBytes(`0x${hex}`);
};

const whole = (signature: Uint8Array): Uint8Array => {
  const reason = refusePoint(signature, SIGNATURE_BYTES);
  if (reason !== null) throw fault('SIGNATURE_REFUSED', { reason });
  return signature;
};

const uint16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

const bitsOf = (bitmap: Uint8Array): number[] =>
  Array.from({ length: 8 * bitmap.length }, (_, bit) => bit).filter(
    (bit) => ((bitmap[bit >> 3] ?? 0) >> (bit & 7)) & 1,
  );

const join = (parts: readonly Uint8Array[]): Uint8Array => {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};
