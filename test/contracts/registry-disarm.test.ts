import assert from 'node:assert/strict';
import { type Hex, zeroHash } from 'viem';
import { ruleId } from '../../protocol/verdict.ts';
import { openRegistry } from './support/coverage.ts';
import {
  arm,
  asOwner,
  certifyVerdict,
  notOwner,
  type Rig,
  trip,
  UNKNOWN,
  verdictOf,
} from './support/registry.ts';

const { viem, networkHelpers, shadow } = await openRegistry();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

const fresh = async () => {
  const rig = await shadow();
  await arm(rig, rig.id, rig.rule);
  await networkHelpers.mine();
  return rig;
};
const disarm = (rig: Rig & { id: Hex }, id = ruleId(rig.rule), of = rig.id) =>
  rig.registry.write.disarm([of, id], asOwner(rig));

describe('disarming a rule', () => {
  it('puts it back into shadow: nothing it says trips any more, and its anchor is gone', async () => {
    const rig = await fresh();
    const id = ruleId(rig.rule);
    const verdict = await verdictOf(rig, rig.id);
    const certificate = await certifyVerdict(rig, verdict);
    await emitWithArgs(disarm(rig), rig.registry, 'Disarmed', [rig.id, id]);
    assert.equal(await rig.registry.read.anchor([rig.id, id]), zeroHash);
    const { phase, armedAt } = await rig.registry.read.ruleState([rig.id, id]);
    assert.deepEqual([phase, armedAt], [1, 0]);
    await reverts(rig.registry.write.submit([verdict, certificate]), rig.registry, 'RuleNotArmed', [
      id,
      1,
    ]);
  });

  it('voids what was said before it is armed anew, with another anchor', async () => {
    const rig = await fresh();
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
    const rig = await fresh();
    await trip(rig, rig.id);
    await disarm(rig);
    assert.equal(await rig.target.read.rung(), 3);
  });

  it('is for the owner, and for rules that are armed', async () => {
    const rig = await fresh();
    await reverts(
      rig.registry.write.disarm([rig.id, ruleId(rig.rule)], { account: rig.stranger.account }),
      rig.registry,
      'NotOwner',
      notOwner(rig),
    );
    const shadowed = ruleId(rig.lookback);
    await reverts(disarm(rig, shadowed), rig.registry, 'RuleInPhase', [shadowed, 1]);
    await reverts(disarm(rig, UNKNOWN), rig.registry, 'RuleUnknown', [UNKNOWN]);
  });

  it('is for a live coverage', async () => {
    const rig = await fresh();
    const id = ruleId(rig.rule);
    await reverts(disarm(rig, id, UNKNOWN), rig.registry, 'CoverageUnknown', [UNKNOWN]);
    await rig.registry.write.retire([rig.id], asOwner(rig));
    await reverts(disarm(rig), rig.registry, 'CoverageRetired', [rig.id]);
  });
});
