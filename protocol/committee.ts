import { type Hex, bytesToHex, getContractAddress, hexToBytes, keccak256 } from 'viem';
import { aggregateKeys, keyFromRaw, negatedRawKey } from './bls.ts';
import { type Decoded, accepted, refused } from './decoded.ts';
import { RAW_KEY_BYTES } from './points.ts';
import { MAX_SEATS, maxRungOf } from './quorum.ts';
import type { Committee, Seat } from './types.ts';

/** Why a contract's code is not a roster, or does not fit its pages. */
export type RosterRefusal =
  | 'ROSTER_LENGTH'
  | 'ROSTER_PREFIX'
  | 'ROSTER_EMPTY'
  | 'ROSTER_OVERSIZE'
  | 'ROSTER_TOTAL'
  | 'ROSTER_AGGREGATE'
  | 'PAGE_MISSING'
  | 'KEY_REFUSED'
  | 'KEY_TWICE';

// 0x00 ‖ negated aggregate key ‖ uint64 total weight ‖ uint16 seats ‖ seats.
const TOTAL_AT = 1 + RAW_KEY_BYTES;
const COUNT_AT = TOTAL_AT + 8;
const SEATS_AT = COUNT_AT + 2;
const SEAT_BYTES = 8;

/** Address of the page or roster that `committee` created at `nonce`. */
export const childAddress = (committee: Hex, nonce: number): Hex =>
  getContractAddress({ from: committee, nonce: BigInt(nonce) }).toLowerCase() as Hex;

/** Creation nonces of the pages a roster points into, ascending. */
export const rosterPages = (code: Hex): Decoded<readonly number[], RosterRefusal> => {
  const table = readTable(code);
  if (!table.ok) return table;
  return accepted([...new Set(table.value.seats.map(({ page }) => page))].sort((a, b) => a - b));
};

/** Whether a roster has a seat for the key at this place of a page. */
export const hasSeatAt = (code: Hex, page: number, place: number): boolean => {
  const table = readTable(code);
  return table.ok && table.value.seats.some((seat) => seat.page === page && seat.place === place);
};

/** The committee a roster's code describes, each key checked; `pages` is code by creation nonce. */
export const decodeRoster = (roster: {
  epoch: bigint;
  code: Hex;
  pages: ReadonlyMap<number, Hex>;
}): Decoded<Committee, RosterRefusal> => {
  const table = readTable(roster.code);
  if (!table.ok) return table;
  const { negatedSum, totalWeight, seats: entries } = table.value;
  const seats: Seat[] = [];
  for (const [index, entry] of entries.entries()) {
    const raw = readKey(roster.pages.get(entry.page), entry.place);
    if (raw === null) return refused('PAGE_MISSING');
    const key = keyFromRaw(raw);
    if (!key.ok) return refused('KEY_REFUSED');
    seats.push({ index, key: key.value, keyHash: keccak256(raw), weight: entry.weight });
  }
  if (new Set(seats.map(({ keyHash }) => keyHash)).size !== seats.length)
    return refused('KEY_TWICE');
  const weights = seats.map(({ weight }) => weight);
  if (weights.reduce((sum, weight) => sum + weight, 0n) !== totalWeight)
    return refused('ROSTER_TOTAL');
  const sum = negatedRawKey(aggregateKeys(seats.map(({ key }) => key)));
  if (bytesToHex(sum) !== bytesToHex(negatedSum)) return refused('ROSTER_AGGREGATE');
  return accepted({ epoch: roster.epoch, seats, totalWeight, maxRung: maxRungOf(weights) });
};

/** Creation nonce of the key's page, and how many keys come before it there. */
type Entry = Readonly<{ page: number; place: number; weight: bigint }>;
type Table = Readonly<{ negatedSum: Uint8Array; totalWeight: bigint; seats: readonly Entry[] }>;

const readTable = (code: Hex): Decoded<Table, RosterRefusal> => {
  const bytes = hexToBytes(code);
  if (bytes.length < SEATS_AT) return refused('ROSTER_LENGTH');
  if (bytes[0] !== 0) return refused('ROSTER_PREFIX');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = view.getUint16(COUNT_AT);
  if (count === 0) return refused('ROSTER_EMPTY');
  if (count > MAX_SEATS) return refused('ROSTER_OVERSIZE');
  if (bytes.length !== SEATS_AT + count * SEAT_BYTES) return refused('ROSTER_LENGTH');
  return accepted({
    negatedSum: bytes.subarray(1, TOTAL_AT),
    totalWeight: view.getBigUint64(TOTAL_AT),
    seats: Array.from({ length: count }, (_, index) =>
      readEntry(view, SEATS_AT + index * SEAT_BYTES),
    ),
  });
};

const readEntry = (view: DataView, at: number): Entry => ({
  page: view.getUint32(at) >>> 8,
  place: view.getUint8(at + 3),
  weight: BigInt(view.getUint32(at + 4)),
});

const readKey = (page: Hex | undefined, place: number): Uint8Array | null => {
  if (page === undefined) return null;
  const start = 2 + 2 * (1 + place * RAW_KEY_BYTES);
  const raw = page.slice(start, start + 2 * RAW_KEY_BYTES);
  return raw.length === 2 * RAW_KEY_BYTES ? hexToBytes(`0x${raw}`) : null;
};
