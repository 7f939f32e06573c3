import assert from 'node:assert/strict';
import { benign } from '../../devnet/scenarios/benign.ts';
import { LIMIT_MS, play, withDevnet } from './with-devnet.ts';

describe('scenario benign', function () {
  this.timeout(LIMIT_MS);

  it("200 blocks with a crash, liquidations and a whale's exit trip nothing", async () => {
    await withDevnet(benign, [], async (devnet) => {
      const outcome = await play(benign, devnet);
      assert.equal(outcome.tripped, false);
      assert.equal(outcome.expectationMet, true);
    });
  });
});
