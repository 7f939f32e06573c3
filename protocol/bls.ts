import { bls12_381 } from '@noble/curves/bls12-381.js';
import { type Hex, encodeAbiParameters, hexToBytes, keccak256, stringToBytes } from 'viem';
import { type Decoded, accepted, refused } from './decoded.ts';
import { faults } from './fault.ts';
import {
  FIELD,
  KEY_BYTES,
  type PointRefusal,
  RAW_KEY_BYTES,
  SIGNATURE_BYTES,
  coordinateBytes,
  coordinateWords,
  coordinatesOf,
  coordinatesOfWords,
  refuseCoordinates,
  refusePoint,
} from './points.ts';

const fault = faults<{
  SECRET_INVALID: { length: number };
  SEED_LENGTH: { length: number; expected: number };
  SIGNATURE_REFUSED: { reason: PointRefusal };
  KEY_REFUSED: { reason: PointRefusal };
  NOTHING_TO_ADD: object;
}>();

declare const checked: unique symbol;
/** 48 bytes, a compressed G1 point that was checked. */
export type Signature = Uint8Array & { readonly [checked]: 'signature' };
/** 96 bytes, a compressed G2 point that was checked. */
export type PublicKey = Uint8Array & { readonly [checked]: 'key' };

/** What a proof of possession is bound to. */
export type Binding = Readonly<{ chainId: bigint; watchers: Hex; operator: Hex }>;

const { G1, G2, fields, shortSignatures } = bls12_381;
type G1Point = InstanceType<typeof G1.Point>;
type G2Point = InstanceType<typeof G2.Point>;

/** Domain tags of signatures and of proofs of possession. */
export const SIGNATURE_TAG = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_';
export const POSSESSION_TAG = 'BLS_POP_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_';

/* SECRETS */

/** A secret from 48 bytes of entropy, without bias. */
export const secretFromSeed = (seed: Uint8Array): Uint8Array => {
  if (seed.length !== 48) throw fault('SEED_LENGTH', { length: seed.length, expected: 48 });
  return bls12_381.utils.randomSecretKey(seed);
};

/** Whether 32 big-endian bytes are a scalar between 1 and the order, exclusive. */
export const isSecret = (secret: Uint8Array): boolean => {
  const scalar = secret.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  return secret.length === 32 && scalar !== 0n && scalar < fields.Fr.ORDER;
};

/** The key that verifies what `secret` signs. */
export const publicKeyOf = (secret: Uint8Array): PublicKey =>
  shortSignatures.getPublicKey(scalarOf(secret)).toBytes() as PublicKey;

/** Signs a verdict's digest. Warning: only behind the protection record. */
export const sign = (secret: Uint8Array, digest: Hex): Signature =>
  signUnder(SIGNATURE_TAG, secret, digest);

/** The same of the point that the digest hashes to, as 48 foreign bytes: whatever they are, no secret leaks. */
export const signPoint = (secret: Uint8Array, point: Uint8Array): Signature =>
  signed(secret, openSignature(point));

/** Proves that whoever registers a key holds its secret. */
export const provePossession = (secret: Uint8Array, binding: Binding): Signature =>
  signUnder(POSSESSION_TAG, secret, possessionMessage(binding, keyHash(publicKeyOf(secret))));

/* CHECKS */

/** Whether `signature` is one of `digest` under `key`; malformed input is no signature. */
export const verify = (key: Uint8Array, digest: Hex, signature: Uint8Array): boolean =>
  verifyUnder(SIGNATURE_TAG, key, digest, signature);

/** Whether one aggregate signature of `digest` is of all `keys`. Sound only for keys with proven possession. */
export const verifyAggregate = (
  keys: readonly Uint8Array[],
  digest: Hex,
  signature: Uint8Array,
): boolean => {
  const points = keys.map(keyPoint);
  if (points.length === 0 || !points.every((point) => point.ok)) return false;
  const sum = points.reduce((total, point) => total.add(point.value), G2.Point.ZERO);
  return pairs(SIGNATURE_TAG, sum, digest, signature);
};

