import { concat, type Hex, keccak256, numberToHex } from 'viem';
import { createMemory } from '../../protocol/memory.ts';
import type { Committee } from '../../protocol/types.ts';

/** Seats in the order in which they act on `digest`: by keccak256(digest, seat), the same for everybody. */
export const orderOfSeats = (digest: Hex, seats: number): readonly number[] =>
  orders(`${digest}${seats}`, () =>
    Array.from({ length: seats }, (_, seat) => seat)
      .map((seat) => ({ seat, rank: keccak256(concat([digest, numberToHex(seat, { size: 2 })])) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .map(({ seat }) => seat),
  );

// Asked for at each attestation of a verdict.
const orders = createMemory<string, readonly number[]>(256);

/** How many seats go before the holder of `keyHash`; all of them when it has no seat. */
export function turnOf(digest: Hex, committee: Committee, keyHash: Hex): number {
  const own = committee.seats.find((seat) => seat.keyHash === keyHash);
  const order = orderOfSeats(digest, committee.seats.length);
  return own === undefined ? order.length : order.indexOf(own.index);
}
