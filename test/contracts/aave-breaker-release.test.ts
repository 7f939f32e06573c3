import assert from 'node:assert/strict';
import { getAddress } from 'viem';
import { openAave } from './support/aave.ts';
import { CLASS } from './support/hub.ts';

const { viem, networkHelpers, user, borrow, frozen, freeze, configure, grant, fresh } =
  await openAave();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

describe('the breaker of an Aave v3 market', () => {
  it('puts back on release exactly what it changed', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.breaker.address, 3, 3600, CLASS.A]);
    await networkHelpers.time.increase(3600);
    assert.equal(await rig.breaker.read.rung(), 3);
    await emitWithArgs(rig.hub.write.release([rig.breaker.address, 3]), rig.breaker, 'Unfroze', [
      0b011n,
    ]);
    assert.deepEqual(await frozen(rig), [false, false, false]);
    assert.deepEqual([await rig.breaker.read.rung(), await rig.breaker.read.ours()], [0, 0]);
    await borrow(rig, user, rig.usdc, 1n);
  });

  it('does not touch on release what the owner has thawed already', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.breaker.address, 3, 3600, CLASS.A]);
    await freeze(rig, rig.usdc, false);
    assert.equal(await rig.breaker.read.rung(), 0);
    await networkHelpers.time.increase(3600);
    await emitWithArgs(rig.hub.write.release([rig.breaker.address, 3]), rig.breaker, 'Unfroze', [
      0b010n,
    ]);
    assert.deepEqual(await frozen(rig), [false, false, false]);
  });

  it('thaws a reserve that can no longer be borrowed', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.breaker.address, 3, 3600, CLASS.A]);
    await configure(rig, 'setReserveBorrowing', rig.usdc, false);
    await rig.hub.write.end([rig.breaker.address]);
    assert.deepEqual(await frozen(rig), [false, false, false]);
  });

  it('obeys its hub only', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.breaker.address, 3, 3600, CLASS.A]);
    await reverts(
      rig.breaker.write.release([3], { account: user.account }),
      rig.breaker,
      'NotHub',
      [getAddress(user.account.address), getAddress(rig.hub.address)],
    );
    assert.deepEqual(await frozen(rig), [true, true, false]);
  });

  it('that lost RISK_ADMIN during a trip can be released once it has it again', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.breaker.address, 3, 60, CLASS.A]);
    const role = (name: 'addRiskAdmin' | 'removeRiskAdmin') =>
      grant(rig, name, rig.breaker.address);
    await role('removeRiskAdmin');
    await rig.hub.write.end([rig.breaker.address]);
    assert.deepEqual(await frozen(rig), [true, true, false]);
    await role('addRiskAdmin');
    await rig.hub.write.release([rig.breaker.address, 3]);
    assert.deepEqual(await frozen(rig), [false, false, false]);
  });
});
