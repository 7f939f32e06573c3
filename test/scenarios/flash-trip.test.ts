import assert from 'node:assert/strict';
import { flashTrip } from '../../devnet/scenarios/flash-trip.ts';
import { LIMIT_MS, play, withDevnet } from './with-devnet.ts';

describe('scenario flash-trip', function () {
  this.timeout(LIMIT_MS);

  it('a rule that is true only inside a transaction trips nothing, and no watcher finds anything', async () => {
    await withDevnet(flashTrip, [], async (devnet) => {
      const outcome = await play(flashTrip, devnet);
      assert.equal(outcome.tripped, false);
      assert.equal(outcome.expectationMet, true);
      for (const { number } of devnet.watchers.alive())
        assert.equal((await devnet.watchers.status(number))?.counts.findings, 0);
    });
  });
});
