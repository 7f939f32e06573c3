import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress, keccak256 } from 'viem';
import { coverArmed, deployRegistry, FUNDS, trip } from './support/registry.ts';

const connection = await hre.network.create();
const { viem, networkHelpers } = connection;
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const UNKNOWN = keccak256('0x');

const deploy = async () => {
  const rig = await deployRegistry(connection);
  return { ...rig, id: await coverArmed(rig) };
};
const fresh = () => networkHelpers.loadFixture(deploy);
const retire = (rig: Awaited<ReturnType<typeof deploy>>) =>
  rig.registry.write.retire([rig.id], { account: rig.guardian.account });
const names = (rig: Awaited<ReturnType<typeof deploy>>) =>
  [rig.stranger, rig.guardian].map((wallet) => getAddress(wallet.account.address)) as never;

describe('the escrow of a coverage', () => {
  it('is filled by anyone', async () => {
    const rig = await fresh();
    const amount = 10n ** 12n;
    const funding = rig.registry.write.fund([rig.id], {
      account: rig.stranger.account,
      value: amount,
    });
    await emitWithArgs(funding, rig.registry, 'Funded', [rig.id, amount]);
    assert.equal((await rig.registry.read.coverage([rig.id])).escrow, FUNDS + amount);
  });

  it('is whole gwei', async () => {
    const rig = await fresh();
    const unit = 10n ** 9n;
    await reverts(
      rig.registry.write.fund([rig.id], { value: unit + 1n }),
      rig.registry,
      'EscrowNotWhole',
      [unit + 1n, unit],
    );
    await retire(rig);
    await networkHelpers.mine(64);
    await reverts(
      rig.registry.write.defund([rig.id, 1n], { account: rig.guardian.account }),
      rig.registry,
      'EscrowNotWhole',
      [1n, unit],
    );
  });

  it('has an upper end', async () => {
    const rig = await fresh();
    const much = 2n ** 48n * 10n ** 9n;
    await networkHelpers.setBalance(rig.stranger.account.address, 2n * much);
    const call = rig.registry.write.fund([rig.id], { account: rig.stranger.account, value: much });
    await reverts(call, rig.registry, 'EscrowFull', [FUNDS, much]);
  });

  it('of a coverage that is over, or never was, is not filled', async () => {
    const rig = await fresh();
    await reverts(
      rig.registry.write.fund([UNKNOWN], { value: 1n }),
      rig.registry,
      'CoverageUnknown',
      [UNKNOWN],
    );
    await retire(rig);
    await reverts(
      rig.registry.write.fund([rig.id], { value: 1n }),
      rig.registry,
      'CoverageRetired',
      [rig.id],
    );
  });

  it('goes back to the owner only, and no more than there is', async () => {
    const rig = await fresh();
    const as = { account: rig.guardian.account };
    await retire(rig);
    await networkHelpers.mine(64);
    await reverts(
      rig.registry.write.defund([rig.id, FUNDS], { account: rig.stranger.account }),
      rig.registry,
      'NotOwner',
      names(rig),
    );
    const more = FUNDS + 10n ** 9n;
    await reverts(rig.registry.write.defund([rig.id, more], as), rig.registry, 'EscrowShort', [
      more,
      FUNDS,
    ]);
    const defunding = await rig.registry.write.defund([rig.id, FUNDS], as);
    await emitWithArgs(Promise.resolve(defunding), rig.registry, 'Defunded', [rig.id, FUNDS]);
    await viem.assertions.balancesHaveChanged(defunding, [
      { address: rig.guardian.account.address, amount: FUNDS },
    ]);
    await reverts(rig.registry.write.defund([UNKNOWN, 0n], as), rig.registry, 'CoverageUnknown', [
      UNKNOWN,
    ]);
  });

  it('stays for 64 blocks after the coverage is over, however it ended', async () => {
    const rig = await fresh();
    await trip(rig, rig.id);
    const { escrow } = await rig.registry.read.coverage([rig.id]);
    const defund = () =>
      rig.registry.write.defund([rig.id, escrow], { account: rig.guardian.account });
    await reverts(defund(), rig.registry, 'CoverageLive', [rig.id]);
    await retire(rig);
    const retired = await rig.client.getBlockNumber();
    await networkHelpers.mine(63);
    await reverts(defund(), rig.registry, 'PayoutTooSoon', [retired + 64n, retired + 64n]);
    await networkHelpers.mine(1);
    await defund();
    assert.equal((await rig.registry.read.coverage([rig.id])).escrow, 0n);
  });
});
