import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress, keccak256, zeroHash } from 'viem';
import type { Rule } from '../../protocol/types.ts';
import { ruleId } from '../../protocol/verdict.ts';
import { cover, deployRegistry, type Rig } from './support/registry.ts';

const connection = await hre.network.create();
const { viem, networkHelpers } = connection;
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

const deploy = async () => {
  const rig = await deployRegistry(connection);
  const lookback: Rule = { ...rig.rule, reference: { kind: 'lookback', blocks: 2 } };
  return { ...rig, lookback, id: await cover(rig, [rig.rule, lookback]) };
};
const fresh = () => networkHelpers.loadFixture(deploy);
const arm = ({ registry, guardian }: Rig, ...args: [`0x${string}`, `0x${string}`]) =>
  registry.write.arm(args, { account: guardian.account });

describe('arming a rule', () => {
  it('counts from its own block on, and anchors the block before', async () => {
    const rig = await fresh();
    const { number, hash: anchor } = await rig.client.getBlock();
    const id = ruleId(rig.rule);
    assert.equal(await rig.registry.read.anchor([rig.id, id]), zeroHash);
    await emitWithArgs(arm(rig, rig.id, id), rig.registry, 'Armed', [
      rig.id,
      id,
      number + 1n,
      anchor,
    ]);
    assert.equal(await rig.registry.read.anchor([rig.id, id]), anchor);
    const { phase, armedAt } = await rig.registry.read.ruleState([rig.id, id]);
    assert.deepEqual([phase, armedAt], [2, number + 1n]);
  });

  it('keeps no anchor for a rule that does not ask for one', async () => {
    const rig = await fresh();
    const id = ruleId(rig.lookback);
    const { number } = await rig.client.getBlock();
    await emitWithArgs(arm(rig, rig.id, id), rig.registry, 'Armed', [
      rig.id,
      id,
      number + 1n,
      zeroHash,
    ]);
    assert.equal(await rig.registry.read.anchor([rig.id, id]), zeroHash);
  });

  it('happens once', async () => {
    const rig = await fresh();
    const id = ruleId(rig.rule);
    await arm(rig, rig.id, id);
    await reverts(arm(rig, rig.id, id), rig.registry, 'RuleNotInShadow', [id, 2]);
  });

  it('is for rules that are covered', async () => {
    const rig = await fresh();
    const unknown = keccak256('0x');
    await reverts(arm(rig, rig.id, unknown), rig.registry, 'RuleUnknown', [unknown]);
    await reverts(arm(rig, unknown, ruleId(rig.rule)), rig.registry, 'CoverageUnknown', [unknown]);
  });

  it('is for the owner of a live coverage', async () => {
    const rig = await fresh();
    const call = rig.registry.write.arm([rig.id, ruleId(rig.rule)], {
      account: rig.stranger.account,
    });
    const [stranger, guardian] = [rig.stranger, rig.guardian].map((wallet) =>
      getAddress(wallet.account.address),
    );
    await reverts(call, rig.registry, 'NotOwner', [stranger, guardian] as never);
    await rig.registry.write.retire([rig.id], { account: rig.guardian.account });
    await reverts(arm(rig, rig.id, ruleId(rig.rule)), rig.registry, 'CoverageRetired', [rig.id]);
  });
});
