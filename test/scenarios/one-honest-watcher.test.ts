import assert from 'node:assert/strict';
import { oneHonestWatcher } from '../../devnet/scenarios/one-honest-watcher.ts';
import { LIMIT_MS, play, withDevnet } from './with-devnet.ts';

describe('scenario one-honest-watcher', function () {
  this.timeout(LIMIT_MS);

  it('a vault is stopped by proof where six of seven watchers are mute', async () => {
    await withDevnet(oneHonestWatcher, [], async (devnet) => {
      const outcome = await play(oneHonestWatcher, devnet);
      assert.equal(outcome.expectationMet, true);
      assert.deepEqual([outcome.rung, outcome.signers], [3, 0]);
      assert.equal(await devnet.rungOf(devnet.coverages.vault.target), 3);
      assert.ok(outcome.valueKeptBps > 0);
    });
  });
});
