import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { createGathering } from '../../../node/gossip/gathering.ts';
import type { Claim } from '../../../node/gossip/verification.ts';
import { committeeOf, hash, verdictAt } from './support/committee.ts';
import { secrets } from './support/judges.ts';

const [seat] = committeeOf(secrets).seats;
const verdict = verdictAt(100n);
const claimOf = (word: string): Claim => ({
  verdict,
  digest: hash(word),
  seat: seat!,
  signature: new Uint8Array(1),
  isCounted: true,
});

describe('claims that are gathered', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  /** Three carry; `add` says how many were looked at so far. */
  const gathering = (patience = 0) => {
    let waiting: Claim[] = [];
    const state = {
      looks: [] as number[],
      isLate: false,
      carries: null as boolean | null,
      sums: 0,
    };
    const { add } = createGathering(
      {
        windowMs: 40,
        lateMs: 400,
        patience: () => patience,
        isLate: () => state.isLate,
        isEnough: (claims) => claims.length >= 3,
        carry: () => {
          state.sums++;
          state.isLate = state.carries ?? false;
          return state.carries ?? false;
        },
      },
      () => waiting,
      () => {
        state.looks.push(waiting.length);
        waiting = [];
      },
    );
    const bring = (count: number) => {
      for (let index = 0; index < count; index++) {
        const claim = claimOf('a');
        waiting.push(claim);
        add(claim);
      }
    };
    return { state, bring, pass: (ms: number) => mock.timers.tick(ms) };
  };

  it('are looked at together after a moment, the next after twice as long', () => {
    const { state, bring, pass } = gathering();
    bring(1);
    pass(39);
    assert.deepEqual(state.looks, []);
    bring(1);
    pass(1);
    assert.deepEqual(state.looks, [2]);
    bring(1);
    pass(79);
    assert.deepEqual(state.looks, [2]);
    pass(1);
    assert.deepEqual(state.looks, [2, 1]);
  });

  it('are looked at at once when they carry their verdict', () => {
    const { state, bring } = gathering();
    bring(3);
    assert.deepEqual(state.looks, [3]);
  });

  it('are not looked at one by one before it is late when their sum carries it', () => {
    const { state, bring, pass } = gathering();
    state.carries = true;
    bring(3);
    bring(1);
    pass(399);
    assert.deepEqual([state.looks, state.sums], [[], 1]);
    pass(1);
    assert.deepEqual([state.looks, state.sums], [[4], 1]);
  });

  it('are looked at at once when one of them spoils their sum', () => {
    const { state, bring } = gathering();
    state.carries = false;
    bring(3);
    assert.deepEqual([state.looks, state.sums], [[3], 1]);
  });

  it('are carried by their sum once this node was patient long enough', () => {
    const { state, bring, pass } = gathering(500);
    state.carries = true;
    bring(3);
    pass(499);
    assert.equal(state.sums, 0);
    pass(1);
    assert.deepEqual([state.looks, state.sums], [[], 1]);
  });

  it('are left to the seats before for as long as this node is patient, however many more come', () => {
    const { state, bring, pass } = gathering(500);
    bring(3);
    pass(250);
    bring(2);
    pass(249);
    assert.deepEqual(state.looks, []);
    pass(1);
    assert.deepEqual(state.looks, [5]);
  });

  it('wait longer once somebody else has carried it, and then are looked at once', () => {
    const { state, bring, pass } = gathering(500);
    bring(4);
    state.isLate = true;
    pass(500);
    bring(1);
    pass(399);
    assert.deepEqual(state.looks, []);
    pass(1);
    assert.deepEqual(state.looks, [5]);
  });
});
