import assert from 'node:assert/strict';
import { classCap, hasQuorum, longestLife, maxRungOf } from '../../protocol/quorum.ts';
import type { quorums } from '../vectors/certificate-vectors.ts';
import { readVectors } from '../vectors/read.ts';

describe('quorum', () => {
  it('is reached strictly above a third, a half and two thirds of the weight', () => {
    for (const { rung, signed, total, reached } of readVectors<ReturnType<typeof quorums>>(
      'quorums',
    ))
      assert.equal(hasQuorum(rung, signed, total), reached, `rung ${rung}: ${signed} of ${total}`);
  });

  it('is never reached for a rung that is none, nor by nobody', () => {
    for (const rung of [-1, 0, 4, 1.5, Number.NaN]) assert.ok(!hasQuorum(rung, 100n, 100n));
    for (const rung of [1, 2, 3]) assert.ok(!hasQuorum(rung, 0n, 0n));
  });

  it('stake counts, heads do not: one seat of three quarters passes where three of four fail', () => {
    assert.ok(hasQuorum(3, 75n, 100n));
    assert.ok(!hasQuorum(3, 25n, 100n));
  });

  it('power is proportional to proof', () => {
    assert.deepEqual((['A', 'B', 'C'] as const).map(classCap), [3, 2, 1]);
    assert.deepEqual([0, 1, 2, 3, 4].map(longestLife), [0, 86_400, 21_600, 86_400, 0]);
  });

  for (const [weights, rung] of [
    [[], 1],
    [[1n, 1n, 1n], 1],
    [[1n, 1n, 1n, 1n], 3],
    [[2n, 2n, 1n, 1n], 1],
    [[33n, 33n, 33n, 1n], 3],
    [[34n, 33n, 33n, 1n], 1],
  ] as const)
    it(`a roster of weights ${weights.join(', ') || 'none'} arms rung ${rung}`, () => {
      assert.equal(maxRungOf(weights), rung);
    });
});
