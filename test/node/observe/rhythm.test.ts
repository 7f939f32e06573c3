import assert from 'node:assert/strict';
import { createRhythm } from '../../../node/observe/rhythm.ts';

const ROUND_TRIP = 4;
const LEARNED = 20;
const BLOCKS = 300;

/** Looks at a chain whose blocks come at these times: how often a block, and how late half of them are seen. */
function watched(arrivals: readonly number[], pollMs: number) {
  const rhythm = createRhythm(pollMs);
  const late: number[] = [];
  let [now, looks, learned] = [0, 0, 0];
  while (late.length < arrivals.length) {
    const [at, before] = [now, late.length];
    const seen = at + ROUND_TRIP / 2;
    now += ROUND_TRIP;
    looks++;
    for (let next = arrivals[before]; next !== undefined && next <= seen; ) {
      late.push(seen - next);
      next = arrivals[late.length];
    }
    const found = late.length - before;
    if (late.length <= LEARNED) learned = looks;
    if (found > 0) rhythm.note(at, found);
    now += rhythm.pause(at, now, found > 0);
  }
  const sorted = late.slice(LEARNED).sort((a, b) => a - b);
  return {
    looks: (looks - learned) / (arrivals.length - LEARNED),
    half: sorted[sorted.length >> 1]!,
    latest: sorted.at(-1)!,
  };
}

/** Every `interval`, give or take `jitter`; the same each time. */
function arrivalsOf(interval: number, jitter: number): readonly number[] {
  let seed = 1;
  return Array.from({ length: BLOCKS }, (_, index) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return 1_000 + index * interval + (seed / 1_073_741_824 - 1) * jitter;
  }).sort((a, b) => a - b);
}

describe('the rhythm of blocks', () => {
  for (const [interval, jitter, pollMs, looks] of [
    [1_000, 0, 50, 2],
    [1_000, 5, 50, 2],
    [1_000, 10, 50, 2.1],
    [2_000, 50, 250, 2],
    [250, 3, 50, 2],
    [12_000, 300, 250, 9],
    [12_000, 1_000, 250, 15],
  ] as const)
    it(`is kept with ${looks} looks a block, every ${interval} ms give or take ${jitter}, and none is seen later than by looking every ${pollMs} ms`, () => {
      const seen = watched(arrivalsOf(interval, jitter), pollMs);
      assert.ok(seen.looks <= looks, `${seen.looks} looks`);
      assert.ok(seen.half <= (pollMs * 2) / 3, `half are ${seen.half} ms late`);
    });

  it('is looked for often where blocks come faster than one looks', () => {
    const seen = watched(arrivalsOf(30, 3), 50);
    assert.ok(seen.latest <= 50 + 2 * ROUND_TRIP, `${seen.latest} ms late`);
  });

  it('is not lost by one late block: the next is awaited where it was due', () => {
    const arrivals = arrivalsOf(1_000, 0).map((at, index) => (index === 100 ? at + 400 : at));
    assert.ok(watched(arrivals, 50).latest <= 60);
  });

  it('changes with the chain: what is expected keeps no look away for more than three seconds', () => {
    const slow = arrivalsOf(12_000, 0);
    const faster = arrivalsOf(1_000, 0).map((at) => at + slow.at(-1)!);
    assert.ok(watched([...slow, ...faster], 250).latest <= 3_010);
  });
});
