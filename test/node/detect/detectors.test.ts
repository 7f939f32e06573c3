import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concatHex, type Hex, numberToHex, stringToHex } from 'viem';
import { bindDetector, detectors, type Fold } from '../../../node/detect/detectors.ts';
import type { Judgement, Reading } from '../../../node/detect/detectors/detector.ts';
import { ruleOf } from '../../../protocol/named-rule.ts';
import type { Rule } from '../../../protocol/types.ts';

const ADDRESS = `0x${'11'.repeat(20)}`;
const words = (...values: readonly bigint[]): Hex =>
  concatHex(values.map((value) => numberToHex(value, { size: 32 })));

const MINIMAL = {
  outflow: { token: ADDRESS, holder: ADDRESS, windowBlocks: 10 },
  'share-price': { vault: ADDRESS },
  'price-deviation': { feed: ADDRESS, pair: ADDRESS, windowBlocks: 10 },
} as const;
const FAMILIES = { outflow: 'outflow', 'share-price': 'share-price', 'price-deviation': 'price' };
const LOOKBACKS = { outflow: 10, 'share-price': 1, 'price-deviation': 10 };
type Name = keyof typeof MINIMAL;

const ruleFor = (name: Name, parameters: object = {}, more: object = {}): Rule =>
  ruleOf({
    name,
    kind: 'detector',
    class: 'B',
    family: FAMILIES[name],
    rung: 2,
    life: 600,
    detector: `${name}@1.0.0`,
    startBlock: 0,
    lookback: LOOKBACKS[name],
    parameters: { ...MINIMAL[name], ...parameters },
    ...more,
  } as Parameters<typeof ruleOf>[0]);

const startOf = (rule: Rule): Fold => {
  const bound = bindDetector(rule);
  assert.ok(bound.ok, bound.ok ? '' : bound.code);
  return bound.value.start;
};

/** What is said of each block, the first at height 100 and each 12 seconds after the one before. */
const judged = (
  rule: Rule,
  blocks: readonly (readonly (Hex | null)[])[],
  first = 100n,
): readonly Judgement[] => {
  let fold = startOf(rule);
  return blocks.map((answers, index) => {
    const height = first + BigInt(index);
    const reading: Reading = { height, timestamp: height * 12n, answers };
    const judgement = fold.judge(reading);
    fold = fold.next(reading);
    return judgement;
  });
};