/** Whether a proof of possession is one of `key` for `binding`. */
export const verifyPossession = (
  key: Uint8Array,
  binding: Binding,
  signature: Uint8Array,
): boolean =>
  keyPoint(key).ok &&
  verifyUnder(POSSESSION_TAG, key, possessionMessage(binding, keyHash(key)), signature);

/** What a proof of possession signs. */
export const possessionMessage = ({ chainId, watchers, operator }: Binding, hash: Hex): Hex =>
  keccak256(
    encodeAbiParameters(
      [
        { type: 'string' },
        { type: 'uint256' },
        { type: 'address' },
        { type: 'address' },
        { type: 'bytes32' },
      ],
      ['Tocsin possession', chainId, watchers, operator, hash],
    ),
  );

/** A message's point of G1 in two coordinates. */
export const hashToG1 = (message: Uint8Array, tag: string): readonly [bigint, bigint] => {
  const { x, y } = G1.hashToCurve(message, { DST: stringToBytes(tag) }).toAffine();
  return [x, y];
};

/* SUMS */

/** Sum of signatures. */
export const aggregate = (signatures: readonly Uint8Array[]): Signature => {
  if (signatures.length === 0) throw fault('NOTHING_TO_ADD', {});
  return encodeSignature(
    signatures.reduce((sum, bytes) => sum.add(openSignature(bytes)), G1.Point.ZERO),
  );
};

/** Sum of keys. */
export const aggregateKeys = (keys: readonly Uint8Array[]): PublicKey => {
  if (keys.length === 0) throw fault('NOTHING_TO_ADD', {});
  const sum = keys.reduce((total, bytes) => total.add(openKey(bytes)), G2.Point.ZERO);
  if (sum.is0()) throw fault('KEY_REFUSED', { reason: 'POINT_IS_INFINITY' });
  return sum.toBytes() as PublicKey;
};

/* ENCODINGS */

/** Checks 48 foreign bytes. */
export const parseSignature = (bytes: Uint8Array): Decoded<Signature, PointRefusal> => {
  const point = signaturePoint(bytes);
  return point.ok ? accepted(Uint8Array.from(bytes) as Signature) : point;
};

/** Checks 96 foreign bytes. */
export const parsePublicKey = (bytes: Uint8Array): Decoded<PublicKey, PointRefusal> => {
  const point = keyPoint(bytes);
  return point.ok ? accepted(Uint8Array.from(bytes) as PublicKey) : point;
};

/** Four words, as the contracts take a signature. */
export const evmSignature = (signature: Uint8Array): readonly [bigint, bigint, bigint, bigint] => {
  const { x, y } = openSignature(signature).toAffine();
  return coordinateWords([x, y]) as unknown as readonly [bigint, bigint, bigint, bigint];
};

/** The inverse of `evmSignature`, of foreign words. */
export const signatureFromEvm = (words: readonly bigint[]): Decoded<Signature, PointRefusal> => {
  if (words.length !== 4) return refused('POINT_LENGTH');
  const [x = 0n, y = 0n] = coordinatesOfWords(words);
  const reason = refuseCoordinates([x, y]);
  if (reason !== null) return refused(reason);
  const point = onCurve(() => G1.Point.fromAffine({ x, y }));
  return point.ok ? accepted(encodeSignature(point.value)) : point;
};

/** 192 bytes, as key pages and the key's hash have it. */
export const rawKey = (key: Uint8Array): Uint8Array => coordinateBytes(keyCoordinates(key));

/** The inverse of `rawKey`, of foreign bytes. */
export const keyFromRaw = (raw: Uint8Array): Decoded<PublicKey, PointRefusal> => {
  if (raw.length !== RAW_KEY_BYTES) return refused('POINT_LENGTH');
  const coordinates = coordinatesOf(raw);
  const reason = refuseCoordinates(coordinates);
  if (reason !== null) return refused(reason);
  const [x0 = 0n, x1 = 0n, y0 = 0n, y1 = 0n] = coordinates;
  const { Fp2 } = fields;
  const point = onCurve(() =>
    G2.Point.fromAffine({ x: Fp2.fromBigTuple([x0, x1]), y: Fp2.fromBigTuple([y0, y1]) }),
  );
  return point.ok ? accepted(point.value.toBytes() as PublicKey) : point;
};

/** What the contracts call a key by. */
export const keyHash = (key: Uint8Array): Hex => keccak256(rawKey(key));

