import assert from 'node:assert/strict';
import { canReach, stakesOf, TOTAL_STAKE } from '../../devnet/stakes.ts';
import { maxRungOf } from '../../protocol/quorum.ts';

describe('stakes of the devnet', () => {
  it('seven watchers hold 16, 16, 15, 14, 14, 13 and 12 per cent', () => {
    const percents = stakesOf(7).map((stake) => (stake * 100n) / TOTAL_STAKE);
    assert.deepEqual(percents, [16n, 16n, 15n, 14n, 14n, 13n, 12n]);
  });

  for (const count of [4, 5, 8, 16, 33, 64])
    it(`${count} watchers hold it all, largest first, and may pause`, () => {
      const stakes = stakesOf(count);
      assert.equal(stakes.length, count);
      assert.equal(
        stakes.reduce((sum, stake) => sum + stake, 0n),
        TOTAL_STAKE,
      );
      assert.ok(
        stakes.every((stake, index) => stake > 0n && (index === 0 || stake <= stakes[index - 1]!)),
      );
      assert.equal(maxRungOf(stakes), 3);
    });

  for (const [rung, killed, reached] of [
    [3, [], true],
    [3, [0, 1], true],
    [3, [0, 1, 6], false],
    [2, [0, 1, 6], true],
    [2, [0, 1, 2, 3], false],
    [1, [0, 1, 2, 3], true],
  ] as const)
    it(`without seats [${killed.join(', ')}] a quorum of rung ${rung} ${reached ? 'can' : 'cannot'} form`, () => {
      assert.equal(canReach(rung, stakesOf(7), killed), reached);
    });
});
