import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import type { Abstention, ChainState, CoveredRule, Finding } from '../../../node/lib/pipeline.ts';
import { calledAt, clearRoll, rollOf } from '../../../node/roll-call/leaves.ts';
import { isDue, rollCallOf } from '../../../protocol/roll-call.ts';
import { blockAt, covered, hash } from '../gossip/support/committee.ts';

const [A, B] = [hash('coverage a'), hash('coverage b')];
const ruleOf = (coverageId: Hex, name: string, phase: CoveredRule['phase'] = 'armed') => ({
  ...covered,
  coverageId,
  ruleId: hash(name),
  phase,
});
const stateOf = (rules: readonly CoveredRule[], height = 100n): ChainState => ({
  block: blockAt(height),
  epoch: 1n,
  committee: null,
  rules,
  struck: [],
});
const [first, second, third] = [ruleOf(A, 'first'), ruleOf(A, 'second'), ruleOf(A, 'third')];
const shadow = ruleOf(A, 'shadow', 'shadow');
const firing = (rule: CoveredRule): Finding => ({
  block: blockAt(100n),
  epoch: 1n,
  covered: rule,
  values: [],
  measure: 1n,
});
const abstained = ({ coverageId, ruleId }: CoveredRule, code: string): Abstention => ({
  block: blockAt(100n),
  coverageId,
  ruleId,
  code,
});

describe('what a roll call says', () => {
  it('is the state of each armed rule in the order of the coverage, whatever was said first', () => {
    const state = stateOf([third, shadow, ruleOf(B, 'first'), first, second]);
    const said = [abstained(second, 'FAULTED'), firing(first), firing(shadow)];
    const roll = rollOf(state, A, said);
    assert.ok('leaves' in roll);
    assert.deepEqual(roll.leaves, [
      { ruleId: third.ruleId, state: 0 },
      { ruleId: first.ruleId, state: 1 },
      { ruleId: second.ruleId, state: 2 },
    ]);
    assert.deepEqual(
      roll.ruleIds,
      [third, shadow, first, second].map(({ ruleId }) => ruleId),
    );
    assert.deepEqual(rollOf(state, A, said.toReversed()), roll);
  });

  for (const [code, state] of [
    ['FAULTED', 2],
    ['FAULTED_CODE', 2],
    ['ANSWER_UNUSABLE', 2],
    ['OVERLOADED', null],
    ['FOLD_BEHIND', null],
    ['BEFORE_ARMING', null],
    ['PROVIDERS_DISAGREE', null],
    ['DETECTOR_UNKNOWN', null],
  ] as const)
    it(`of a rule that abstained with ${code} is ${state === null ? 'nothing: it is not signed' : 'that it is faulted'}`, () => {
      const roll = rollOf(stateOf([first, second]), A, [abstained(second, code)]);
      if (state === null) assert.deepEqual(roll, abstained(second, 'ROLL_CALL_MISSED'));
      else assert.ok('leaves' in roll && roll.leaves[1]?.state === state);
    });

  it('is nothing where nobody knows what opinions say, and heeds no rule of another coverage', () => {
    const state = stateOf([first, ruleOf(B, 'first')]);
    assert.ok('code' in rollOf(state, A, null));
    const roll = rollOf(state, A, [abstained(ruleOf(B, 'first'), 'OVERLOADED')]);
    assert.ok('leaves' in roll && roll.leaves[0]?.state === 0);
    // A rule in shadow keeps nothing from being said.
    const other = rollOf(stateOf([first, shadow]), A, [abstained(shadow, 'OVERLOADED')]);
    assert.ok('leaves' in other);
  });
});

describe('a roll call of an earlier run', () => {
  const then = stateOf([first, shadow, second], 90n);
  const said = (...findings: readonly Finding[]) => {
    const roll = rollOf(then, A, findings);
    assert.ok('leaves' in roll);
    return { roll, verdict: rollCallOf(roll) };
  };

  it('is known again where all was clear', () => {
    const { roll, verdict } = said();
    const found = clearRoll(stateOf(then.rules), verdict);
    assert.deepEqual([found?.ruleIds, found?.leaves], [roll.ruleIds, roll.leaves]);
    assert.deepEqual(found && rollCallOf(found), verdict);
  });

  it('is not where something fired, where a rule was armed since, or of a rule', () => {
    const { verdict } = said();
    const now = stateOf(then.rules);
    assert.equal(clearRoll(now, said(firing(first)).verdict), null);
    assert.equal(clearRoll(stateOf([...then.rules, third]), verdict), null);
    assert.equal(clearRoll(now, { ...verdict, ruleId: first.ruleId }), null);
  });
});

describe('a coverage', () => {
  it('is called at blocks that its id and their hashes name, while a rule of it is armed', () => {
    const rules = [first, second, ruleOf(B, 'first'), ruleOf(hash('idle'), 'idle', 'shadow')];
    let calls = 0;
    for (let height = 0n; height < 300n; height++) {
      const called = calledAt(stateOf(rules, height), 3n);
      const due = [A, B].filter((id) => isDue(id, blockAt(height).hash, 3n));
      assert.deepEqual(called, due);
      calls += called.length;
    }
    assert.ok(calls > 100 && calls < 300, `${calls}`);
  });
});
