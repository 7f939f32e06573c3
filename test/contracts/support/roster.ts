import { concatHex, type Hex, toHex } from 'viem';
import { type G1Words, type Key, rawG2, signDigest, sumOf } from './bls.ts';

/** A certificate as the contracts take it. */
export type CertificateArgs = {
  readonly listsSigners: boolean;
  readonly signature: G1Words;
  readonly seats: readonly bigint[];
};

/** A key in a page: nonce of the page, and how many keys come before it there. */
export type SeatAt = {
  readonly key: Key;
  readonly page: number;
  readonly place: number;
  readonly weight: number;
};

/** Words of a bitmap for `count` seats; empty when no seat is listed. */
export const bitmapOf = (seats: readonly number[], count: number): bigint[] => {
  if (seats.length === 0) return [];
  const words = Array.from({ length: Math.ceil(count / 256) }, () => 0n);
  for (const seat of seats)
    words[seat >> 8] = (words[seat >> 8] ?? 0n) | (1n << BigInt(seat & 255));
  return words;
};

/** A certificate of every seat but the absent ones, in the one form unless the other is asked for. */
export const certify = (
  digest: Hex,
  keys: readonly Key[],
  absent: readonly number[] = [],
  listsSigners = 2 * absent.length > keys.length,
): CertificateArgs => {
  const missing = new Set(absent);
  const signers = keys.map((_, seat) => seat).filter((seat) => !missing.has(seat));
  return {
    listsSigners,
    signature: signDigest(
      digest,
      keys.filter((_, seat) => !missing.has(seat)),
    ),
    seats: bitmapOf(listsSigners ? signers : absent, keys.length),
  };
};

/** Code of a page. */
export const pageCode = (keys: readonly Key[]): Hex =>
  concatHex(['0x00', ...keys.map((key) => key.raw)]);

/** Code of a roster. */
export const rosterCode = (seats: readonly SeatAt[]): Hex =>
  concatHex([
    '0x00',
    rawG2(sumOf(seats.map((seat) => seat.key)).negate()),
    toHex(
      seats.reduce((total, seat) => total + seat.weight, 0),
      { size: 8 },
    ),
    toHex(seats.length, { size: 2 }),
    ...seats.map((seat) =>
      concatHex([
        toHex(seat.page, { size: 3 }),
        toHex(seat.place, { size: 1 }),
        toHex(seat.weight, { size: 4 }),
      ]),
    ),
  ]);

/** Seats of these keys in pages of `perPage`, the first of which has nonce `firstPage`. */
export const seatsOf = (
  keys: readonly Key[],
  weightOf: (seat: number) => number,
  perPage = 127,
  firstPage = 1,
): SeatAt[] =>
  keys.map((key, seat) => ({
    key,
    page: firstPage + Math.floor(seat / perPage),
    place: seat % perPage,
    weight: weightOf(seat),
  }));

/** Which seats are absent when `count` of `seats` are, fixed by the two numbers. */
export const absentees = (count: number, seats: number): number[] =>
  Array.from({ length: seats }, (_, seat) => seat)
    .sort((a, b) => ((a * 7919 + 13) % 1009) - ((b * 7919 + 13) % 1009))
    .slice(0, count)
    .sort((a, b) => a - b);
