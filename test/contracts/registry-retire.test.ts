import assert from 'node:assert/strict';
import { openRegistry } from './support/coverage.ts';
import { way } from './support/hostile.ts';
import { asOwner, notOwner, trip, UNKNOWN } from './support/registry.ts';

const { viem, covered: fresh, hostile: freshHostile } = await openRegistry();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs, emit } = viem.assertions;

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
      notOwner(rig),
    );
    await reverts(rig.registry.write.retire([UNKNOWN]), rig.registry, 'CoverageUnknown', [UNKNOWN]);
    await rig.registry.write.retire([rig.id], asOwner(rig));
    await reverts(
      rig.registry.write.retire([rig.id], asOwner(rig)),
      rig.registry,
      'CoverageRetired',
      [rig.id],
    );
  });

  it('is not held up by a target that fails', async () => {
    const rig = await freshHostile();
    await trip(rig, rig.id);
    await rig.hostile.write.behave([way('honest'), way('honest'), way('burn')]);
    await emit(
      rig.registry.write.retire([rig.id], { account: rig.guardian.account, gas: 5_000_000n }),
      rig.registry,
      'Retired',
    );
    assert.equal(await rig.hub.read.rungOf([rig.hostile.address]), 0);
  });
});
