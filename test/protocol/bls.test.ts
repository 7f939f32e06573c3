import assert from 'node:assert/strict';
import { type Hex, hexToBytes, toHex } from 'viem';
import * as bls from '../../protocol/bls.ts';
import { Fault } from '../../protocol/fault.ts';
import { FIELD } from '../../protocol/points.ts';
import type { hashes, possessions, signatures } from '../vectors/curve-vectors.ts';
import { readVectors } from '../vectors/read.ts';
import type { refusals } from '../vectors/refusal-vectors.ts';
import { secretAt } from './builders.ts';

const vectors = readVectors<ReturnType<typeof signatures>>('signatures');
const digest: Hex = `0x${'ab'.repeat(32)}`;
const faultOf = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;

describe('bls', () => {
  it('hashes to G1 as RFC 9380 says', () => {
    for (const { tag, message, x, y } of readVectors<ReturnType<typeof hashes>>('hashes')) {
      const found = bls
        .hashToG1(hexToBytes(message), tag)
        .map((value) => value.toString(16).padStart(96, '0'));
      assert.deepEqual(found, [x, y]);
    }
  });

  for (const [index, vector] of vectors.entries())
    it(`secret ${index} signs and encodes as the vectors say`, () => {
      const secret = hexToBytes(vector.secret);
      const key = bls.publicKeyOf(secret);
      const signature = bls.sign(secret, vector.digest);
      assert.equal(toHex(key), vector.key);
      assert.equal(toHex(bls.rawKey(key)), vector.rawKey);
      assert.equal(bls.keyHash(key), vector.keyHash);
      assert.deepEqual(bls.evmKey(key), vector.evmKey);
      assert.equal(toHex(signature), vector.signature);
      assert.deepEqual(bls.evmSignature(signature), vector.evmSignature);
      assert.deepEqual(bls.signatureFromEvm(vector.evmSignature), { ok: true, value: signature });
      assert.deepEqual(bls.keyFromRaw(hexToBytes(vector.rawKey)), { ok: true, value: key });
      assert.ok(bls.verify(key, vector.digest, signature));
    });

  it('a signature is of one digest by one key', () => {
    const [key, other] = [bls.publicKeyOf(secretAt(0)), bls.publicKeyOf(secretAt(1))];
    const signature = bls.sign(secretAt(0), digest);
    assert.ok(bls.verify(key, digest, signature));
    assert.ok(!bls.verify(other, digest, signature));
    assert.ok(!bls.verify(key, `0x${'ac'.repeat(32)}`, signature));
    assert.ok(!bls.verify(key, digest, new Uint8Array(48)));
    assert.ok(!bls.verify(new Uint8Array(96), digest, signature));
  });

  it('a key that is overwritten in place is another key', () => {
    const key = Uint8Array.from(bls.publicKeyOf(secretAt(0)));
    const signature = bls.sign(secretAt(0), digest);
    assert.ok(bls.verify(key, digest, signature));
    key.set(bls.publicKeyOf(secretAt(1)));
    assert.ok(!bls.verify(key, digest, signature));
    key.fill(0);
    assert.ok(!bls.verify(key, digest, signature));
  });

  it('an aggregate is of exactly its keys', () => {
    const secrets = [0, 1, 2].map(secretAt);
    const keys = secrets.map(bls.publicKeyOf);
    const signature = bls.aggregate(secrets.map((secret) => bls.sign(secret, digest)));
    assert.ok(bls.verifyAggregate(keys, digest, signature));
    assert.ok(bls.verify(bls.aggregateKeys(keys), digest, signature));
    assert.ok(!bls.verifyAggregate(keys.slice(1), digest, signature));
    assert.ok(!bls.verifyAggregate([], digest, signature));
  });

  it('keys that cancel out verify nothing', () => {
    const key = bls.publicKeyOf(secretAt(0));
    const raw = bls.keyFromRaw(bls.negatedRawKey(key));
    assert.ok(raw.ok);
    assert.ok(!bls.verifyAggregate([key, raw.value], digest, bls.sign(secretAt(1), digest)));
    assert.throws(() => bls.aggregateKeys([key, raw.value]), faultOf('KEY_REFUSED'));
  });

  it('a proof of possession is of one key, operator and contract, and no verdict', () => {
    for (const { secret, keyHash, binding, message, proof } of readVectors<
      ReturnType<typeof possessions>
    >('possessions')) {
      const bytes = hexToBytes(secret);
      const key = bls.publicKeyOf(bytes);
      assert.equal(bls.possessionMessage(binding, keyHash), message);
      assert.equal(toHex(bls.provePossession(bytes, binding)), proof);
      assert.ok(bls.verifyPossession(key, binding, hexToBytes(proof)));
      assert.ok(!bls.verifyPossession(key, { ...binding, chainId: 1n }, hexToBytes(proof)));
      assert.ok(!bls.verify(key, message, hexToBytes(proof)));
    }
  });

  for (const { of, what, code, bytes } of readVectors<ReturnType<typeof refusals>>('refusals'))
    it(`a ${of} of ${what} is refused: ${code}`, () => {
      const parse = of === 'key' ? bls.parsePublicKey : bls.parseSignature;
      assert.deepEqual(parse(hexToBytes(bytes)), { ok: false, code });
    });

  it('foreign coordinates are refused as foreign encodings are', () => {
    const [x0, x1, y0, y1] = bls.evmSignature(bls.sign(secretAt(0), digest));
    const words = (value: bigint) => [value >> 256n, value & ((1n << 256n) - 1n)] as const;
    for (const [code, foreign] of [
      ['POINT_LENGTH', [x0, x1, y0]],
      ['POINT_IS_INFINITY', [0n, 0n, 0n, 0n]],
      ['POINT_NOT_CANONICAL', [...words(FIELD + 1n), y0, y1]],
      ['POINT_NOT_CANONICAL', [x0 + (1n << 200n), x1, y0, y1]],
      ['POINT_NOT_ON_CURVE', [x0, x1, y0, y1 + 1n]],
      ['POINT_NOT_ON_CURVE', [0n, 0n, y0, y1]],
      ['POINT_NOT_IN_SUBGROUP', [0n, 0n, 0n, 2n]],
    ] as const)
      assert.deepEqual(bls.signatureFromEvm(foreign), { ok: false, code });
  });

  it('raw keys are refused as compressed ones are', () => {
    const raw = bls.rawKey(bls.publicKeyOf(secretAt(0)));
    const changed = (at: number, byte: number) =>
      Uint8Array.from(raw, (old, index) => (index === at ? byte : old));
    for (const [code, foreign] of [
      ['POINT_LENGTH', raw.subarray(1)],
      ['POINT_IS_INFINITY', new Uint8Array(192)],
      ['POINT_NOT_CANONICAL', changed(0, 0xff)],
      ['POINT_NOT_ON_CURVE', changed(191, (raw[191] ?? 0) ^ 1)],
    ] as const)
      assert.deepEqual(bls.keyFromRaw(foreign), { ok: false, code });
  });

  it('a secret is between zero and the order of the group', () => {
    const order = hexToBytes('0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001');
    for (const secret of [
      new Uint8Array(32),
      new Uint8Array(31).fill(1),
      new Uint8Array(33).fill(1),
      order,
    ]) {
      assert.ok(!bls.isSecret(secret));
      assert.throws(() => bls.publicKeyOf(secret), faultOf('SECRET_INVALID'));
      assert.throws(() => bls.sign(secret, digest), faultOf('SECRET_INVALID'));
    }
    assert.throws(() => bls.secretFromSeed(new Uint8Array(32)), faultOf('SEED_LENGTH'));
    assert.throws(() => bls.aggregate([]), faultOf('NOTHING_TO_ADD'));
  });
});
