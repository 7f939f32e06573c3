import assert from 'node:assert/strict';
import { concat, keccak256, toHex } from 'viem';
import { orderOfSeats } from '../../../node/submit/order.ts';

describe('the order of seats', () => {
  const digest = keccak256('0x01');

  it('holds every seat once, up to the largest roster', () => {
    for (const seats of [0, 1, 7, 512])
      assert.deepEqual(
        [...orderOfSeats(digest, seats)].sort((a, b) => a - b),
        Array.from({ length: seats }, (_, seat) => seat),
      );
  });

  it('is by the hash of digest and seat, ascending', () => {
    const rank = (seat: number) => BigInt(keccak256(concat([digest, toHex(seat, { size: 2 })])));
    const order = orderOfSeats(digest, 300);
    order.forEach((seat, index) =>
      assert.ok(index === 0 || rank(order[index - 1] ?? 0) < rank(seat)),
    );
  });

  it('changes with the digest, so that no seat always goes first', () => {
    const firsts = new Set(
      Array.from({ length: 64 }, (_, index) => orderOfSeats(keccak256(toHex(index)), 7)[0]),
    );
    assert.equal(firsts.size, 7);
  });
});
