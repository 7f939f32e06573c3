import assert from 'node:assert/strict';
import { type Hex, zeroHash } from 'viem';
import { anchorSlot } from '../../protocol/storage.ts';
import { ruleId } from '../../protocol/verdict.ts';
import { openRegistry } from './support/coverage.ts';
import { arm, asOwner, NO_ANCHOR, notOwner, UNKNOWN } from './support/registry.ts';

const { viem, networkHelpers, shadow: fresh } = await openRegistry();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

describe('arming a rule', () => {
  it('counts from its own block on, and keeps the anchor that was named', async () => {
    const rig = await fresh();
    await networkHelpers.mine(3);
    const { number, hash } = await rig.client.getBlock({
      blockNumber: (await rig.client.getBlockNumber()) - 2n,
    });
    const id = ruleId(rig.rule);
    assert.equal(await rig.registry.read.anchor([rig.id, id]), zeroHash);
    await emitWithArgs(
      rig.registry.write.arm([rig.id, id, number, hash], asOwner(rig)),
      rig.registry,
      'Armed',
      [rig.id, id, number + 3n, number, hash],
    );
    assert.equal(await rig.registry.read.anchor([rig.id, id]), hash);
    const { phase, armedAt } = await rig.registry.read.ruleState([rig.id, id]);
    assert.deepEqual([phase, armedAt], [2, number + 3n]);
  });

  it('keeps the anchor where a storage proof finds it', async () => {
    const rig = await fresh();
    const { hash } = await rig.client.getBlock();
    await arm(rig, rig.id, rig.rule);
    const slot = anchorSlot(rig.id, ruleId(rig.rule));
    assert.equal(await rig.client.getStorageAt({ address: rig.registry.address, slot }), hash);
  });

  it('keeps no anchor for a rule that does not ask for one', async () => {
    const rig = await fresh();
    const id = ruleId(rig.lookback);
    const { number } = await rig.client.getBlock();
    await emitWithArgs(arm(rig, rig.id, rig.lookback), rig.registry, 'Armed', [
      rig.id,
      id,
      number + 1n,
      0n,
      zeroHash,
    ]);
    assert.equal(await rig.registry.read.anchor([rig.id, id]), zeroHash);
  });

  it('takes no other anchor than one of the last 64 blocks, and none without need', async () => {
    const rig = await fresh();
    await networkHelpers.mine(70);
    const head = await rig.client.getBlockNumber();
    const block = async (height: bigint) =>
      [height, (await rig.client.getBlock({ blockNumber: height })).hash as Hex] as const;
    const [anchored, other] = [ruleId(rig.rule), ruleId(rig.lookback)];
    const last = await block(head);
    const old = await block(head - 64n);
    const cases = [
      [anchored, NO_ANCHOR, zeroHash],
      [anchored, [last[0], UNKNOWN], last[1]],
      [anchored, [head + 1n, zeroHash], zeroHash],
      [anchored, old, zeroHash],
      [other, last, zeroHash],
      [other, [last[0], zeroHash], zeroHash],
      [other, [0n, UNKNOWN], zeroHash],
    ] as const;
    for (const [id, anchor, canonical] of cases)
      await reverts(
        rig.registry.write.arm([rig.id, id, ...anchor], asOwner(rig)),
        rig.registry,
        'AnchorMismatch',
        [...anchor, canonical],
      );
    const oldest = await block(head + 1n - 64n);
    await rig.registry.write.arm([rig.id, anchored, ...oldest], asOwner(rig));
  });

  it('survives any height that is named', async () => {
    const rig = await fresh();
    const last = 2n ** 64n - 1n;
    await reverts(
      rig.registry.write.arm([rig.id, ruleId(rig.rule), last, UNKNOWN], asOwner(rig)),
      rig.registry,
      'AnchorMismatch',
      [last, UNKNOWN, zeroHash],
    );
  });

  it('happens once', async () => {
    const rig = await fresh();
    await arm(rig, rig.id, rig.rule);
    await reverts(arm(rig, rig.id, rig.rule), rig.registry, 'RuleInPhase', [ruleId(rig.rule), 2]);
  });

  it('is for rules that are covered', async () => {
    const rig = await fresh();
    await reverts(
      rig.registry.write.arm([rig.id, UNKNOWN, ...NO_ANCHOR], asOwner(rig)),
      rig.registry,
      'RuleUnknown',
      [UNKNOWN],
    );
    await reverts(arm(rig, UNKNOWN, rig.rule), rig.registry, 'CoverageUnknown', [UNKNOWN]);
  });

  it('is for the owner of a live coverage', async () => {
    const rig = await fresh();
    const call = rig.registry.write.arm([rig.id, ruleId(rig.lookback), ...NO_ANCHOR], {
      account: rig.stranger.account,
    });
    await reverts(call, rig.registry, 'NotOwner', notOwner(rig));
    await rig.registry.write.retire([rig.id], asOwner(rig));
    await reverts(arm(rig, rig.id, rig.rule), rig.registry, 'CoverageRetired', [rig.id]);
  });
});
