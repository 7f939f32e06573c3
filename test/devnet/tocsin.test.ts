import assert from 'node:assert/strict';
import { heapFlags } from '../../devnet/tocsin.ts';

describe('heap of a node on the devnet', () => {
  for (const [said, flags] of [
    ['', ['--max-semi-space-size=4', '--max-old-space-size=200']],
    ['--inspect=0', ['--max-semi-space-size=4', '--max-old-space-size=200']],
    ['--max-old-space-size=900', ['--max-semi-space-size=4', '--max-old-space-size=900']],
    [
      '--max_semi_space_size=16 --max-old-space-size 1024',
      ['--max-semi-space-size=16', '--max-old-space-size=1024'],
    ],
  ] as const)
    it(`is ${flags.join(' ')} where NODE_OPTIONS is "${said}"`, () => {
      assert.deepEqual(heapFlags(said), flags);
    });
});
