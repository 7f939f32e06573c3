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

  it('are strangers again when they have behaved for long', () => {
    const { hold, isHeld } = createSuspects();
    for (const head of [100n, 200n, 300n]) hold(one, head);
    assert.equal(isHeld(one, 427n), true);
    hold(one, 1_000n);
    assert.deepEqual([isHeld(one, 1_031n), isHeld(one, 1_032n)], [true, false]);
  });
});
