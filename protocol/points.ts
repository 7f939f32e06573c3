/** Why bytes are not a point that counts. */
export type PointRefusal =
  | 'POINT_LENGTH'
  | 'POINT_NOT_COMPRESSED'
  | 'POINT_IS_INFINITY'
  | 'POINT_NOT_CANONICAL'
  | 'POINT_NOT_ON_CURVE'
  | 'POINT_NOT_IN_SUBGROUP';

/** Bytes of a compressed signature (G1) and of a compressed key (G2). */
export const SIGNATURE_BYTES = 48;
export const KEY_BYTES = 96;

/** Bytes of a key as the contracts keep it: x.c0, x.c1, y.c0, y.c1. */
export const RAW_KEY_BYTES = 192;

/** Modulus of the field of coordinates. */
export const FIELD = BigInt(
  '0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab',
);

const COORDINATE = 48;

/** What can be said against a compressed point without touching the curve: cheap, so it comes first. */
export const refusePoint = (bytes: Uint8Array, size: number): PointRefusal | null => {
  const flags = bytes[0] ?? 0;
  if (bytes.length !== size) return 'POINT_LENGTH';
  if ((flags & 0x80) === 0) return 'POINT_NOT_COMPRESSED';
  if ((flags & 0x40) !== 0) return 'POINT_IS_INFINITY';
  const plain = Uint8Array.from(bytes);
  plain[0] = flags & 0x1f;
  return coordinatesOf(plain).every((value) => value < FIELD) ? null : 'POINT_NOT_CANONICAL';
};

/** The same of a point that is given by its coordinates. */
export const refuseCoordinates = (coordinates: readonly bigint[]): PointRefusal | null => {
  if (coordinates.every((value) => value === 0n)) return 'POINT_IS_INFINITY';
  return coordinates.every((value) => value < FIELD) ? null : 'POINT_NOT_CANONICAL';
};

/** Big-endian numbers of 48 bytes each. */
export const coordinatesOf = (bytes: Uint8Array): bigint[] =>
  Array.from({ length: bytes.length / COORDINATE }, (_, index) =>
    bytes
      .subarray(index * COORDINATE, (index + 1) * COORDINATE)
      .reduce((value, byte) => (value << 8n) | BigInt(byte), 0n),
  );

/** The inverse of `coordinatesOf`. */
export const coordinateBytes = (coordinates: readonly bigint[]): Uint8Array => {
  const bytes = new Uint8Array(coordinates.length * COORDINATE);
  for (const [index, coordinate] of coordinates.entries())
    for (let at = COORDINATE - 1, rest = coordinate; at >= 0; at--, rest >>= 8n)
      bytes[index * COORDINATE + at] = Number(rest & 0xffn);
  return bytes;
};

/** Coordinates as the EVM takes them: 64 bytes each, so two words. */
export const coordinateWords = (coordinates: readonly bigint[]): bigint[] =>
  coordinates.flatMap((value) => [value >> 256n, value & ((1n << 256n) - 1n)]);

/** The inverse of `coordinateWords`. */
export const coordinatesOfWords = (words: readonly bigint[]): bigint[] =>
  Array.from(
    { length: words.length / 2 },
    (_, index) => ((words[2 * index] ?? 0n) << 256n) | (words[2 * index + 1] ?? 0n),
  );
