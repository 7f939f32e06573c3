import assert from 'node:assert/strict';
import hre from 'hardhat';
import { encodeFunctionData, getAddress, keccak256, toFunctionSelector } from 'viem';
import { coverArmed, deployRegistry, trip } from './support/registry.ts';

const connection = await hre.network.create();
const { viem, networkHelpers } = connection;
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const UNKNOWN = keccak256('0x');

const deploy = async () => {
  const rig = await deployRegistry(connection);
  return { ...rig, id: await coverArmed(rig) };
};
const fresh = () => networkHelpers.loadFixture(deploy);
const deployHostile = async () => {
  const rig = await deployRegistry(connection);
  const hostile = await viem.deployContract('HostileTarget', [
    rig.hub.address,
    rig.guardian.account.address,
  ]);
  return { ...rig, hostile, id: await coverArmed(rig, [rig.rule], { of: hostile.address }) };
};
const freshHostile = () => networkHelpers.loadFixture(deployHostile);

describe('releasing a target', () => {
  it('waits until no trip is in force', async () => {
    const rig = await freshHostile();
    await trip(rig, rig.id);
    await reverts(rig.registry.write.release([rig.id]), rig.hub, 'StillTripped', [
      getAddress(rig.hostile.address),
      3,
    ]);
  });

  it('is for anyone, who is paid nearly what it cost when something was put back', async () => {
    const rig = await freshHostile();
    await trip(rig, rig.id);
    await networkHelpers.time.increase(3600);
    const { escrow } = await rig.registry.read.coverage([rig.id]);
    const hash = await rig.registry.write.release([rig.id], { account: rig.stranger.account });
    const { gasUsed, effectiveGasPrice } = await rig.client.getTransactionReceipt({ hash });
    const refund = escrow - (await rig.registry.read.coverage([rig.id])).escrow;
    await emitWithArgs(Promise.resolve(hash), rig.registry, 'Released', [
      rig.id,
      getAddress(rig.stranger.account.address),
      refund,
    ]);
    const cost = gasUsed * effectiveGasPrice;
    assert.ok(refund <= cost && refund * 100n >= cost * 90n, `${refund} of ${cost}`);
    assert.equal(await rig.hostile.read.rung(), 0);
  });

  it('pays nothing when nothing was put back, however often it is asked', async () => {
    const rig = await fresh();
    await trip(rig, rig.id);
    await networkHelpers.time.increase(3600);
    const { escrow } = await rig.registry.read.coverage([rig.id]);
    for (let i = 0; i < 3; ++i) await rig.registry.write.release([rig.id]);
    assert.equal((await rig.registry.read.coverage([rig.id])).escrow, escrow);
  });

  it('fails when the target does', async () => {
    const rig = await freshHostile();
    await rig.hostile.write.behave([0, 0, 1]);
    await reverts(rig.registry.write.release([rig.id]), rig.hub, 'ReleaseFailed', [
      getAddress(rig.hostile.address),
    ]);
    await reverts(rig.registry.write.release([UNKNOWN]), rig.registry, 'CoverageUnknown', [
      UNKNOWN,
    ]);
  });

  it('of a retired coverage is still possible, and not paid', async () => {
    const rig = await freshHostile();
    await trip(rig, rig.id);
    await rig.hostile.write.behave([0, 0, 1]);
    await rig.registry.write.retire([rig.id], { account: rig.guardian.account });
    assert.equal(await rig.hostile.read.rung(), 3);
    await rig.hostile.write.behave([0, 0, 0]);
    await emitWithArgs(
      rig.registry.write.release([rig.id], { account: rig.stranger.account }),
      rig.registry,
      'Released',
      [rig.id, getAddress(rig.stranger.account.address), 0n],
    );
    assert.equal(await rig.hostile.read.rung(), 0);
  });

  it('cannot be used by a hostile target to enter again', async () => {
    const rig = await freshHostile();
    await trip(rig, rig.id);
    await networkHelpers.time.increase(3600);
    await rig.hostile.write.aim([
      rig.registry.address,
      encodeFunctionData({ abi: rig.registry.abi, functionName: 'release', args: [rig.id] }),
    ]);
    await rig.hostile.write.behave([0, 0, 6]);
    await rig.registry.write.release([rig.id]);
    assert.equal(await rig.hostile.read.answer(), toFunctionSelector('Reentered()'));
  });
});
