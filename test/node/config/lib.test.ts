import assert from 'node:assert/strict';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { createLog } from '../../../node/lib/log.ts';
import { KNOWN_ANSWERS } from '../../../node/lib/precompiles.ts';
import { nearest } from '../../../node/lib/schema.ts';
import { parseAmount, parseSeconds, parseWhole } from '../../../node/lib/units.ts';
import { refusedWith } from '../refused.ts';

describe('the log', () => {
  const written = (
    format: 'json' | 'text',
    act: (log: ReturnType<typeof createLog>) => void,
  ): string => {
    const lines: string[] = [];
    act(createLog({ level: 'info', format }, { write: (line) => void lines.push(line) }));
    return lines.join('');
  };

  it('is one JSON object a line, with bigints as text that loses nothing', () => {
    const line = written('json', (log) =>
      log.child({ seat: 3 }).info('verdict signed', { height: 2n ** 60n }),
    );
    const { level, msg, seat, height } = JSON.parse(line) as Record<string, unknown>;
    assert.deepEqual(
      [level, msg, seat, height],
      ['info', 'verdict signed', 3, '1152921504606846976'],
    );
  });

  it('leaves out what is less severe than its level', () => {
    assert.equal(
      written('json', (log) => log.debug('block seen')),
      '',
    );
  });

  it('can be read by people', () => {
    assert.match(
      written('text', (log) => log.warn('reorg', { dropped: 2, code: 'X' })),
      /^\d\d:\d\d:\d\d\.\d{3} warn {2}reorg dropped=2 code=X\n$/,
    );
  });
});

describe('units', () => {
  it('are exact', () => {
    assert.equal(parseAmount('12.5', 18, 'x'), 12_500_000_000_000_000_000n);
    assert.equal(parseAmount('160000', 0, 'x'), 160_000n);
    assert.deepEqual(
      ['90', '90s', '15m', '24h', '7d'].map((text) => parseSeconds(text, 'x')),
      [90n, 90n, 900n, 86_400n, 604_800n],
    );
    assert.equal(parseWhole('7', 'x', 1, 9), 7);
  });

  for (const [what, act] of [
    ['an amount with a sign', () => parseAmount('-1', 18, 'x')],
    ['an amount with an exponent', () => parseAmount('1e3', 18, 'x')],
    ['more decimals than there are', () => parseAmount('0.001', 2, 'x')],
    ['a duration in weeks', () => parseSeconds('1w', 'x')],
    ['a number out of range', () => parseWhole('10', 'x', 1, 9)],
    ['no number', () => parseWhole('', 'x', 1, 9)],
  ] as const)
    it(`refuse ${what}`, async () => {
      await refusedWith('ARGUMENT_INVALID', 'x: ', act);
    });

  it('names are near when a letter or two differ, and far otherwise', () => {
    assert.equal(nearest('pollMS', ['pollMs', 'peers']), 'pollMs');
    assert.equal(nearest('blsKeyStor', ['hotKeystore', 'blsKeystore']), 'blsKeystore');
    assert.equal(nearest('colour', ['pollMs', 'peers']), null);
  });
});

describe('known answers of the BLS precompiles', () => {
  const word = (value: bigint) => value.toString(16).padStart(128, '0');
  const { G1, G2 } = bls12_381;
  const g1 = (point: typeof G1.Point.BASE) =>
    `0x${word(point.toAffine().x)}${word(point.toAffine().y)}`;
  const g2 = (point: typeof G2.Point.BASE) => {
    const { x, y } = point.toAffine();
    return `0x${[x.c0, x.c1, y.c0, y.c1].map(word).join('')}`;
  };

  // Its types ask for a list, its code for the number itself.
  const mapOfOne = (G1.mapToCurve as unknown as (u: bigint) => typeof G1.Point.BASE)(1n);

  it('are those of an independent implementation', () => {
    const answers = Object.fromEntries(KNOWN_ANSWERS.map(({ name, output }) => [name, output]));
    assert.deepEqual(answers, {
      G1ADD: g1(G1.Point.BASE.double()),
      G1MSM: g1(G1.Point.BASE.double()),
      G2ADD: g2(G2.Point.BASE.double()),
      PAIRING: `0x${'1'.padStart(64, '0')}`,
      MAP_FP_TO_G1: g1(mapOfOne),
    });
  });
});
