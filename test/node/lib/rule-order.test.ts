import assert from 'node:assert/strict';
import type { CoveredRule } from '../../../node/lib/pipeline.ts';
import { inOrder } from '../../../node/lib/rule-order.ts';
import { covered, hash } from '../gossip/support/committee.ts';

const rule = (
  coverage: string,
  name: string,
  phase: 'armed' | 'shadow',
  escrow: bigint,
): CoveredRule => ({ ...covered, coverageId: hash(coverage), name, phase, escrow });

describe('the order of rules', () => {
  it('puts what can trip first, of every coverage in turn, and of those what pays for it', () => {
    const rules = [
      rule('rich', 'shadow', 'shadow', 9n),
      rule('poor', 'poor one', 'armed', 1n),
      rule('poor', 'poor two', 'armed', 1n),
      rule('rich', 'rich one', 'armed', 9n),
      rule('rich', 'rich two', 'armed', 9n),
      rule('rich', 'rich three', 'armed', 9n),
    ];
    assert.deepEqual(
      inOrder(rules).map(({ name }) => name),
      ['rich one', 'poor one', 'rich two', 'poor two', 'rich three', 'shadow'],
    );
  });
});
