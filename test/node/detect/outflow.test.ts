import assert from 'node:assert/strict';
import { judged, ruleFor, words } from './judged.ts';

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
