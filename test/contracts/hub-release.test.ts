import assert from 'node:assert/strict';
import { way } from './support/hostile.ts';
import { openHub, shortOf } from './support/hub.ts';

const { viem, networkHelpers, stranger, fresh } = await openHub();
const { time } = networkHelpers;
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

describe('the breaker hub', () => {
  it('obeys only the registry that made it', async () => {
    const { hub, target } = await fresh();
    const { account } = stranger;
    const call = hub.write.release([target.address], { account });
    await reverts(call, hub, 'NotRegistry', [account.address]);
  });

  it('releases only once nothing is in force', async () => {
    const { hub, hostile } = await fresh();
    await hub.write.trip([hostile.address, 2, 60]);
    await reverts(hub.write.release([hostile.address]), hub, 'StillTripped', [hostile.address, 2]);
    await time.increase(60);
    await emitWithArgs(hub.write.release([hostile.address]), hub, 'Released', [hostile.address]);
    assert.equal(await hostile.read.rung(), 0);
  });

  it('says nothing was released when the target put nothing back', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 2, 60]);
    await time.increase(60);
    assert.equal((await hub.simulate.release([target.address])).result, false);
  });
});

describe('a hostile target', () => {
  for (const released of ['revert', 'burn'] as const)
    it(`that answers a release with ${released} can be released once it does not`, async () => {
      const { hub, hostile } = await fresh();
      await hub.write.trip([hostile.address, 3, 60]);
      await hostile.write.behave([way('honest'), way('honest'), way(released)]);
      await hub.write.end([hostile.address], { gas: 5_000_000n });
      await reverts(
        hub.write.release([hostile.address], { gas: 5_000_000n }),
        hub,
        'ReleaseFailed',
        [hostile.address],
      );
      await hostile.write.behave([way('honest'), way('honest'), way('honest')]);
      await emitWithArgs(hub.write.release([hostile.address]), hub, 'Released', [hostile.address]);
    });

  for (const released of ['bomb', 'nonsense', 'silent'] as const)
    it(`that answers a release with ${released} released nothing`, async () => {
      const { hub, hostile } = await fresh();
      await hostile.write.behave([way('honest'), way('honest'), way(released)]);
      const { result } = await hub.simulate.release([hostile.address], { gas: 5_000_000n });
      assert.equal(result, false);
    });

  it('gets its whole gas or is not called at all', async () => {
    const { hub, hostile } = await fresh();
    const call = hub.write.release([hostile.address], { gas: 900_000n });
    await reverts(call, hub, 'GasShort', shortOf(900_000n));
  });
});