describe('a detector', () => {
  for (const [what, rule, code] of [
    ['another version', ruleFor('outflow', {}, { detector: 'outflow@1.0.1' }), 'DETECTOR_UNKNOWN'],
    ['an unknown name', ruleFor('outflow', {}, { detector: 'inflow@1.0.0' }), 'DETECTOR_UNKNOWN'],
    ['another class', ruleFor('outflow', {}, { class: 'C' }), 'DETECTOR_DIFFERS'],
    ['another family', ruleFor('outflow', {}, { family: 'price' }), 'DETECTOR_DIFFERS'],
    ['another lookback', ruleFor('outflow', {}, { lookback: 9 }), 'DETECTOR_DIFFERS'],
    ['an unknown parameter', ruleFor('outflow', { colour: 1 }), 'PARAMETERS_INVALID'],
    ['a parameter too few', ruleFor('outflow', { token: true }), 'PARAMETERS_INVALID'],
    ['an amount as a number', ruleFor('outflow', { minHoldings: 5 }), 'PARAMETERS_INVALID'],
    ['too much of a share', ruleFor('outflow', { maxOutflowBps: 10_001 }), 'PARAMETERS_INVALID'],
    [
      'parameters that are no JSON',
      { ...ruleFor('outflow'), params: '0x7b' },
      'PARAMETERS_INVALID',
    ],
    [
      'parameters in another order',
      {
        ...ruleFor('share-price'),
        params: stringToHex(`{"vault":"${ADDRESS}","minShares":"5"}`),
      },
      'PARAMETERS_INVALID',
    ],
  ] as const)
    it(`is not run for a rule with ${what}`, () => {
      assert.deepEqual(bindDetector(rule as Rule), { ok: false, code });
    });

  for (const name of Object.keys(MINIMAL) as Name[]) {
    const hostile = fc.oneof(
      fc.constant(null),
      fc.constant<Hex>('0x'),
      fc
        .uint8Array({ maxLength: 256 })
        .map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`),
      fc
        .array(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), { maxLength: 5 })
        .map((list) => words(...list)),
      fc.array(fc.bigInt({ min: 0n, max: 3n }), { maxLength: 5 }).map((list) => words(...list)),
    );
    const answers = fc.array(hostile, { maxLength: 3 });

    it(`${name} takes whatever contracts answer, and its measure is a word`, () => {
      fc.assert(
        fc.property(fc.array(answers, { maxLength: 20 }), (blocks) => {
          for (const said of judged(ruleFor(name), blocks))
            assert.ok(typeof said === 'string' || (said >= 0n && said < 2n ** 256n));
        }),
      );
    });
  }

  it('says the same wherever it began, once it has seen what it looks back to', () => {
    const balance = fc.bigInt({ min: 0n, max: 1_000n }).map((value) => [words(value)]);
    const answer = fc.oneof({ weight: 4, arbitrary: balance }, fc.constant([null]));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(answer, { minLength: 410, maxLength: 410 }),
        fc.integer({ min: 1, max: 200 }),
        (windowBlocks, blocks, later) => {
          const rule = ruleFor('outflow', { windowBlocks }, { lookback: windowBlocks });
          const all = judged(rule, blocks);
          const some = judged(rule, blocks.slice(later), 100n + BigInt(later));
          assert.deepEqual(some.slice(windowBlocks), all.slice(later + windowBlocks));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('has its name and version once', () => {
    assert.equal(new Set(detectors.map(({ id }) => id)).size, detectors.length);
  });
});

describe('outflow', () => {
  const balances = (parameters: object, ...values: readonly bigint[]) =>
    judged(
      ruleFor('outflow', parameters),
      values.map((value) => [words(value)]),
    ).at(-1);

  for (const [what, parameters, values, expected] of [
    ['a fall of the most that may be', {}, [1_000n, 850n], 'quiet'],
    ['a fall of more', {}, [10_000n, 8_499n], 1_501n],
    ['a slow fall within the window', {}, [1_000n, 950n, 900n, 840n], 1_600n],
    ['a rise', {}, [1_000n, 2_000n], 'quiet'],
    ['everything', {}, [1n, 0n], 10_000n],
    ['nothing ever held', {}, [0n, 0n], 'quiet'],
    ['a fall of what is below the floor', { minHoldings: '1001' }, [1_000n, 0n], 'quiet'],
    ['a fall of what is at the floor', { minHoldings: '1000' }, [1_000n, 0n], 10_000n],
    ['a fall that is older than the window', {}, [1_000n, ...Array<bigint>(10).fill(500n)], 5_000n],
    ['one older by a block', {}, [1_000n, ...Array<bigint>(11).fill(500n)], 'quiet'],
  ] as const)
    it(`says ${expected} of ${what}`, () => {
      assert.equal(balances(parameters, ...values), expected);
    });

  it('looks over a block that answered nothing', () => {
    const rule = ruleFor('outflow');
    assert.deepEqual(judged(rule, [[words(10n)], [null], [words(5n)]]), [
      'quiet',
      'unknown',
      5_000n,
    ]);
  });
});

describe('share-price', () => {
  const E = 10n ** 18n;
  const prices = (parameters: object, ...values: readonly (readonly [bigint, bigint])[]) =>
    judged(
      ruleFor('share-price', parameters),
      values.map(([assets, supply]) => [words(assets), words(supply)]),
    ).at(-1);

  for (const [what, parameters, values, expected] of [
    [
      'a fall of the most that may be',
      {},
      [
        [10_000n * E, E],
        [9_990n * E, E],
      ],
      'quiet',
    ],
    [
      'a fall of more',
      {},
      [
        [10_000n * E, E],
        [9_989n * E, E],
      ],
      11n,
    ],
    [
      'a rise of the most that may be',
      {},
      [
        [10_000n * E, E],
        [10_050n * E, E],
      ],
      'quiet',
    ],
    [
      'a rise of more',
      {},
      [
        [10_000n * E, E],
        [10_051n * E, E],
      ],
      51n,
    ],
    [
      'assets and shares that leave together',
      {},
      [
        [100n * E, 10n * E],
        [50n * E, 5n * E],
      ],
      'quiet',
    ],
    [
      'shares from nothing',
      {},
      [
        [100n * E, 10n * E],
        [100n * E, 20n * E],
      ],
      5_000n,
    ],
    [
      'no shares',
      {},
      [
        [E, E],
        [E, 0n],
      ],
      'unknown',
    ],
    [
      'too few shares',
      {},
      [
        [E, E],
        [E, 999_999n],
      ],
      'unknown',
    ],
    ['nothing before it', {}, [[E, E]], 'unknown'],
    [
      'nothing behind a share before',
      {},
      [
        [0n, E],
        [E, E],
      ],
      'unknown',
    ],
    [
      'what one share converts to',
      { source: 'convertToAssets' },
      [
        [1_000n, 5n * E],
        [900n, 10n * E],
      ],
      1_000n,
    ],
  ] as const)
    it(`says ${String(expected)} of ${what}`, () => {
      assert.equal(prices(parameters, ...values), expected);
    });

  it('compares with the very block before, and with no other', () => {
    const price = (assets: bigint) => [words(assets), words(E)];
    assert.deepEqual(
      judged(ruleFor('share-price'), [price(E), [null, words(E)], price(E / 2n), price(E / 4n)]),
      ['unknown', 'unknown', 'unknown', 5_000n],
    );
  });
});

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
