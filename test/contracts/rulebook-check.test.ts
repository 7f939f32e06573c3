import assert from 'node:assert/strict';
import { keccak256 } from 'viem';
import type { Rule } from '../../protocol/types.ts';
import { evmRule, ruleId } from '../../protocol/verdict.ts';
import { openRegistry } from './support/coverage.ts';
import { UNKNOWN } from './support/registry.ts';

const { viem, networkHelpers, bare } = await openRegistry();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

const deploy = async () => {
  const rig = await bare();
  const rulebook = await viem.getContractAt('Rulebook', await rig.registry.read.RULEBOOK());
  return { ...rig, rulebook };
};
const fresh = () => networkHelpers.loadFixture(deploy);

describe('the rulebook', () => {
  it('answers anyone with the ids of the rules, and has none of nothing', async () => {
    const { rulebook, rule, stranger } = await fresh();
    const rules: Rule[] = [rule, { ...rule, rung: 1 }];
    const account = stranger.account.address;
    const { result } = await rulebook.simulate.check([rules.map(evmRule)], { account });
    assert.deepEqual(result, rules.map(ruleId));
    assert.deepEqual((await rulebook.simulate.check([[]], { account })).result, []);
  });

  it('remembers the code it has found pure, and no other', async () => {
    const { rulebook, rule } = await fresh();
    const impure = await viem.deployContract('Impure');
    const code = (await (await viem.getPublicClient()).getCode(impure)) ?? '0x';
    const replayed: Rule = { ...rule, class: 'B', rung: 2, code: impure.address };
    const codeHash = keccak256(code);
    assert.equal(await rulebook.read.scanned([rule.codeHash]), false);
    await rulebook.write.check([[rule, { ...replayed, codeHash }].map(evmRule)]);
    assert.equal(await rulebook.read.scanned([rule.codeHash]), true);
    assert.equal(await rulebook.read.scanned([codeHash]), false);
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
