import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress, keccak256 } from 'viem';
import { certifyVerdict, coverArmed, deployRegistry, trip, verdictOf } from './support/registry.ts';

const connection = await hre.network.create();
const { viem, networkHelpers } = connection;
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const UNKNOWN = keccak256('0x');

const deploy = async () => {
  const rig = await deployRegistry(connection);
  return { ...rig, id: await coverArmed(rig) };
};
const fresh = () => networkHelpers.loadFixture(deploy);
const names = (rig: Awaited<ReturnType<typeof deploy>>) =>
  [rig.stranger, rig.guardian].map((wallet) => getAddress(wallet.account.address)) as never;

describe('ending a trip', () => {
  it('lets the target go on at once', async () => {
    const rig = await fresh();
    await trip(rig, rig.id);
    const ending = await rig.registry.write.end([rig.id], { account: rig.guardian.account });
    const { blockNumber } = await rig.client.getTransactionReceipt({ hash: ending });
    await emitWithArgs(Promise.resolve(ending), rig.registry, 'Ended', [rig.id, blockNumber]);
    assert.equal(await rig.target.read.rung(), 0);
    await rig.target.write.deposit();
  });

  it('keeps verdicts about its own block and earlier ones from tripping again, and later ones not', async () => {
    const rig = await fresh();
    const earlier = await verdictOf(rig, rig.id);
    await rig.registry.write.end([rig.id], { account: rig.guardian.account });
    const same = await verdictOf(rig, rig.id);
    for (const verdict of [earlier, same])
      await reverts(
        rig.registry.write.submit([verdict, await certifyVerdict(rig, verdict)]),
        rig.registry,
        'VerdictStale',
        [verdict.height, same.height],
      );
    await networkHelpers.mine();
    await trip(rig, rig.id);
    assert.equal(await rig.target.read.rung(), 3);
  });

  it('is for the owner of a live coverage', async () => {
    const rig = await fresh();
    await reverts(
      rig.registry.write.end([rig.id], { account: rig.stranger.account }),
      rig.registry,
      'NotOwner',
      names(rig),
    );
    await reverts(rig.registry.write.end([UNKNOWN]), rig.registry, 'CoverageUnknown', [UNKNOWN]);
    await rig.registry.write.retire([rig.id], { account: rig.guardian.account });
    await reverts(
      rig.registry.write.end([rig.id], { account: rig.guardian.account }),
      rig.registry,
      'CoverageRetired',
      [rig.id],
    );
  });
});
