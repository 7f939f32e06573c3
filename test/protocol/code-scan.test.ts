import assert from 'node:assert/strict';
import { type Hex, hexToBytes } from 'viem';
import { type Impure, impurityOf, scanCode } from '../../protocol/code-scan.ts';
import { readVectors } from '../vectors/read.ts';

type Row = Readonly<{ name: string; code: Hex; allowed: true | Impure }>;
const vectors =
  readVectors<Readonly<Record<'predicate' | 'sentinel', readonly Row[]>>>('code-scan');

describe('the scan of code', () => {
  for (const purpose of ['predicate', 'sentinel'] as const)
    it(`takes and refuses of a ${purpose} what the contract does, at the same place`, () => {
      assert.ok(vectors[purpose].length > 300);
      for (const { name, code, allowed } of vectors[purpose])
        assert.deepEqual(impurityOf(purpose, hexToBytes(code)) ?? true, allowed, name);
    });

  for (const [purpose, size, expected] of [
    ['predicate', 0, 'CODE_SIZE'],
    ['predicate', 8_192, 'taken'],
    ['predicate', 8_193, 'CODE_SIZE'],
    ['sentinel', 0, 'CODE_SIZE'],
    ['sentinel', 24_576, 'taken'],
    ['sentinel', 24_577, 'CODE_SIZE'],
  ] as const)
    it(`of ${size} bytes of a ${purpose} is ${expected}`, () => {
      const scanned = scanCode(purpose, `0x${'5b'.repeat(size)}`);
      assert.equal(scanned.ok ? 'taken' : scanned.code, expected);
    });

  it('says of bytes that are no instructions that they are impure', () => {
    assert.deepEqual(scanCode('sentinel', '0xef'), { ok: false, code: 'CODE_IMPURE' });
  });
});
