import assert from 'node:assert/strict';
import { way } from './support/hostile.ts';
import { CLASS, openHub } from './support/hub.ts';

const { viem, networkHelpers, fresh } = await openHub();
const { time } = networkHelpers;
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

describe('a lie that is lifted', () => {
  it('ends with its own rung, and gives the budget back', async () => {
    const { hub, target } = await fresh();
    const room = () => hub.read.roomOf([target.address, 3, CLASS.A]);
    const whole = await room();
    await hub.write.trip([target.address, 1, 60, CLASS.A]);
    await hub.write.trip([target.address, 3, 14_000, CLASS.A]);
    const { first, end } = await hub.read.tripOf([target.address, 3]);
    await time.setNextBlockTimestamp(first + 1_400n);
    const lifting = hub.write.lift([target.address, 3, first, end]);
    await emitWithArgs(lifting, hub, 'Lifted', [target.address, 3]);
    await emitWithArgs(lifting, hub, 'Released', [target.address, 3]);
    const after = { first: 0n, end: 0n, changedAt: first + 1_400n };
    assert.deepEqual(await hub.read.tripOf([target.address, 3]), after);
    assert.notEqual((await hub.read.tripOf([target.address, 1])).end, 0n);
    assert.equal(await room(), whole - 1_100n);
  });

  it('stays where another verdict began or prolonged the stop, or it is over', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 3, 60, CLASS.A]);
    const { first, end } = await hub.read.tripOf([target.address, 3]);
    const lifted = async (from: bigint, until: bigint) =>
      (await hub.simulate.lift([target.address, 3, from, until])).result;
    assert.equal(await lifted(first - 1n, end), false);
    assert.equal(await lifted(first, end + 1n), false);
    assert.equal(await lifted(first, end), true);
    await time.increase(60);
    assert.equal(await lifted(first, end), false);
  });

  it('is nobody’s alone once a second verdict has prolonged it, in whatever order they came', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 3, 60, CLASS.A]);
    await hub.write.trip([target.address, 3, 600, CLASS.A]);
    const { first, end } = await hub.read.tripOf([target.address, 3]);
    const { timestamp } = await (await viem.getPublicClient()).getBlock();
    for (const at of [first, timestamp])
      assert.equal((await hub.simulate.lift([target.address, 3, at, end])).result, false);
  });

  it('is lifted though it belongs to an earlier stop, whose longest life it shares', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 3, 60, CLASS.A]);
    const { first } = await hub.read.tripOf([target.address, 3]);
    await time.setNextBlockTimestamp(first + 120n);
    await hub.write.trip([target.address, 3, 600, CLASS.A]);
    const stop = await hub.read.tripOf([target.address, 3]);
    assert.equal(stop.first, first);
    const lifting = await hub.simulate.lift([target.address, 3, first + 120n, stop.end]);
    assert.equal(lifting.result, true);
  });

  it('cannot be kept in force by a target that fails to release', async () => {
    const { hub, hostile } = await fresh();
    await hub.write.trip([hostile.address, 3, 600, CLASS.A]);
    const { first, end } = await hub.read.tripOf([hostile.address, 3]);
    await hostile.write.behave([way('honest'), way('honest'), way('revert')]);
    await hub.write.lift([hostile.address, 3, first, end], { gas: 5_000_000n });
    assert.equal(await hub.read.rungOf([hostile.address]), 0);
  });

  it('is of a rung that there is', async () => {
    const { hub, target } = await fresh();
    for (const rung of [0, 4])
      await reverts(hub.write.lift([target.address, rung, 1n, 2n]), hub, 'RungUnknown', [rung]);
  });
});
