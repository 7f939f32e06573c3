import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress, type Hex, keccak256, numberToHex, zeroHash } from 'viem';
import type { Rule } from '../../protocol/types.ts';
import { ruleId } from '../../protocol/verdict.ts';
import { anchorSlot } from '../../protocol/storage.ts';
import {
  arm,
  certifyVerdict,
  cover,
  deployRegistry,
  NO_ANCHOR,
  trip,
  verdictOf,
} from './support/registry.ts';

const connection = await hre.network.create();
const { viem, networkHelpers } = connection;
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const UNKNOWN = keccak256('0x');

const deploy = async () => {
  const rig = await deployRegistry(connection);
  const lookback: Rule = { ...rig.rule, reference: { kind: 'lookback', blocks: 2 } };
  return { ...rig, lookback, id: await cover(rig, [rig.rule, lookback]) };
};
type Rig = Awaited<ReturnType<typeof deploy>>;
const fresh = () => networkHelpers.loadFixture(deploy);
const owner = ({ guardian }: Rig) => ({ account: guardian.account });
const names = (rig: Rig) =>
  [rig.stranger, rig.guardian].map((wallet) => getAddress(wallet.account.address)) as never;

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
      rig.registry.write.arm([rig.id, id, number, hash], owner(rig)),
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

  it('takes no other anchor than one of the last 256 blocks, and none without need', async () => {
    const rig = await fresh();
    await networkHelpers.mine(260);
    const head = await rig.client.getBlockNumber();
    const block = async (height: bigint) =>
      [height, (await rig.client.getBlock({ blockNumber: height })).hash as Hex] as const;
    const [anchored, other] = [ruleId(rig.rule), ruleId(rig.lookback)];
    const last = await block(head);
    const old = await block(head - 256n);
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
        rig.registry.write.arm([rig.id, id, ...anchor], owner(rig)),
        rig.registry,
        'AnchorMismatch',
        [...anchor, canonical],
      );
    const oldest = await block(head + 1n - 256n);
    await rig.registry.write.arm([rig.id, anchored, ...oldest], owner(rig));
  });

  it('happens once', async () => {
    const rig = await fresh();
    await arm(rig, rig.id, rig.rule);
    await reverts(arm(rig, rig.id, rig.rule), rig.registry, 'RuleInPhase', [ruleId(rig.rule), 2]);
  });

  it('is for rules that are covered', async () => {
    const rig = await fresh();
    await reverts(
      rig.registry.write.arm([rig.id, UNKNOWN, ...NO_ANCHOR], owner(rig)),
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
    await reverts(call, rig.registry, 'NotOwner', names(rig));
    await rig.registry.write.retire([rig.id], owner(rig));
    await reverts(arm(rig, rig.id, rig.rule), rig.registry, 'CoverageRetired', [rig.id]);
  });
});

describe('disarming a rule', () => {
  const deployArmed = async () => {
    const rig = await deploy();
    await arm(rig, rig.id, rig.rule);
    await networkHelpers.mine();
    return rig;
  };
  const freshArmed = () => networkHelpers.loadFixture(deployArmed);
  const disarm = (rig: Rig, id = ruleId(rig.rule)) =>
    rig.registry.write.disarm([rig.id, id], owner(rig));

  it('puts it back into shadow: nothing it says trips any more, and its anchor is gone', async () => {
    const rig = await freshArmed();
    const id = ruleId(rig.rule);
    const verdict = await verdictOf(rig, rig.id);
    const certificate = await certifyVerdict(rig, verdict);
    await emitWithArgs(disarm(rig), rig.registry, 'Disarmed', [rig.id, id]);
    assert.equal(await rig.registry.read.anchor([rig.id, id]), zeroHash);
    const { phase, armedAt } = await rig.registry.read.ruleState([rig.id, id]);
    assert.deepEqual([phase, armedAt], [1, 0n]);
    await reverts(rig.registry.write.submit([verdict, certificate]), rig.registry, 'RuleNotArmed', [
      id,
      1,
    ]);
  });

  it('voids what was said before it is armed anew, with another anchor', async () => {
    const rig = await freshArmed();
    const verdict = await verdictOf(rig, rig.id);
    const certificate = await certifyVerdict(rig, verdict);
    await disarm(rig);
    const { number, hash } = await rig.client.getBlock();
    await arm(rig, rig.id, rig.rule);
    assert.equal(await rig.registry.read.anchor([rig.id, ruleId(rig.rule)]), hash);
    await reverts(
      rig.registry.write.submit([verdict, certificate]),
      rig.registry,
      'VerdictBeforeArming',
      [verdict.height, number + 1n],
    );
    await networkHelpers.mine();
    await trip(rig, rig.id);
    assert.equal(await rig.target.read.rung(), 3);
  });

  it('does not end the trip that is in force', async () => {
    const rig = await freshArmed();
    await trip(rig, rig.id);
    await disarm(rig);
    assert.equal(await rig.target.read.rung(), 3);
  });

  it('is for the owner, and for rules that are armed', async () => {
    const rig = await freshArmed();
    await reverts(
      rig.registry.write.disarm([rig.id, ruleId(rig.rule)], { account: rig.stranger.account }),
      rig.registry,
      'NotOwner',
      names(rig),
    );
    const [shadow, unknown] = [ruleId(rig.lookback), numberToHex(7, { size: 32 })];
    await reverts(disarm(rig, shadow), rig.registry, 'RuleInPhase', [shadow, 1]);
    await reverts(disarm(rig, unknown), rig.registry, 'RuleUnknown', [unknown]);
  });
});
