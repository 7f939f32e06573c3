import assert from 'node:assert/strict';
import { keccak256, toHex } from 'viem';
import { orderOfSeats } from '../../../node/lib/order.ts';
import type { Committee } from '../../../protocol/types.ts';

const rosterOf = (weights: readonly bigint[]): Committee => ({
  epoch: 1n,
  seats: weights.map((weight, index) => ({
    index,
    key: new Uint8Array(96),
    keyHash: keccak256(toHex(index)),
    weight,
  })),
  totalWeight: weights.reduce((sum, weight) => sum + weight, 0n),
  maxRung: 3,
});
const equal = (seats: number): Committee => rosterOf(Array.from({ length: seats }, () => 10n));
const digests = Array.from({ length: 1_000 }, (_, index) => keccak256(toHex(index)));
const firstIn = (roster: Committee, first: number) =>
  digests.filter((digest) => orderOfSeats(digest, roster)[0]! < first).length / digests.length;

describe('the order of seats', () => {
  it('holds every seat once, up to the largest roster', () => {
    for (const seats of [0, 1, 7, 512])
      assert.deepEqual(
        [...orderOfSeats(digests[0]!, equal(seats))].sort((a, b) => a - b),
        Array.from({ length: seats }, (_, seat) => seat),
      );
  });

  it('is another with another roster of the same epoch', () => {
    assert.equal(orderOfSeats(digests[1]!, equal(7)).length, 7);
    assert.equal(orderOfSeats(digests[1]!, equal(8)).length, 8);
  });

  it('begins with each of equal seats equally often', () => {
    for (let seats = 1; seats < 4; seats++)
      assert.ok(Math.abs(firstIn(equal(4), seats) - seats / 4) < 0.04);
  });

  it('begins with stake as often as it has a share, over however many seats it is split', () => {
    assert.ok(Math.abs(firstIn(rosterOf([30n, 60n, 10n]), 1) - 0.3) < 0.04);
    const split = rosterOf([...Array.from({ length: 30 }, () => 1n), 60n, 10n]);
    assert.ok(Math.abs(firstIn(split, 30) - 0.3) < 0.04);
  });
});
