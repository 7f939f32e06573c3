import assert from 'node:assert/strict';
import { type Hex, zeroHash } from 'viem';
import { anchorSlot } from '../../protocol/storage.ts';
import { evmRule, ruleId } from '../../protocol/verdict.ts';
import { placeRegistry } from './support/committee.ts';
import { openRegistry } from './support/coverage.ts';
import {
  arm,
  asOwner,
  cover,
  deployRegistry,
  MANIFEST,
  NO_ANCHOR,
  notOwner,
  UNKNOWN,
} from './support/registry.ts';

const DAY = 86_400n;
const { connection, viem, networkHelpers, shadow: fresh } = await openRegistry();
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
    assert.deepEqual([phase, armedAt], [2, Number(number) + 3]);
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

describe('a registry with a delay', () => {
  const deploy = async () => {
    const rig = await deployRegistry(connection, { ruleDelay: DAY });
    return { ...rig, id: await cover(rig, [rig.rule]) };
  };
  const delayed = () => networkHelpers.loadFixture(deploy);
  const { time } = networkHelpers;
  type Delayed = Awaited<ReturnType<typeof delayed>>;
  const armableAt = async ({ registry, id }: Delayed, rule: Delayed['rule']) =>
    (await registry.read.ruleState([id, ruleId(rule)])).armableAt;

  it('arms no rule before it is over', async () => {
    const rig = await delayed();
    assert.equal(await rig.registry.read.RULE_DELAY(), DAY);
    const at = await armableAt(rig, rig.rule);
    assert.equal(BigInt(at), (await rig.client.getBlock()).timestamp + DAY);
    await time.setNextBlockTimestamp(at - 1);
    await reverts(arm(rig, rig.id, rig.rule), rig.registry, 'RuleTooYoung', [ruleId(rig.rule), at]);
    await time.setNextBlockTimestamp(at);
    await arm(rig, rig.id, rig.rule);
  });

  it('arms a rule that was disarmed without another', async () => {
    const rig = await delayed();
    await time.increase(DAY);
    await arm(rig, rig.id, rig.rule);
    await rig.registry.write.disarm([rig.id, ruleId(rig.rule)], asOwner(rig));
    await arm(rig, rig.id, rig.rule);
  });

  it('counts for a rule from when it was named, and anew when it was dropped', async () => {
    const rig = await delayed();
    const first = await armableAt(rig, rig.rule);
    const light = { ...rig.rule, rung: 1 };
    const amend = (former: typeof light, rules: readonly (typeof light)[]) =>
      rig.registry.write.amend(
        [rig.id, [ruleId(former)], rules.map(evmRule), MANIFEST],
        asOwner(rig),
      );
    await time.increase(DAY / 2n);
    await amend(rig.rule, [light]);
    const { timestamp } = await rig.client.getBlock();
    assert.equal(BigInt(await armableAt(rig, light)), timestamp + DAY);
    await amend(light, [rig.rule]);
    assert.ok((await armableAt(rig, rig.rule)) > first);
  });

  it('of more than thirty days is not made', async () => {
    const { committee, registry } = await delayed();
    const most = 30n * DAY;
    await placeRegistry(connection, committee.address, { ruleDelay: most });
    await reverts(
      placeRegistry(connection, committee.address, { ruleDelay: most + 1n }),
      registry,
      'RuleDelayTooLong',
      [most + 1n, most],
    );
  });
});
