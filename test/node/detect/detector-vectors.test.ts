import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Hex } from 'viem';
import { detectors } from '../../../node/detect/detectors.ts';

type Vector = Readonly<{
  parameters: object;
  first: Readonly<{ height: number; timestamp: number; seconds: number }>;
  blocks: readonly Readonly<{
    answers: readonly (Hex | null)[];
    said: 'quiet' | 'unknown' | readonly Hex[];
  }>[];
}>;

describe('what a version of a detector says', () => {
  for (const { id, bind } of detectors)
    it(`${id} says of its two hundred blocks for ever: another answer is another version`, () => {
      const file = new URL(`../../vectors/detectors/${id}.json`, import.meta.url);
      const { parameters, first, blocks } = JSON.parse(readFileSync(file, 'utf8')) as Vector;
      let fold = bind(parameters)?.start;
      for (const [index, { answers, said }] of blocks.entries()) {
        const height = BigInt(first.height + index);
        const timestamp = BigInt(first.timestamp + first.seconds * index);
        const found = fold?.judge({ height, timestamp, answers });
        assert.deepEqual(typeof found === 'object' ? found.values : found, said, `block ${height}`);
        fold = fold?.next({ height, timestamp, answers });
      }
    });
});