/** Eight words, as `register` takes a key. */
export const evmKey = (key: Uint8Array) =>
  coordinateWords(keyCoordinates(key)) as unknown as readonly [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];

/** The same key with the opposite sign, 192 bytes: what a roster starts with. */
export const negatedRawKey = (key: Uint8Array): Uint8Array =>
  rawKey(openKey(key).negate().toBytes());

/* POINTS */

const scalarOf = (secret: Uint8Array): Uint8Array => {
  if (!isSecret(secret)) throw fault('SECRET_INVALID', { length: secret.length });
  return secret;
};

const hashPoint = (tag: string, message: Hex): G1Point =>
  shortSignatures.hash(hexToBytes(message), stringToBytes(tag)) as G1Point;

const signUnder = (tag: string, secret: Uint8Array, message: Hex): Signature =>
  signed(secret, hashPoint(tag, message));

/** Compressed by hand: a multiple of a checked point is in the subgroup, and toBytes would ask for 1 ms again. */
const signed = (secret: Uint8Array, point: G1Point): Signature => {
  const { x, y } = shortSignatures.sign(point, scalarOf(secret)).toAffine();
  const bytes = coordinateBytes([x]);
  bytes[0]! |= 0x80 | (2n * y > FIELD ? 0x20 : 0);
  return bytes as Signature;
};

const verifyUnder = (
  tag: string,
  key: Uint8Array,
  message: Hex,
  signature: Uint8Array,
): boolean => {
  const point = keyPoint(key);
  return point.ok && pairs(tag, point.value, message, signature);
};

const pairs = (tag: string, key: G2Point, message: Hex, signature: Uint8Array): boolean => {
  const point = signaturePoint(signature);
  return (
    point.ok && !key.is0() && shortSignatures.verify(point.value, hashPoint(tag, message), key)
  );
};

const signaturePoint = (bytes: Uint8Array): Decoded<G1Point, PointRefusal> => {
  const reason = refusePoint(bytes, SIGNATURE_BYTES);
  return reason === null ? onCurve(() => G1.Point.fromBytes(bytes)) : refused(reason);
};

const keyPoint = (bytes: Uint8Array): Decoded<G2Point, PointRefusal> => {
  const known = opened.get(bytes);
  if (known !== undefined && known.bytes.every((byte, index) => byte === bytes[index]))
    return accepted(known.point);
  const reason = refusePoint(bytes, KEY_BYTES);
  if (reason !== null) return refused(reason);
  const point = onCurve(() => G2.Point.fromBytes(bytes));
  if (point.ok) opened.set(bytes, { bytes: Uint8Array.from(bytes), point: point.value });
  return point;
};

// A committee's keys are opened for every certificate, at milliseconds each: remembered as long as the seat is.
const opened = new WeakMap<Uint8Array, Readonly<{ bytes: Uint8Array; point: G2Point }>>();

const openSignature = (bytes: Uint8Array): G1Point => {
  const point = signaturePoint(bytes);
  if (!point.ok) throw fault('SIGNATURE_REFUSED', { reason: point.code });
  return point.value;
};

const openKey = (bytes: Uint8Array): G2Point => {
  const point = keyPoint(bytes);
  if (!point.ok) throw fault('KEY_REFUSED', { reason: point.code });
  return point.value;
};

const encodeSignature = (point: G1Point): Signature => {
  if (point.is0()) throw fault('SIGNATURE_REFUSED', { reason: 'POINT_IS_INFINITY' });
  return point.toBytes() as Signature;
};

const keyCoordinates = (key: Uint8Array): bigint[] => {
  const { x, y } = openKey(key).toAffine();
  return [x.c0, x.c1, y.c0, y.c1];
};

/** noble tells the two apart by its message alone. */
const onCurve = <P extends { assertValidity: () => void }>(
  open: () => P,
): Decoded<P, PointRefusal> => {
  try {
    const point = open();
    point.assertValidity();
    return accepted(point);
  } catch (error) {
    const outside = error instanceof Error && error.message.includes('prime-order subgroup');
    return refused(outside ? 'POINT_NOT_IN_SUBGROUP' : 'POINT_NOT_ON_CURVE');
  }
};
