import assert from 'node:assert/strict';
import type { ChainState, CoveredRule } from '../../../node/lib/pipeline.ts';
import { createRecentStates } from '../../../node/lib/recent-states.ts';
import { blockAt } from '../gossip/support/committee.ts';

const stateAt = (height: bigint, branch = ''): ChainState => ({
  block: blockAt(height, branch),
  epoch: 1n,
  committee: null,
  rules: [],
  struck: [],
});

describe('recent states', () => {
  it('know the blocks of both sides of a reorg, and none of a height not seen', () => {
    const recent = createRecentStates();
    for (const height of [10n, 11n, 12n]) recent.add(stateAt(height));
    recent.dropAbove(11n);
    assert.equal(recent.newest()?.block.height, 11n);
    recent.add(stateAt(12n, ' of the other side'));
    assert.deepEqual(recent.hashesAt(12n), [
      blockAt(12n).hash,
      blockAt(12n, ' of the other side').hash,
    ]);
    assert.deepEqual([recent.hashesAt(9n), recent.hashesAt(13n)], [[], []]);
  });

  it('know a rule that the newest block no longer has, as it was last', () => {
    const recent = createRecentStates();
    const rule = { coverageId: '0x01', ruleId: '0x02', notBefore: 0n } as unknown as CoveredRule;
    recent.add({ ...stateAt(10n), rules: [rule] });
    recent.add({ ...stateAt(11n), rules: [{ ...rule, notBefore: 9n }] });
    recent.add(stateAt(12n));
    assert.equal(recent.ruleOf('0x01', '0x02'), null);
    assert.equal(recent.formerRuleOf('0x01', '0x02')?.notBefore, 9n);
    assert.equal(recent.formerRuleOf('0x01', '0x03'), null);
  });

  it('forget old blocks', () => {
    const recent = createRecentStates();
    for (let height = 0n; height < 200n; height++) recent.add(stateAt(height));
    assert.deepEqual(recent.hashesAt(0n), []);
    assert.deepEqual(recent.hashesAt(167n), [blockAt(167n).hash]);
  });
});
