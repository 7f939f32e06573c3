import { createCipheriv, createDecipheriv, pbkdf2, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { z } from 'zod';

const deriveScrypt = promisify<Buffer | Uint8Array, Uint8Array, number, object, Buffer>(scrypt);
const derivePbkdf2 = promisify(pbkdf2);

/** Hex without 0x, as both keystore formats write it. */
export const hexBytes = (min: number, max: number) =>
  z
    .string()
    .regex(/^([0-9a-fA-F]{2})*$/, 'must be hex without 0x')
    .refine(
      ({ length }) => length >= 2 * min && length <= 2 * max,
      `must have ${min === max ? min : `${min} to ${max}`} bytes`,
    );

// A keystore comes from anywhere: these bound what deriving its key can cost to about 1 GiB and a few seconds.
const MAX_SCRYPT_MEMORY = 1 << 30;
const MAX_SCRYPT_WORK = 1 << 23;
const MAX_PBKDF2_ROUNDS = 1 << 22;

/** Parameters of scrypt, as both formats name them. */
export const scryptParams = z
  .strictObject({
    dklen: z.literal(32),
    n: z.int().min(2).refine(isPowerOfTwo, 'must be a power of two'),
    r: z.int().min(1).max(64),
    p: z.int().min(1).max(64),
    salt: hexBytes(1, 64),
  })
  .refine(
    ({ n, r, p }) => 128 * n * r <= MAX_SCRYPT_MEMORY && n * r * p <= MAX_SCRYPT_WORK,
    'asks for more work than any honest keystore',
  );

/** Parameters of PBKDF2, as both formats name them. */
export const pbkdf2Params = z.strictObject({
  dklen: z.literal(32),
  c: z.int().min(1).max(MAX_PBKDF2_ROUNDS, 'asks for more work than any honest keystore'),
  prf: z.literal('hmac-sha256'),
  salt: hexBytes(1, 64),
});

/** How a key is derived from a password. */
export type Kdf =
  | Readonly<{ kind: 'scrypt'; params: z.infer<typeof scryptParams> }>
  | Readonly<{ kind: 'pbkdf2'; params: z.infer<typeof pbkdf2Params> }>;

/** Cost of a new keystore: standard takes 256 MiB and a second, light is for devnets and tests. */
export type Cost = 'standard' | 'light';

/** Scrypt with a fresh salt. */
export const newScrypt = (cost: Cost, salt: Uint8Array): Kdf & { kind: 'scrypt' } => ({
  kind: 'scrypt',
  params: { dklen: 32, n: cost === 'standard' ? 1 << 18 : 1 << 12, r: 8, p: 1, salt: toHex(salt) },
});

/** 32 bytes: the first half encrypts, the second authenticates. */
export async function deriveKey(password: Uint8Array, { kind, params }: Kdf): Promise<Uint8Array> {
  const salt = fromHex(params.salt);
  if (kind === 'pbkdf2')
    return await derivePbkdf2(password, salt, params.c, params.dklen, 'sha256');
  const { n: N, r, p } = params;
  // OpenSSL holds to RFC 7914's N < 2^(16 r); the format's own official vector does not.
  if (N >= 2 ** (16 * r))
    return await scryptAsync(password, salt, { N, r, p, dkLen: params.dklen });
  return await deriveScrypt(password, salt, params.dklen, {
    N,
    r,
    p,
    maxmem: 128 * r * (N + p) + (1 << 20),
  });
}

/** AES-128 in counter mode. */
export function encrypt(key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), iv);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

/** Undoes `encrypt`. */
export function decrypt(key: Uint8Array, iv: Uint8Array, sealed: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-128-ctr', key.subarray(0, 16), iv);
  return Uint8Array.from(Buffer.concat([decipher.update(sealed), decipher.final()]));
}

/** Hex without 0x. */
export const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Bytes of hex without 0x that a schema has checked. */
export const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

function isPowerOfTwo(n: number) {
  return Number.isInteger(Math.log2(n));
}
