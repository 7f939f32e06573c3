import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { refuse } from '../lib/refusal.ts';
import {
  type Cost,
  decrypt,
  deriveKey,
  encrypt,
  fromHex,
  hexBytes,
  type Kdf,
  newScrypt,
  pbkdf2Params,
  scryptParams,
  toHex,
} from './cipher.ts';
import { parseKeystore } from './parse.ts';
import { normalisePassword } from './password.ts';

// Other tools add fields of their own beside these.
const schema = z.object({
  crypto: z.strictObject({
    kdf: z.discriminatedUnion('function', [
      z.strictObject({
        function: z.literal('scrypt'),
        params: scryptParams,
        message: z.literal(''),
      }),
      z.strictObject({
        function: z.literal('pbkdf2'),
        params: pbkdf2Params,
        message: z.literal(''),
      }),
    ]),
    checksum: z.strictObject({
      function: z.literal('sha256'),
      params: z.strictObject({}),
      message: hexBytes(32, 32),
    }),
    cipher: z.strictObject({
      function: z.literal('aes-128-ctr'),
      params: z.strictObject({ iv: hexBytes(16, 16) }),
      message: hexBytes(32, 32),
    }),
  }),
  description: z.string().max(4096).optional(),
  pubkey: hexBytes(1, 192).optional(),
  path: z.string().max(256),
  uuid: z.guid(),
  version: z.literal(4, 'only version 4 is known'),
});

/** An EIP-2335 keystore. */
export type BlsKeystore = z.infer<typeof schema>;

/** Checks the shape of an EIP-2335 keystore; `field` is how the person named it. */
export const parseBlsKeystore = (text: string, field: string): BlsKeystore =>
  parseKeystore(schema, text, field, 'an EIP-2335 keystore');

/** Seals a 32-byte secret. `pubkey` is the compressed public key, readable without the password. */
export async function sealBlsKeystore(
  secret: Uint8Array,
  password: string,
  {
    pubkey,
    cost = 'standard',
    description = 'Tocsin watcher',
  }: { pubkey: Uint8Array; cost?: Cost; description?: string },
): Promise<BlsKeystore> {
  const { params } = newScrypt(cost, randomBytes(32));
  const iv = randomBytes(16);
  const key = await deriveKey(normalisePassword(password), { kind: 'scrypt', params });
  const message = encrypt(key, iv, secret);
  return {
    crypto: {
      kdf: { function: 'scrypt', params, message: '' },
      checksum: { function: 'sha256', params: {}, message: toHex(checksumOf(key, message)) },
      cipher: { function: 'aes-128-ctr', params: { iv: toHex(iv) }, message: toHex(message) },
    },
    description,
    pubkey: toHex(pubkey),
    path: '',
    uuid: randomUUID(),
    version: 4,
  };
}

/** The secret inside; refuses a wrong password. */
export async function openBlsKeystore(
  { crypto }: BlsKeystore,
  password: string,
  field: string,
): Promise<Uint8Array> {
  const { kdf, checksum, cipher } = crypto;
  const key = await deriveKey(normalisePassword(password), {
    kind: kdf.function,
    params: kdf.params,
  } as Kdf);
  const message = fromHex(cipher.message);
  if (!timingSafeEqual(checksumOf(key, message), fromHex(checksum.message)))
    throw refuse('PASSWORD_WRONG', {
      field,
      problem: 'the password does not open it',
      fix: 'check the password file',
    });
  return decrypt(key, fromHex(cipher.params.iv), message);
}

const checksumOf = (key: Uint8Array, message: Uint8Array): Uint8Array =>
  createHash('sha256').update(key.subarray(16, 32)).update(message).digest();
