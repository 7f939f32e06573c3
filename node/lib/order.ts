import { concat, type Hex, hexToBigInt, keccak256, numberToHex } from 'viem';
import { createMemory } from '../../protocol/memory.ts';
import type { Committee } from '../../protocol/types.ts';
import { type OwnKeys, ownSeat } from './own-keys.ts';

/** Seats in the order in which they act on `digest`, the same for everybody: whoever has more stake is sooner first. */
export const orderOfSeats = (
  digest: Hex,
  { epoch, seats, totalWeight }: Committee,
): readonly number[] =>
  orders([digest, epoch, seats.length, totalWeight].join(), () =>
    seats
      .map(({ index, weight }) => ({ index, rank: rankOf(digest, index, weight) }))
      .sort((a, b) => a.rank - b.rank || a.index - b.index)
      .map(({ index }) => index),
  );

/**
 * -ln(u) / weight of a uniform u: the lowest is drawn with a chance of its share, and stake gains nothing by being split
 * over seats (Efraimidis and Spirakis 2006, Information Processing Letters 97:181).
 */
function rankOf(digest: Hex, seat: number, weight: bigint): number {
  const hash = keccak256(concat([digest, numberToHex(seat, { size: 2 })]));
  const uniform = (Number(hexToBigInt(hash) >> 203n) + 1) / 2 ** 53;
  return -Math.log(uniform) / Number(weight);
}

// Asked for at each attestation of a verdict.
const orders = createMemory<string, readonly number[]>(256);

/** How many seats go before the own one, those `without` a turn left out; all of them without a seat. */
export function turnOf(
  digest: Hex,
  committee: Committee,
  own: OwnKeys,
  without: readonly number[] = [],
): number {
  const seat = ownSeat(committee, own);
  const order = orderOfSeats(digest, committee).filter((index) => !without.includes(index));
  const turn = seat === null ? -1 : order.indexOf(seat.index);
  return turn < 0 ? order.length : turn;
}
