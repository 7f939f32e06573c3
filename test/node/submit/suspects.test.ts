import assert from 'node:assert/strict';
import { createSuspects } from '../../../node/submit/suspects.ts';
import { hash } from '../gossip/support/committee.ts';

const [one, other] = [hash('one'), hash('other')];

describe('suspects', () => {
  it('are left alone for 32 blocks, then for twice as many each time, and others are not', () => {
    const { hold, isHeld } = createSuspects();
    assert.equal(isHeld(one, 0n), false);
    hold(one, 100n);
    assert.deepEqual(
      [isHeld(one, 131n), isHeld(one, 132n), isHeld(other, 101n)],
      [true, false, false],
    );
    hold(one, 200n);
    assert.deepEqual([isHeld(one, 263n), isHeld(one, 264n)], [true, false]);
  });
});
