import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress, keccak256 } from 'viem';
import { coverArmed, deployRegistry, trip } from './support/registry.ts';

const connection = await hre.network.create();
const { viem, networkHelpers } = connection;
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs, emit } = viem.assertions;
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
const names = (rig: Awaited<ReturnType<typeof deploy>>) =>
  [rig.stranger, rig.guardian].map((wallet) => getAddress(wallet.account.address)) as never;

describe('retiring a coverage', () => {
  it('releases its target, keeps the escrow and leaves the target to be covered again', async () => {
    const rig = await fresh();
    await trip(rig, rig.id);
    const { escrow } = await rig.registry.read.coverage([rig.id]);
    const owner = rig.guardian.account;
    const retiring = await rig.registry.write.retire([rig.id], { account: owner });
    await emitWithArgs(Promise.resolve(retiring), rig.registry, 'Retired', [rig.id]);
    assert.equal(await rig.target.read.rung(), 0);
    assert.equal(BigInt(await rig.registry.read.coverageOf([rig.target.address])), 0n);
    const after = await rig.registry.read.coverage([rig.id]);
    assert.deepEqual(
      [after.retired, after.notBefore, after.escrow],
      [true, await rig.client.getBlockNumber(), escrow],
    );
  });

  it('is for the owner, once', async () => {
    const rig = await fresh();
    await reverts(
      rig.registry.write.retire([rig.id], { account: rig.stranger.account }),
      rig.registry,
      'NotOwner',
      names(rig),
    );
    await reverts(rig.registry.write.retire([UNKNOWN]), rig.registry, 'CoverageUnknown', [UNKNOWN]);
    await rig.registry.write.retire([rig.id], { account: rig.guardian.account });
    await reverts(
      rig.registry.write.retire([rig.id], { account: rig.guardian.account }),
      rig.registry,
      'CoverageRetired',
      [rig.id],
    );
  });

  it('is not held up by a target that fails', async () => {
    const rig = await freshHostile();
    await trip(rig, rig.id);
    await rig.hostile.write.behave([0, 0, 2]);
    await emit(
      rig.registry.write.retire([rig.id], { account: rig.guardian.account, gas: 5_000_000n }),
      rig.registry,
      'Retired',
    );
    assert.equal(await rig.hub.read.rungOf([rig.hostile.address]), 0);
  });
});
