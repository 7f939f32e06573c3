import assert from 'node:assert/strict';
import { way } from './support/hostile.ts';
import { CLASS, openHub, shortOf } from './support/hub.ts';

const { viem, networkHelpers, stranger, fresh } = await openHub();
const { time } = networkHelpers;
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

describe('the breaker hub', () => {
  it('obeys only the registry that made it', async () => {
    const { hub, target } = await fresh();
    const { account } = stranger;
    const call = hub.write.release([target.address, 3], { account });
    await reverts(call, hub, 'NotRegistry', [account.address]);
  });

  it('releases a rung only once it is over', async () => {
    const { hub, hostile } = await fresh();
    await hub.write.trip([hostile.address, 2, 60, CLASS.A]);
    await reverts(hub.write.release([hostile.address, 2]), hub, 'StillTripped', [
      hostile.address,
      2,
    ]);
    await time.increase(60);
    const releasing = hub.write.release([hostile.address, 2]);
    await emitWithArgs(releasing, hub, 'Released', [hostile.address, 2]);
    assert.equal(await hostile.read.rung(), 0);
  });

  it('releases one rung while another is in force, and leaves that one as it is', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 1, 1000, CLASS.A]);
    await hub.write.trip([target.address, 3, 60, CLASS.A]);
    await time.increase(60);
    await hub.write.release([target.address, 3]);
    assert.equal(await target.read.rung(), 1);
    await reverts(hub.write.release([target.address, 1]), hub, 'StillTripped', [target.address, 1]);
  });

  for (const rung of [0, 4])
    it(`knows no rung ${rung}`, async () => {
      const { hub, target } = await fresh();
      await reverts(hub.write.release([target.address, rung]), hub, 'RungUnknown', [rung]);
    });

  it('says nothing was released when the target put nothing back', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 2, 60, CLASS.A]);
    await time.increase(60);
    assert.equal((await hub.simulate.release([target.address, 2])).result, false);
  });
});

describe('a hostile target', () => {
  for (const released of ['revert', 'burn'] as const)
    it(`that answers a release with ${released} can be released once it does not`, async () => {
      const { hub, hostile } = await fresh();
      await hub.write.trip([hostile.address, 3, 60, CLASS.A]);
      await hostile.write.behave([way('honest'), way('honest'), way(released)]);
      await hub.write.end([hostile.address], { gas: 5_000_000n });
      await reverts(
        hub.write.release([hostile.address, 3], { gas: 5_000_000n }),
        hub,
        'ReleaseFailed',
        [hostile.address, 3],
      );
      await hostile.write.behave([way('honest'), way('honest'), way('honest')]);
      const releasing = hub.write.release([hostile.address, 3]);
      await emitWithArgs(releasing, hub, 'Released', [hostile.address, 3]);
    });

  for (const released of ['bomb', 'nonsense', 'silent'] as const)
    it(`that answers a release with ${released} released nothing`, async () => {
      const { hub, hostile } = await fresh();
      await hostile.write.behave([way('honest'), way('honest'), way(released)]);
      const { result } = await hub.simulate.release([hostile.address, 3], { gas: 5_000_000n });
      assert.equal(result, false);
    });

  it('gets its whole gas or is not called at all', async () => {
    const { hub, hostile } = await fresh();
    const call = hub.write.release([hostile.address, 3], { gas: 900_000n });
    await reverts(call, hub, 'GasShort', shortOf(900_000n));
  });
});
