import assert from 'node:assert/strict';
import { encodePacked, type Hex, keccak256, zeroHash } from 'viem';
import type { Rule } from '../../protocol/types.ts';
import { evmRule, ruleId } from '../../protocol/verdict.ts';
import { openRegistry } from './support/coverage.ts';
import { way } from './support/hostile.ts';
import {
  arm,
  asOwner,
  MANIFEST,
  notOwner,
  type Rig,
  submit,
  trip,
  UNKNOWN,
  verdictOf,
} from './support/registry.ts';

const { viem, networkHelpers, shadow, covered, hostile } = await openRegistry();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

const amend = (
  rig: Rig & { id: Hex },
  former: readonly Rule[],
  rules: readonly Rule[],
  { id = rig.id, manifest = MANIFEST }: { id?: Hex; manifest?: Hex } = {},
) => rig.registry.write.amend([id, former.map(ruleId), rules.map(evmRule), manifest], asOwner(rig));
const hashOf = (rules: readonly Rule[]) =>
  keccak256(encodePacked(['bytes32[]'], [rules.map(ruleId)]));

describe('amending a coverage', () => {
  it('tells the new rules and manifest, and keeps the hash of what it told', async () => {
    const rig = await shadow();
    const former = [rig.rule, rig.lookback];
    assert.equal(await rig.registry.read.rulesHash([rig.id]), hashOf(former));
    const rules: Rule[] = [{ ...rig.rule, rung: 1 }, rig.lookback];
    await emitWithArgs(amend(rig, former, rules, { manifest: '0x7b20' }), rig.registry, 'Amended', [
      rig.id,
      rules.map(ruleId),
      '0x7b20',
    ]);
    assert.equal(await rig.registry.read.rulesHash([rig.id]), hashOf(rules));
  });

  it('leaves a rule that stays as it is, armed and with its anchor', async () => {
    const rig = await covered();
    const read = () =>
      Promise.all([
        rig.registry.read.ruleState([rig.id, ruleId(rig.rule)]),
        rig.registry.read.anchor([rig.id, ruleId(rig.rule)]),
      ]);
    const before = await read();
    await amend(rig, [rig.rule], [{ ...rig.rule, rung: 1 }, rig.rule]);
    assert.deepEqual(await read(), before);
    await trip(rig, rig.id);
    assert.equal(await rig.target.read.rung(), 3);
  });

  it('starts a new rule in shadow', async () => {
    const rig = await covered();
    const added: Rule = { ...rig.rule, rung: 1 };
    await amend(rig, [rig.rule], [rig.rule, added]);
    const { phase } = await rig.registry.read.ruleState([rig.id, ruleId(added)]);
    assert.equal(phase, 1);
    const verdict = await verdictOf(rig, rig.id, {}, added);
    await reverts(submit(rig, verdict), rig.registry, 'RuleNotArmed', [ruleId(added), 1]);
  });

  it('forgets a rule that it drops: what it says trips nothing, armed anew it starts afresh', async () => {
    const rig = await covered();
    await trip(rig, rig.id);
    await rig.registry.write.end([rig.id], asOwner(rig));
    const light: Rule = { ...rig.rule, rung: 1 };
    await amend(rig, [rig.rule], [light]);
    const { phase, lastHeight } = await rig.registry.read.ruleState([rig.id, ruleId(rig.rule)]);
    assert.deepEqual([phase, lastHeight], [0, 0]);
    assert.equal(await rig.registry.read.anchor([rig.id, ruleId(rig.rule)]), zeroHash);
    const verdict = await verdictOf(rig, rig.id);
    await reverts(submit(rig, verdict), rig.registry, 'RuleUnknown', [ruleId(rig.rule)]);
    await amend(rig, [light], [rig.rule]);
    await arm(rig, rig.id, rig.rule);
    const { armedAt } = await rig.registry.read.ruleState([rig.id, ruleId(rig.rule)]);
    await reverts(submit(rig, verdict), rig.registry, 'VerdictBeforeArming', [
      verdict.height,
      BigInt(armedAt),
    ]);
  });

  it('is refused unless the former rules are named, all and in order', async () => {
    const rig = await shadow();
    const former = [rig.rule, rig.lookback];
    for (const claimed of [[], [rig.rule], [rig.lookback, rig.rule], [...former, rig.rule]])
      await reverts(amend(rig, claimed, [rig.rule]), rig.registry, 'RulesMismatch', [
        rig.id,
        hashOf(claimed),
        hashOf(former),
      ]);
  });

  it('is refused while anything is in force', async () => {
    const rig = await covered();
    await trip(rig, rig.id);
    await reverts(amend(rig, [rig.rule], [rig.rule]), rig.hub, 'StillTripped', [
      rig.target.address,
      3,
    ]);
    await networkHelpers.time.increase(rig.rule.life);
    await amend(rig, [rig.rule], [rig.rule]);
  });

  it('first puts back what an expired trip left behind', async () => {
    const rig = await hostile();
    await trip(rig, rig.id);
    await networkHelpers.time.increase(rig.rule.life);
    assert.equal(await rig.hostile.read.rung(), 3);
    await amend(rig, [rig.rule], [rig.rule]);
    assert.equal(await rig.hostile.read.rung(), 0);
  });

  it('rehearses the target: one that no longer obeys keeps its former rules', async () => {
    const rig = await hostile();
    await rig.hostile.write.behave([way('revert'), way('honest'), way('honest')]);
    const light: Rule = { ...rig.rule, rung: 1 };
    await reverts(amend(rig, [rig.rule], [light]), rig.hub, 'TripFailed', [rig.hostile.address, 1]);
    assert.equal(await rig.registry.read.rulesHash([rig.id]), hashOf([rig.rule]));
  });

  it('holds the new rules to the bounds of any coverage', async () => {
    const rig = await covered();
    const many = Array.from({ length: 17 }, (_, index) => ({ ...rig.rule, life: 300 + index }));
    const costly = many.slice(0, 6).map((rule) => ({ ...rule, gas: 200_000 }));
    for (const [rules, error, args] of [
      [[], 'RuleCount', [0n, 16n]],
      [many, 'RuleCount', [17n, 16n]],
      [[rig.rule, rig.rule], 'RuleDuplicate', [ruleId(rig.rule)]],
      [costly, 'RulesGas', [1_200_000n, 1_000_000n]],
      [[{ ...rig.rule, life: 0 }], 'RuleInvalid', [0n, 'life']],
    ] as const)
      await reverts(amend(rig, [rig.rule], rules), rig.registry, error, args as never);
    const call = amend(rig, [rig.rule], [rig.rule], { manifest: '0x' });
    await reverts(call, rig.registry, 'ManifestLength', [0n, 24_576n]);
  });

  it('is for the owner of a live coverage', async () => {
    const rig = await covered();
    const args = [rig.id, [ruleId(rig.rule)], [evmRule(rig.rule)], MANIFEST] as const;
    const call = rig.registry.write.amend(args, { account: rig.stranger.account });
    await reverts(call, rig.registry, 'NotOwner', notOwner(rig));
    const unknown = amend(rig, [rig.rule], [rig.rule], { id: UNKNOWN });
    await reverts(unknown, rig.registry, 'CoverageUnknown', [UNKNOWN]);
    await rig.registry.write.retire([rig.id], asOwner(rig));
    await reverts(amend(rig, [rig.rule], [rig.rule]), rig.registry, 'CoverageRetired', [rig.id]);
  });
});
