import assert from 'node:assert/strict';
import { equivocation } from '../../devnet/scenarios/equivocation.ts';
import { LIMIT_MS, play, withDevnet } from './with-devnet.ts';

describe('scenario equivocation', function () {
  this.timeout(LIMIT_MS);

  it('a watcher that says two things of one block is slashed from gossip alone', async () => {
    await withDevnet(equivocation, [], async (devnet) => {
      const outcome = await play(equivocation, devnet);
      assert.equal(outcome.tripped, false);
      assert.equal(outcome.slashed, 7_000n);
      assert.equal(outcome.burned, 6_300n);
      assert.deepEqual([outcome.struck, outcome.challengers], [1, 1]);
      assert.equal(outcome.expectationMet, true);
    });
  });
});
