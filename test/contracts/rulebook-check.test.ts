import assert from 'node:assert/strict';
import { getAddress, type Hex, keccak256 } from 'viem';
import type { Rule } from '../../protocol/types.ts';
import { evmRule, ruleId } from '../../protocol/verdict.ts';
import { detector, openRegistry, sentinel } from './support/coverage.ts';
import { UNKNOWN } from './support/registry.ts';

const SENTINEL = getAddress('0x00000000000000000000000000000000000c0de5');
const { viem, networkHelpers, bare } = await openRegistry();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

const deploy = async () => {
  const rig = await bare();
  const rulebook = await viem.getContractAt('Rulebook', await rig.registry.read.RULEBOOK());
  return { ...rig, rulebook };
};
const fresh = () => networkHelpers.loadFixture(deploy);

describe('the rulebook', () => {
  it('answers anyone with the ids of the rules and the rungs they reach', async () => {
    const { rulebook, rule, stranger } = await fresh();
    const rules: Rule[] = [rule, { ...rule, rung: 1 }];
    const account = stranger.account.address;
    const { result } = await rulebook.simulate.check([rules.map(evmRule)], { account });
    assert.deepEqual(result, [rules.map(ruleId), 0b1010]);
  });

  it('remembers the code it has found fit, for what it was found fit', async () => {
    const { rulebook, rule } = await fresh();
    const deployed: Rule = { ...rule, ...sentinel, code: SENTINEL, codeHash: keccak256('0x5f43') };
    await networkHelpers.setCode(SENTINEL, '0x5f43');
    await rulebook.write.check([[rule, deployed].map(evmRule)]);
    const found = (hash: Hex) =>
      Promise.all([rulebook.read.scanned([hash]), rulebook.read.repeatable([hash])]);
    assert.deepEqual(await found(rule.codeHash), [true, false]);
    assert.deepEqual(await found(deployed.codeHash), [false, true]);
  });

  it('remembers nothing of code that nobody can look at', async () => {
    const { rulebook, rule } = await fresh();
    const carried: Rule = { ...rule, ...sentinel };
    await rulebook.write.check([[evmRule(carried)]]);
    assert.equal(await rulebook.read.repeatable([carried.codeHash]), false);
  });

  it('takes four sentinels of a coverage', async () => {
    const { rulebook, rule } = await fresh();
    const sentinels = [0, 1, 2, 3, 4].map((number) => ({
      ...rule,
      ...sentinel,
      life: 300 + number,
    }));
    await rulebook.write.check([sentinels.slice(1).map(evmRule)]);
    const call = rulebook.write.check([sentinels.map(evmRule)]);
    await reverts(call, rulebook, 'SentinelCount', [5n, 4n]);
  });

  for (const [name, changes, rungs] of [
    ['two families of class B raise each other', [{}, { family: 'flow' }], 0b1100],
    ['one family does not', [{}, { life: 300 }], 0b0100],
    ['two of three do', [{}, { life: 300 }, { family: 'flow' }], 0b1100],
    ['nor does one below rung 2', [{}, { family: 'flow', rung: 1 }], 0b0110],
    ['nor one of class C', [{}, { ...detector, class: 'C', family: 'flow', rung: 1 }], 0b0110],
    ['nor one of class A', [{}, { class: 'A', family: 'flow', rung: 2 }], 0b0100],
  ] as const)
    it(`answers the rungs that rules reach: ${name}`, async () => {
      const { rulebook, rule } = await fresh();
      const rules = changes.map(
        (change: Partial<Rule>): Rule =>
          change.class === 'A' ? { ...rule, ...change } : { ...rule, ...sentinel, ...change },
      );
      const { result } = await rulebook.simulate.check([rules.map(evmRule)]);
      assert.equal(result[1], rungs);
    });

  it('takes each rule once', async () => {
    const { rulebook, rule } = await fresh();
    const call = rulebook.write.check([[rule, { ...rule, rung: 1 }, rule].map(evmRule)]);
    await reverts(call, rulebook, 'RuleDuplicate', [ruleId(rule)]);
  });

  it('bounds the gas of all rules together, a rule that must hold counting twice', async () => {
    const { rulebook, rule } = await fresh();
    const costly = [0, 1, 2, 3].map((number) => ({ ...rule, life: 300 + number, gas: 200_000 }));
    const rest: Rule = { ...rule, gas: 100_000, hold: 1 };
    await rulebook.write.check([[...costly, rest].map(evmRule)]);
    const over = [...costly, { ...rest, gas: 100_001 }].map(evmRule);
    await reverts(rulebook.write.check([over]), rulebook, 'RulesGas', [1_000_002n, 1_000_000n]);
  });

  it('names the first rule that a coverage may not have', async () => {
    const { rulebook, rule } = await fresh();
    const rules = [rule, { ...rule, rung: 4 }, { ...rule, life: 0 }].map(evmRule);
    await reverts(rulebook.write.check([rules]), rulebook, 'RuleInvalid', [1n, 'rung']);
    const unbound = evmRule({ ...rule, codeHash: UNKNOWN });
    await reverts(rulebook.write.check([[unbound]]), rulebook, 'CodeHashMismatch', [
      rule.code,
      UNKNOWN,
      rule.codeHash,
    ]);
  });
});
