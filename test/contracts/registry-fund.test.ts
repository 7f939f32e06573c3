import assert from 'node:assert/strict';
import { openRegistry } from './support/coverage.ts';
import { asOwner, FUNDS, UNKNOWN } from './support/registry.ts';

const { viem, networkHelpers, covered: fresh } = await openRegistry();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

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
    await rig.registry.write.retire([rig.id], asOwner(rig));
    await reverts(
      rig.registry.write.fund([rig.id], { value: 1n }),
      rig.registry,
      'CoverageRetired',
      [rig.id],
    );
  });

  it('is not filled by nothing: what costs nothing could fill a block with events', async () => {
    const rig = await fresh();
    await reverts(rig.registry.write.fund([rig.id]), rig.registry, 'AmountIsZero', []);
  });
});
