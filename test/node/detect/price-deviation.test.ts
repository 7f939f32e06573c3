import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { judged, ruleFor, words } from './judged.ts';

describe('price-deviation', () => {
  const Q112 = 2n ** 112n;
  const feed = (answer: bigint, updatedAt: bigint) => words(1n, answer, 0n, updatedAt, 1n);
  type Block = Readonly<{ answer: bigint; reserves: readonly [bigint, bigint] }>;

  /** A pair that is used in every block; 12 seconds lie between two. */
  const blocksOf = (blocks: readonly Block[], isInverted = false, begin = 0n) => {
    let cumulative = begin;
    let price = 0n;
    return blocks.map(({ answer, reserves }, index) => {
      const at = (100n + BigInt(index)) * 12n;
      cumulative = (cumulative + price * 12n) % 2n ** 256n;
      const [priced, other] = isInverted ? [reserves[1], reserves[0]] : reserves;
      price = priced === 0n ? 0n : (other * Q112) / priced;
      return [feed(answer, at), words(...reserves, at % 2n ** 32n), words(cumulative)];
    });
  };
  const steady = (answer: bigint, reserves: readonly [bigint, bigint], count = 12): Block[] =>
    Array.from({ length: count }, () => ({ answer, reserves }));
  const last = (parameters: object, blocks: readonly (readonly Hex[])[]) =>
    judged(ruleFor('price-deviation', parameters), blocks).at(-1);
  const USD = 10n ** 8n;
  /** 10 ether against 20,000 of a token with six decimals. */
  const POOL = [10n * 10n ** 18n, 20_000n * 10n ** 6n] as const;
  const SIX = { decimals1: 6 };

  for (const [what, answer, expected] of [
    ['the same price', 2_000n * USD, 'quiet'],
    ['8 % more', 2_160n * USD, 'quiet'],
    ['a little more than 8 % more', 2_161n * USD, 805n],
    ['a little more than 8 % less', 1_851n * USD, 804n],
    ['ten thousand times as much', 20_000_000n * USD, 99_990_000n],
    ['nothing', 0n, 'unknown'],
    ['less than nothing', 2n ** 256n - 1n, 'unknown'],
  ] as const)
    it(`says ${String(expected)} of a feed that answers ${what}`, () => {
      assert.equal(last(SIX, blocksOf(steady(answer, POOL))), expected);
    });

  it('averages over the window: one bent block does not make a price', () => {
    const blocks = steady(2_000n * USD, POOL);
    blocks[11] = { answer: 2_000n * USD, reserves: [POOL[0] / 4n, POOL[1] * 4n] };
    assert.equal(last(SIX, blocksOf(blocks)), 'quiet');
  });

  it('stays quiet in a crash that feed and pair share, and not when the feed stays behind', () => {
    const crash = (follows: boolean) =>
      Array.from({ length: 40 }, (_, index): Block => {
        const fallen = index > 10 ? 2n : 1n;
        const answer = (2_000n * USD) / (follows ? fallen : 1n);
        return { answer, reserves: [POOL[0], POOL[1] / fallen] };
      });
    assert.equal(last(SIX, blocksOf(crash(true))), 'quiet');
    assert.equal(last(SIX, blocksOf(crash(false))), 10_000n);
  });

  it('prices token1 in token0 where the feed is inverted', () => {
    const given = { decimals0: 6, isInverted: true };
    const pool = [POOL[1], POOL[0]] as const;
    assert.equal(last(given, blocksOf(steady(2_000n * USD, pool), true)), 'quiet');
    assert.equal(last(given, blocksOf(steady(2_200n * USD, pool), true)), 1_000n);
  });

  it('goes on where the sum of prices runs over, as the pair does', () => {
    const near = 2n ** 256n - 5n;
    assert.equal(last(SIX, blocksOf(steady(2_000n * USD, POOL), false, near)), 'quiet');
  });

  it('cannot say anything of an old answer, an empty pair or too small a reserve', () => {
    const stale = blocksOf(steady(2_000n * USD, POOL)).map(([, ...rest]) => [
      feed(2_000n * USD, 1n),
      ...rest,
    ]);
    assert.equal(last({ ...SIX, maxAgeSeconds: 60 }, stale), 'unknown');
    assert.equal(last(SIX, blocksOf(steady(2_000n * USD, [0n, 5n]))), 'unknown');
    const floor = { ...SIX, minReserve: String(POOL[0] + 1n) };
    assert.equal(last(floor, blocksOf(steady(2_000n * USD, POOL))), 'unknown');
  });
});
