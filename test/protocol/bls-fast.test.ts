import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Hex, hexToBytes, toHex } from 'viem';
import * as bls from '../../protocol/bls.ts';
import { type FastBls, type FastItem, loadFast } from '../../protocol/bls-fast.ts';
import type { Decoded } from '../../protocol/decoded.ts';
import { Fault } from '../../protocol/fault.ts';
import { FIELD } from '../../protocol/points.ts';
import type { hashes, signatures } from '../vectors/curve-vectors.ts';
import { readVectors } from '../vectors/read.ts';
import type { refusals } from '../vectors/refusal-vectors.ts';
import { secretAt } from './builders.ts';

const digest: Hex = `0x${'ab'.repeat(32)}`;
const opened = <T>(decoded: Decoded<T, string>): T => {
  assert.ok(decoded.ok);
  return decoded.value;
};

describe('bls-fast, pinned to the reference', () => {
  let fast: FastBls;
  before(async () => {
    fast = await loadFast();
  });

  const itemOf = (index: number, signed = digest): FastItem => ({
    key: opened(fast.decodeKey(bls.publicKeyOf(secretAt(index)))),
    signature: opened(fast.decodeSignature(bls.sign(secretAt(index), signed))),
  });
  const coefficient = () => BigInt(1 + Math.floor(Math.random() * 2 ** 52)) << 70n;

  it('starts once, however often it is asked for', async () => {
    assert.equal(await loadFast(), fast);
  });

  it('hashes a digest to the same point', () => {
    for (const { tag, message, x, y } of readVectors<ReturnType<typeof hashes>>('hashes')) {
      if (tag !== bls.SIGNATURE_TAG) continue;
      const larger = 2n * BigInt(`0x${y}`) >= FIELD;
      const first = Number.parseInt(x.slice(0, 2), 16) | 0x80 | (larger ? 0x20 : 0);
      assert.equal(toHex(fast.hash(message)), `0x${first.toString(16)}${x.slice(2)}`);
    }
  });

  it('hashes to what is signed to the same signature', () => {
    for (let index = 0; index < 8; index++) {
      const signed = bls.signPoint(secretAt(index), fast.hash(digest));
      assert.deepEqual(signed, bls.sign(secretAt(index), digest));
    }
  });

  it('decodes, encodes and verifies the vectors', () => {
    for (const vector of readVectors<ReturnType<typeof signatures>>('signatures')) {
      const key = opened(fast.decodeKey(hexToBytes(vector.key)));
      const signature = opened(fast.decodeSignature(hexToBytes(vector.signature)));
      assert.equal(toHex(fast.encodeKey(key)), vector.key);
      assert.equal(toHex(fast.encodeSignature(signature)), vector.signature);
      assert.ok(fast.verify(key, vector.digest, signature));
      assert.ok(!fast.verify(key, digest, signature));
    }
  });

  for (const { of, what, code, bytes } of readVectors<ReturnType<typeof refusals>>('refusals'))
    it(`a ${of} of ${what} is refused: ${code}`, () => {
      if (of === 'signature')
        assert.throws(() => bls.signPoint(secretAt(0), hexToBytes(bytes)), {
          code: 'SIGNATURE_REFUSED',
        });
      const decode = of === 'key' ? fast.decodeKey : fast.decodeSignature;
      assert.deepEqual(decode(hexToBytes(bytes)), { ok: false, code });
    });

  it('takes and refuses any 48 bytes as the reference does, for the same reason', () => {
    const near = fc
      .uint8Array({ minLength: 48, maxLength: 48 })
      .map((bytes) =>
        Uint8Array.from(bytes, (byte, index) => (index === 0 ? 0x80 | (byte & 0x39) : byte)),
      );
    fc.assert(
      fc.property(fc.oneof(near, fc.uint8Array({ minLength: 47, maxLength: 49 })), (bytes) => {
        const [found, expected] = [fast.decodeSignature(bytes), bls.parseSignature(bytes)];
        assert.equal(found.ok, expected.ok);
        if (!found.ok && !expected.ok) assert.equal(found.code, expected.code);
      }),
      { numRuns: 60 },
    );
  });

  it('takes and refuses any 96 bytes as the reference does, for the same reason', () => {
    const near = fc
      .uint8Array({ minLength: 96, maxLength: 96 })
      .map((bytes) =>
        Uint8Array.from(bytes, (byte, index) =>
          index === 0 ? 0x80 | (byte & 0x39) : index === 48 ? byte & 0x19 : byte,
        ),
      );
    fc.assert(
      fc.property(fc.oneof(near, fc.uint8Array({ minLength: 95, maxLength: 97 })), (bytes) => {
        const [found, expected] = [fast.decodeKey(bytes), bls.parsePublicKey(bytes)];
        assert.equal(found.ok, expected.ok);
        if (!found.ok && !expected.ok) assert.equal(found.code, expected.code);
      }),
      { numRuns: 40 },
    );
  });

  it('adds keys and signatures to the same sums', () => {
    const items = [0, 1, 2, 3].map((index) => itemOf(index));
    const key = fast.encodeKey(fast.sumKeys(items.map((item) => item.key)));
    const signature = fast.encodeSignature(fast.sumSignatures(items.map((item) => item.signature)));
    const secrets = [0, 1, 2, 3].map(secretAt);
    assert.deepEqual(key, Uint8Array.from(bls.aggregateKeys(secrets.map(bls.publicKeyOf))));
    assert.deepEqual(
      signature,
      Uint8Array.from(bls.aggregate(secrets.map((secret) => bls.sign(secret, digest)))),
    );
    assert.ok(bls.verify(key, digest, signature));
  });

  it('a sum with itself doubles, and opposite keys verify nothing', () => {
    const item = itemOf(0);
    const doubled = {
      key: fast.sumKeys([item.key, item.key]),
      signature: fast.sumSignatures([item.signature, item.signature]),
    };
    assert.ok(fast.verify(doubled.key, digest, doubled.signature));
    const opposite = opened(bls.keyFromRaw(bls.negatedRawKey(bls.publicKeyOf(secretAt(0)))));
    const nothing = fast.sumKeys([item.key, opened(fast.decodeKey(opposite))]);
    assert.ok(!fast.verify(nothing, digest, item.signature));
  });

  it('two bad parts that cancel pass as a sum, and never as a batch', () => {
    const items = [0, 1, 2, 3, 4].map((index) => itemOf(index));
    const [first, second, ...rest] = items as [FastItem, FastItem, ...FastItem[]];
    const swapped = [
      { ...first, signature: second.signature },
      { ...second, signature: first.signature },
      ...rest,
    ];
    const sum = fast.sumSignatures(swapped.map(({ signature }) => signature));
    assert.ok(fast.verify(fast.sumKeys(swapped.map(({ key }) => key)), digest, sum));
    assert.ok(fast.verifySameMessage(digest, items, items.map(coefficient)));
    assert.ok(!fast.verifySameMessage(digest, swapped, swapped.map(coefficient)));
    assert.deepEqual(fast.findInvalid(digest, swapped, coefficient), [0, 1]);
  });

  it('bisection finds exactly the seats that did not sign', () => {
    const good = Array.from({ length: 9 }, (_, index) => itemOf(index));
    const bad = Array.from({ length: 9 }, (_, index) => itemOf(index, `0x${'cd'.repeat(32)}`));
    fc.assert(
      fc.property(fc.subarray([0, 1, 2, 3, 4, 5, 6, 7, 8]), (liars) => {
        const items = good.map((item, index) =>
          liars.includes(index) ? (bad[index] ?? item) : item,
        );
        assert.deepEqual(fast.findInvalid(digest, items, coefficient), liars);
        assert.equal(
          fast.verifySameMessage(digest, items, items.map(coefficient)),
          liars.length === 0,
        );
      }),
      { numRuns: 12 },
    );
    assert.deepEqual(fast.findInvalid(digest, [], coefficient), []);
  });

  it('a batch asks for one coefficient an item, of 1 to 128 bits, and an empty one proves nothing', () => {
    const items = [itemOf(0), itemOf(1)];
    for (const coefficients of [[], [1n], [0n, 1n], [1n, 1n << 128n], [-1n, 1n]])
      assert.throws(
        () => fast.verifySameMessage(digest, items, coefficients),
        (error) => error instanceof Fault && error.code === 'COEFFICIENTS_INVALID',
      );
    assert.ok(!fast.verifySameMessage(digest, [], []));
  });

  it('memory stays where it is over many decodings and batches', () => {
    const [key, signature] = [bls.publicKeyOf(secretAt(0)), bls.sign(secretAt(0), digest)];
    const round = (count: number) => {
      for (let i = 0; i < count; i++) {
        const item = {
          key: opened(fast.decodeKey(key)),
          signature: opened(fast.decodeSignature(signature)),
        };
        assert.ok(fast.verifySameMessage(digest, [item, item], [3n, 5n]));
      }
    };
    round(50);
    // WebAssembly's memory is external to the heap; it grows in pages of 64 KiB and never shrinks.
    const before = process.memoryUsage().external;
    round(400);
    assert.ok(process.memoryUsage().external - before < 1024 * 1024);
  }).timeout(60_000);
});
