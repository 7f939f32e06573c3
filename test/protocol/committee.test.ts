import assert from 'node:assert/strict';
import fc from 'fast-check';
import { getContractAddress, type Hex, toHex } from 'viem';
import { childAddress, decodeRoster, rosterPages } from '../../protocol/committee.ts';
import type { certificates } from '../vectors/certificate-vectors.ts';
import { readVectors } from '../vectors/read.ts';

const vectors = readVectors<ReturnType<typeof certificates>>('certificates');
type Vector = (typeof vectors.rosters)[number];

const pagesOf = (vector: Vector) =>
  new Map(vector.pages.map(({ nonce, code }) => [nonce, code as Hex] as const));
const decode = (vector: Vector, changes: { code?: Hex; pages?: ReadonlyMap<number, Hex> } = {}) =>
  decodeRoster({
    epoch: vector.epoch,
    code: vector.code as Hex,
    pages: pagesOf(vector),
    ...changes,
  });

const small = vectors.rosters[1] as Vector;
const replaced = (code: string, at: number, hex: string): Hex =>
  `0x${code.slice(2, 2 + 2 * at)}${hex}${code.slice(2 + 2 * at + hex.length)}`;

describe('committee', () => {
  for (const vector of vectors.rosters)
    it(`a roster of ${vector.seats.length} names its seats, keys and weights`, () => {
      const pages = rosterPages(vector.code as Hex);
      assert.deepEqual(pages, { ok: true, value: vector.pages.map(({ nonce }) => nonce) });
      const committee = decode(vector);
      assert.ok(committee.ok);
      assert.equal(committee.value.epoch, vector.epoch);
      assert.equal(committee.value.totalWeight, vector.total);
      assert.equal(committee.value.maxRung, vector.maxRung);
      assert.deepEqual(
        committee.value.seats.map(({ index, keyHash, weight }) => [index, keyHash, weight]),
        vector.seats.map(({ keyHash, weight }, index) => [index, keyHash, BigInt(weight)]),
      );
    });

  it('pages and rosters are where CREATE puts them', () => {
    for (const nonce of [1, 127, 128, 255, 256, 65_535, 65_536, 0xffff_ffff])
      assert.equal(
        childAddress(vectors.committee, nonce),
        getContractAddress({ from: vectors.committee, nonce: BigInt(nonce) }).toLowerCase(),
      );
  });

  const [first] = small.pages;
  const page = first?.code ?? '0x';
  const zeroWeight = replaced(small.code, 203 + 4, '00000000');
  const secondAsFirst = replaced(small.code, 203 + 8 + 3, '00');
  for (const [what, code, changes] of [
    ['nothing', 'ROSTER_LENGTH', { code: '0x' }],
    ['another contract', 'ROSTER_PREFIX', { code: replaced(small.code, 0, '60') }],
    ['a byte too many', 'ROSTER_LENGTH', { code: `${small.code}00` as Hex }],
    ['a byte too few', 'ROSTER_LENGTH', { code: small.code.slice(0, -2) as Hex }],
    [
      'no seats',
      'ROSTER_EMPTY',
      { code: replaced(small.code, 201, '0000').slice(0, 2 + 2 * 203) as Hex },
    ],
    ['more seats than may be', 'ROSTER_OVERSIZE', { code: replaced(small.code, 201, '0201') }],
    ['no page', 'PAGE_MISSING', { pages: new Map<number, Hex>() }],
    ['a page that ends early', 'PAGE_MISSING', { pages: new Map([[1, page.slice(0, -2) as Hex]]) }],
    ['a place past the last key', 'PAGE_MISSING', { code: replaced(small.code, 203 + 3, '07') }],
    ['a key off the curve', 'KEY_REFUSED', { pages: new Map([[1, replaced(page, 1, '00')]]) }],
    ['one key twice', 'KEY_TWICE', { code: secondAsFirst }],
    ['weights that are not the total', 'ROSTER_TOTAL', { code: zeroWeight }],
    ['another aggregate', 'ROSTER_AGGREGATE', { code: replaced(small.code, 150, 'ffff') }],
  ] as const)
    it(`a roster of ${what} is refused: ${code}`, () => {
      assert.deepEqual(decode(small, changes), { ok: false, code });
    });

  it('garbage is refused, never thrown over', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        assert.ok(!decode(small, { code: toHex(bytes) }).ok);
      }),
    );
  });
});
