import { bls12_381 } from '@noble/curves/bls12-381.js';
import { type Hex, hexToBytes, toHex } from 'viem';
import type { PointRefusal } from '../../protocol/points.ts';
import { keyAt } from '../contracts/support/bls.ts';
import { keyHex, signatureHex, TAGS } from './curve-vectors.ts';
import { coordinate, word } from './labels.ts';

const { G1, G2 } = bls12_381;
const { Fp } = bls12_381.fields;

type Refusal = Readonly<{ of: 'signature' | 'key'; what: string; code: PointRefusal; bytes: Hex }>;

/** Encodings that nobody may take, and why. */
export const refusals = (): readonly Refusal[] => {
  const signature = hexToBytes(signatureHex(word('digest 0'), TAGS[0] ?? '', 7n));
  const key = hexToBytes(keyHex(keyAt(0)));
  const [modulus, one] = [coordinate(Fp.ORDER), coordinate(1n)];
  return [
    ...shapes('signature', signature),
    ...shapes('key', key),
    beyond('signature', 'the modulus', modulus),
    beyond('key', 'the modulus as c1', modulus + one),
    beyond('key', 'the modulus as c0', one + modulus),
    ...found('signature', 1, 'off curve', 'POINT_NOT_ON_CURVE'),
    ...found('key', 2, 'off curve', 'POINT_NOT_ON_CURVE'),
    ...found('signature', 1, 'outside the subgroup', 'POINT_NOT_IN_SUBGROUP'),
    ...found('key', 2, 'outside the subgroup', 'POINT_NOT_IN_SUBGROUP'),
  ];
};

const shapes = (of: 'signature' | 'key', bytes: Uint8Array): Refusal[] => {
  const first = bytes[0] ?? 0;
  const startingWith = (byte: number, rest = bytes.subarray(1)) =>
    toHex(Uint8Array.of(byte, ...rest));
  const zeros = new Uint8Array(bytes.length - 1);
  const rows: readonly (readonly [string, PointRefusal, Hex])[] = [
    ['nothing', 'POINT_LENGTH', '0x'],
    ['a byte short', 'POINT_LENGTH', toHex(bytes.subarray(1))],
    ['a byte long', 'POINT_LENGTH', toHex(Uint8Array.of(...bytes, 0))],
    ['zeros', 'POINT_NOT_COMPRESSED', startingWith(0, zeros)],
    ['without the compression flag', 'POINT_NOT_COMPRESSED', startingWith(first & 0x7f)],
    ['infinity', 'POINT_IS_INFINITY', startingWith(0xc0, zeros)],
    ['infinity with a sign', 'POINT_IS_INFINITY', startingWith(0xe0, zeros)],
    ['infinity that is not zero', 'POINT_IS_INFINITY', startingWith(first | 0x40)],
    [
      'ones',
      'POINT_NOT_CANONICAL',
      startingWith(
        0x9f,
        zeros.map(() => 0xff),
      ),
    ],
  ];
  return rows.map(([what, code, hex]) => ({ of, what, code, bytes: hex }));
};

const beyond = (of: 'signature' | 'key', what: string, hex: string): Refusal => ({
  of,
  what,
  code: 'POINT_NOT_CANONICAL',
  bytes: flagged(hex),
});

const flagged = (hex: string): Hex =>
  toHex(BigInt(`0x${hex}`) | (1n << BigInt(4 * hex.length - 1)), { size: hex.length / 2 });

const small = (size: 1 | 2) =>
  Array.from({ length: 40 }, (_, index) =>
    flagged(size === 1 ? coordinate(BigInt(index)) : coordinate(1n) + coordinate(BigInt(index))),
  );

const placeOf = (bytes: Hex, size: 1 | 2): string => {
  try {
    (size === 1 ? G1 : G2).Point.fromHex(bytes.slice(2));
    return 'in the subgroup';
  } catch (error) {
    const onCurve = error instanceof Error && error.message.includes('subgroup');
    return onCurve ? 'outside the subgroup' : 'off curve';
  }
};

// Of the curve's points next to none are in the subgroup.
const found = (
  of: 'signature' | 'key',
  size: 1 | 2,
  place: string,
  code: PointRefusal,
): Refusal[] =>
  small(size)
    .filter((bytes) => placeOf(bytes, size) === place)
    .slice(0, 3)
    .map((bytes) => ({ of, what: `${place}, x ending in ${bytes.slice(-2)}`, code, bytes }));
