import assert from 'node:assert/strict';
import { selfTrip } from '../../devnet/scenarios/self-trip.ts';
import { LIMIT_MS, play, withDevnet } from './with-devnet.ts';

describe('scenario self-trip', function () {
  this.timeout(LIMIT_MS);

  it('a protocol that has itself stopped to be compensated loses by it', async () => {
    await withDevnet(selfTrip, [], async (devnet) => {
      const outcome = await play(selfTrip, devnet);
      assert.equal(outcome.expectationMet, true);
      assert.equal(outcome.slashed, 750_000n);
      assert.ok(outcome.compensated > 0n && outcome.compensated < outcome.slashed / 2n);
    });
  });
});
