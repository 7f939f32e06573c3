import assert from 'node:assert/strict';
import { fullCollusion } from '../../devnet/scenarios/full-collusion.ts';
import { LIMIT_MS, play, withDevnet } from './with-devnet.ts';

describe('scenario full-collusion', function () {
  this.timeout(LIMIT_MS);

  it('all of the stake buys a healthy vault a pause that its owner ends, and costs the pay alone', async () => {
    await withDevnet(fullCollusion, [], async (devnet) => {
      const outcome = await play(fullCollusion, devnet);
      assert.equal(outcome.expectationMet, true);
      assert.deepEqual([outcome.rung, outcome.signers, outcome.stakeSignedBps], [3, 7, 10_000]);
      assert.equal(await devnet.rungOf(devnet.vault.address), 0);
      assert.deepEqual([outcome.slashed, outcome.struck, outcome.challengers], [0n, 0, 0]);
      // A limit and a pause, then three limits of six hours, and two of what was left of the budget.
      assert.equal(outcome.takenBack, 7_000n);
    });
  });
});
