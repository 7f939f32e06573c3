import assert from 'node:assert/strict';
import { inOrder } from '../../../node/detect/order.ts';
import type { Fact } from '../../../node/lib/pipeline.ts';
import { covered, hash } from '../gossip/support/committee.ts';

const fact = (name: string, phase: 'armed' | 'shadow', escrow: bigint) =>
  ({ covered: { ...covered, ruleId: hash(name), name, phase, escrow } }) as Fact;

describe('the order of facts', () => {
  it('puts what can trip first, and then what pays for it', () => {
    const facts = [
      fact('rich shadow', 'shadow', 9n),
      fact('poor', 'armed', 1n),
      fact('rich', 'armed', 7n),
      fact('poor too', 'armed', 1n),
      fact('shadow', 'shadow', 0n),
    ];
    assert.deepEqual(
      inOrder(facts).map((found) => found.covered.name),
      ['rich', 'poor', 'poor too', 'rich shadow', 'shadow'],
    );
  });
});
