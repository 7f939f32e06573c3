import assert from 'node:assert/strict';
import { LIFE } from '../../devnet/coverage.ts';
import { slowDrain } from '../../devnet/scenarios/slow-drain.ts';
import { calls, unit } from '../../devnet/vault.ts';
import { assertStopped, LIMIT_MS, play, withDevnet } from './with-devnet.ts';

describe('scenario slow-drain', function () {
  this.timeout(LIMIT_MS);

  it('the limit alone keeps four fifths of the vault, and whoever waits is paid', async () => {
    await withDevnet(slowDrain, [], async (devnet) => {
      const outcome = await play(slowDrain, devnet);
      assertStopped(outcome, 2, 8_000);
      assert.ok((outcome.blocksFromFirstLossToTrip ?? 0) > 2);
      const { chain, vault, people } = devnet;
      const redeem = (dollars: bigint) =>
        chain.act({
          from: people.whale,
          to: vault.address,
          data: calls.redeem(dollars * unit(vault.asset), people.whale),
        });
      await assert.rejects(redeem(2_000_000n), { code: 'CHILD_FAILED' });
      // A sixth of what the limit refills in an hour, and the trip is over.
      await chain.passTime(LIFE);
      await redeem(50_000n);
    });
  });
});
