import { bls12_381 } from '@noble/curves/bls12-381.js';
import { type Hex, hexToBytes, keccak256, toHex } from 'viem';

const { shortSignatures } = bls12_381;
const { Fr } = bls12_381.fields;
const G2 = bls12_381.G2.Point;
const SIGNATURE_TAG = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_';
const POSSESSION_TAG = 'BLS_POP_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_';

/** A point of G1 as EIP-2537 takes it. */
export type G1Words = readonly [bigint, bigint, bigint, bigint];
/** A point of G2 as EIP-2537 takes it. */
export type G2Words = readonly [...G1Words, ...G1Words];
/** A BLS key in every form a test needs. */
export type Key = {
  readonly secret: bigint;
  readonly point: InstanceType<typeof G2>;
  readonly raw: Hex;
  readonly hash: Hex;
  readonly words: G2Words;
};

const cache = new Map<bigint, Key>();

/** The key of a secret scalar. */
export const keyOfSecret = (secret: bigint): Key => {
  const cached = cache.get(secret);
  if (cached) return cached;
  const point = G2.BASE.multiply(secret);
  const raw = rawG2(point);
  const key = { secret, point, raw, hash: keccak256(raw), words: wordsG2(point) };
  cache.set(secret, key);
  return key;
};

/** The `index`th key of a fixed sequence. */
export const keyAt = (index: number): Key =>
  keyOfSecret(Fr.create(BigInt(keccak256(toHex(`tocsin test key ${index}`)))));

/** The first `count` keys of the sequence, from `first` on. */
export const keysFrom = (count: number, first = 0): Key[] =>
  Array.from({ length: count }, (_, index) => keyAt(first + index));

/** The key whose sum with this one is infinity. */
export const oppositeOf = (key: Key): Key => keyOfSecret(Fr.neg(key.secret));

/** Aggregate signature of a digest by these keys. */
export const signDigest = (digest: Hex, keys: readonly Key[]): G1Words =>
  sign(digest, SIGNATURE_TAG, keys);

/** Signature of a possession message under its own tag. */
export const provePossession = (message: Hex, key: Key): G1Words =>
  sign(message, POSSESSION_TAG, [key]);

/** RFC 9380 hash of a message under a tag. */
export const hashG1 = (message: Uint8Array, tag: string): Hex =>
  hexOfWords(wordsG1(bls12_381.G1.hashToCurve(message, { DST: tag })));

/** A field element mapped to G1, cofactor cleared. */
export const mapG1 = (element: bigint): Hex => {
  // Typed for extension fields too; G1 takes the element itself.
  const map = bls12_381.G1.mapToCurve as unknown as (
    u: bigint,
  ) => InstanceType<typeof bls12_381.G1.Point>;
  return hexOfWords(wordsG1(map(element)));
};

/** Sum of the keys' points. */
export const sumOf = (keys: readonly Key[]): InstanceType<typeof G2> =>
  keys.reduce((sum, key) => sum.add(key.point), G2.ZERO);

/** The words one after the other. */
export const hexOfWords = (words: readonly bigint[]): Hex =>
  `0x${words.map((word) => word.toString(16).padStart(64, '0')).join('')}`;

/** A point of G1 as four words; infinity is zeros. */
export const wordsG1 = (point: {
  is0(): boolean;
  toAffine(): { x: bigint; y: bigint };
}): G1Words => {
  if (point.is0()) return [0n, 0n, 0n, 0n];
  const { x, y } = point.toAffine();
  return [...wordsOf(x), ...wordsOf(y)];
};

/** A point of G2 as eight words; infinity is zeros. */
export const wordsG2 = (point: InstanceType<typeof G2>): G2Words => {
  const [a, b, c, d] = coordinates(point);
  return [...wordsOf(a), ...wordsOf(b), ...wordsOf(c), ...wordsOf(d)];
};

/** 192 bytes: x.c0, x.c1, y.c0, y.c1. */
export const rawG2 = (point: InstanceType<typeof G2>): Hex =>
  `0x${coordinates(point)
    .map((element) => element.toString(16).padStart(96, '0'))
    .join('')}`;

const sign = (message: Hex, tag: string, keys: readonly Key[]): G1Words => {
  const secret = keys.reduce((sum, key) => Fr.add(sum, key.secret), 0n);
  if (secret === 0n) return [0n, 0n, 0n, 0n];
  return wordsG1(shortSignatures.hash(hexToBytes(message), tag).multiply(secret));
};

const coordinates = (point: InstanceType<typeof G2>): readonly [bigint, bigint, bigint, bigint] => {
  if (point.is0()) return [0n, 0n, 0n, 0n];
  const { x, y } = point.toAffine();
  return [x.c0, x.c1, y.c0, y.c1];
};

const wordsOf = (element: bigint): readonly [bigint, bigint] => [
  element >> 256n,
  element & ((1n << 256n) - 1n),
];
