import assert from 'node:assert/strict';
import { curveOf, percentile, spread } from './figures.ts';
import { readCounters } from './samples.ts';

describe('figures of the benches', () => {
  for (const [values, share, value] of [
    [[], 0.5, null],
    [[4], 0.5, 4],
    [[4, 1, 3, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.95, 4],
    [[4, 1, 3, 2], 1, 4],
  ] as const)
    it(`${share * 100} per cent of [${values.join(', ')}] are not above ${value}`, () => {
      assert.equal(percentile(values, share), value);
    });

  it('a spread is median and largest', () => {
    assert.deepEqual(spread([3, 1, 2]), { p50: 2, max: 3 });
  });

  it('growth compares the means of the second and the last third', () => {
    assert.deepEqual(curveOf([50, 99, 100, 100, 110, 120]), {
      first: 50,
      last: 120,
      secondThird: 100,
      lastThird: 115,
      growth: 0.15,
    });
  });

  it('counters are summed over their labels, and one that is not there is nothing', () => {
    const text = [
      '# HELP tocsin_rules Rules of live coverages.',
      'tocsin_rules{phase="armed"} 3',
      'tocsin_rules{phase="shadow"} 1',
      'tocsin_blocks_total 17',
      'tocsin_blocks_total_other 5',
    ].join('\n');
    const { rules, blocks, reorgs } = readCounters(text);
    assert.deepEqual({ rules, blocks, reorgs }, { rules: 4, blocks: 17, reorgs: 0 });
  });
});
