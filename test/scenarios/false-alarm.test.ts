import assert from 'node:assert/strict';
import { falseAlarm } from '../../devnet/scenarios/false-alarm.ts';
import { LIMIT_MS, play, withDevnet } from './with-devnet.ts';

describe('scenario false-alarm', function () {
  this.timeout(LIMIT_MS);

  it('two thirds that stop a healthy market lose all of their stake to the two who prove it', async () => {
    await withDevnet(falseAlarm, [], async (devnet) => {
      const outcome = await play(falseAlarm, devnet);
      assert.equal(outcome.expectationMet, true);
      // Four who lie, and one who copies them.
      assert.deepEqual([outcome.rung, outcome.signers], [2, 5]);
      assert.equal(await devnet.rungOf(devnet.coverages.market.target), 0);
      assert.equal(outcome.slashed, 750_000n);
      assert.deepEqual([outcome.struck, outcome.challengers], [5, 1]);
      assert.ok(2n * outcome.burned >= outcome.slashed);
      assert.ok(outcome.compensated > 0n);
    });
  });
});
