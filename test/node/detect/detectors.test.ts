import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Hex, stringToHex } from 'viem';
import { bindDetector, detectors } from '../../../node/detect/detectors.ts';
import type { Rule } from '../../../protocol/types.ts';
import { ADDRESS, judged, MINIMAL, type Name, ruleFor, words } from './judged.ts';

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
    [
      'an amount past a word',
      ruleFor('outflow', { minHoldings: '9'.repeat(78) }),
      'PARAMETERS_INVALID',
    ],
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
          const rule = ruleFor(
            'outflow',
            { windowBlocks },
            { lookback: Math.min(windowBlocks, 96) },
          );
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
