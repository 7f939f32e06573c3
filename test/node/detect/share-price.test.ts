import assert from 'node:assert/strict';
import { judged, ruleFor, words } from './judged.ts';

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
