import { sentinelOutflow } from '../../devnet/scenarios/sentinel-outflow.ts';
import { assertStopped, LIMIT_MS, play, withDevnet } from './with-devnet.ts';

describe('scenario sentinel-outflow', function () {
  this.timeout(LIMIT_MS);

  it('payments are limited by the second block after the window shows the theft', async () => {
    await withDevnet(sentinelOutflow, [], async (devnet) => {
      assertStopped(await play(sentinelOutflow, devnet), 2, 8_000);
    });
  });
});
