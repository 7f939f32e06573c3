import assert from 'node:assert/strict';
import { concatHex, type Hex, numberToHex } from 'viem';
import { bindDetector, type Fold } from '../../../node/detect/detectors.ts';
import type { Judgement, Reading } from '../../../node/detect/detectors/detector.ts';
import { ruleOf } from '../../../protocol/named-rule.ts';
import type { Rule } from '../../../protocol/types.ts';

export const ADDRESS = `0x${'11'.repeat(20)}`;
export const words = (...values: readonly bigint[]): Hex =>
  concatHex(values.map((value) => numberToHex(value, { size: 32 })));

export const MINIMAL = {
  outflow: { token: ADDRESS, holder: ADDRESS, windowBlocks: 10 },
  'share-price': { vault: ADDRESS },
  'price-deviation': { feed: ADDRESS, pair: ADDRESS, windowBlocks: 10 },
} as const;
const FAMILIES = { outflow: 'outflow', 'share-price': 'share-price', 'price-deviation': 'price' };
const LOOKBACKS = { outflow: 10, 'share-price': 1, 'price-deviation': 10 };
export type Name = keyof typeof MINIMAL;

export const ruleFor = (name: Name, parameters: object = {}, more: object = {}): Rule =>
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
export const judged = (
  rule: Rule,
  blocks: readonly (readonly (Hex | null)[])[],
  first = 100n,
): readonly Judgement[] => {
  let fold = startOf(rule);
  return blocks.map((answers, index) => {
    const height = first + BigInt(index);
    const reading: Reading = { height, timestamp: height * 12n, answers };
    const said = fold.judge(reading);
    fold = fold.next(reading);
    return typeof said === 'string' ? said : said.measure;
  });
};
