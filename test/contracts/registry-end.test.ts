import assert from 'node:assert/strict';
import { getAddress, type Hex } from 'viem';
import { ruleId } from '../../protocol/verdict.ts';
import { openRegistry } from './support/coverage.ts';
import {
  asOwner,
  certifyVerdict,
  NO_ANCHOR,
  notOwner,
  trip,
  UNKNOWN,
  verdictOf,
} from './support/registry.ts';

const { viem, networkHelpers, covered: fresh } = await openRegistry();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

describe('ending a trip', () => {
  it('lets the target go on at once', async () => {
    const rig = await fresh();
    await trip(rig, rig.id);
    const ending = await rig.registry.write.end([rig.id], asOwner(rig));
    const { blockNumber } = await rig.client.getTransactionReceipt({ hash: ending });
    await emitWithArgs(Promise.resolve(ending), rig.registry, 'Ended', [rig.id, blockNumber]);
    assert.equal(await rig.target.read.rung(), 0);
    await rig.target.write.deposit();
  });

  it('keeps verdicts about its own block and earlier ones from tripping again, and later ones not', async () => {
    const rig = await fresh();
    const earlier = await verdictOf(rig, rig.id);
    await rig.registry.write.end([rig.id], asOwner(rig));
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

  it('is not for a former guardian, nor is anything but taking the escrow back', async () => {
    const rig = await fresh();
    await trip(rig, rig.id);
    await rig.target.write.appoint([rig.stranger.account.address]);
    const rule = ruleId(rig.rule);
    const refused = [rig.guardian, rig.stranger].map((wallet) =>
      getAddress(wallet.account.address),
    ) as [Hex, Hex];
    for (const call of [
      rig.registry.write.end([rig.id], asOwner(rig)),
      rig.registry.write.retire([rig.id], asOwner(rig)),
      rig.registry.write.disarm([rig.id, rule], asOwner(rig)),
      rig.registry.write.arm([rig.id, rule, ...NO_ANCHOR], asOwner(rig)),
    ])
      await reverts(call, rig.registry, 'NotGuardian', refused);
    assert.equal(await rig.target.read.rung(), 3);
  });

  it('is for the owner of a live coverage', async () => {
    const rig = await fresh();
    await reverts(
      rig.registry.write.end([rig.id], { account: rig.stranger.account }),
      rig.registry,
      'NotOwner',
      notOwner(rig),
    );
    await reverts(rig.registry.write.end([UNKNOWN]), rig.registry, 'CoverageUnknown', [UNKNOWN]);
    await rig.registry.write.retire([rig.id], asOwner(rig));
    await reverts(rig.registry.write.end([rig.id], asOwner(rig)), rig.registry, 'CoverageRetired', [
      rig.id,
    ]);
  });
});
