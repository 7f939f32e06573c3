import { concat, type Hex, keccak256, numberToHex } from 'viem';
import type { Committee } from '../../protocol/types.ts';

/** Seats in the order in which they act on `digest`: by keccak256(digest, seat), the same for everybody. */
export function orderOfSeats(digest: Hex, seats: number): readonly number[] {
  const name = `${digest}${seats}`;
  const known = orders.get(name);
  if (known !== undefined) return known;
  const order = Array.from({ length: seats }, (_, seat) => seat)
    .map((seat) => ({ seat, rank: keccak256(concat([digest, numberToHex(seat, { size: 2 })])) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ seat }) => seat);
  const [oldest] = orders.keys();
  if (orders.size >= ORDERS && oldest !== undefined) orders.delete(oldest);
  orders.set(name, order);
  return order;
}

// Asked for at each attestation of a verdict.
const orders = new Map<string, readonly number[]>();
const ORDERS = 256;

/** How many seats go before the holder of `keyHash`; all of them when it has no seat. */
export function turnOf(digest: Hex, committee: Committee, keyHash: Hex): number {
  const own = committee.seats.find((seat) => seat.keyHash === keyHash);
  const order = orderOfSeats(digest, committee.seats.length);
  return own === undefined ? order.length : order.indexOf(own.index);
}
