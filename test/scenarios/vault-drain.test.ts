import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { vaultDrain } from '../../devnet/scenarios/vault-drain.ts';
import { assertStopped, LIMIT_MS, play, withDevnet } from './with-devnet.ts';

describe('scenario vault-drain', function () {
  this.timeout(LIMIT_MS);

  it('redemptions are paused by the second block after the first loss, and nothing is left of the network', async () => {
    const { pids, folder } = await withDevnet(vaultDrain, [], async (devnet) => {
      assertStopped(await play(vaultDrain, devnet), 3, 8_000);
      return { pids: devnet.watchers.running.map(({ pid }) => pid), folder: devnet.folder };
    });
    for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.equal(existsSync(folder), false);
  });

  it('the same with the two largest seats silenced beforehand', async () => {
    await withDevnet(vaultDrain, [0, 1], async (devnet) => {
      assert.equal(devnet.watchers.alive().length, 5);
      const outcome = await play(vaultDrain, devnet);
      assertStopped(outcome, 3, 8_000);
      assert.equal(outcome.signers, 5);
    });
  });

  it('with more than a third of the stake silenced no certificate forms, the others go on, and only a proof trips', async () => {
    await withDevnet(vaultDrain, [0, 1, 2], async (devnet) => {
      const outcome = await play(vaultDrain, devnet);
      assert.ok(!outcome.tripped || outcome.signers === 0);
      assert.equal(outcome.expectationMet, true);
      assert.ok(outcome.valueLost > 0n);
      for (const { number } of devnet.watchers.alive()) {
        const status = await devnet.watchers.status(number);
        assert.equal(status?.healthy, true);
        assert.equal(status.counts.certificates, 0);
        assert.ok(status.counts.attested > 0);
      }
    });
  });
});
