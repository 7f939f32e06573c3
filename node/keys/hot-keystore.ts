import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { concat, type Hex, isHex, keccak256 } from 'viem';
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

const common = {
  cipher: z.literal('aes-128-ctr'),
  cipherparams: z.strictObject({ iv: hexBytes(16, 16) }),
  ciphertext: hexBytes(1, 32),
  mac: hexBytes(32, 32),
};

// Other tools add fields of their own beside these.
const schema = z.object({
  crypto: z.discriminatedUnion('kdf', [
    z.strictObject({ ...common, kdf: z.literal('scrypt'), kdfparams: scryptParams }),
    z.strictObject({ ...common, kdf: z.literal('pbkdf2'), kdfparams: pbkdf2Params }),
  ]),
  address: z
    .string()
    .refine(
      (text) => isHex(`0x${text.replace(/^0x/, '')}`) && text.replace(/^0x/, '').length === 40,
      'must be an address',
    )
    .optional(),
  id: z.guid(),
  version: z.literal(3, 'only version 3 is known'),
});

/** A Web3 Secret Storage keystore, version 3. */
export type HotKeystore = z.infer<typeof schema>;

/** Checks the shape of a Web3 keystore; `field` is how the person named it. */
export const parseHotKeystore = (text: string, field: string): HotKeystore =>
  parseKeystore(schema, text, field, 'a Web3 keystore');

/** Seals a 32-byte secret for `address`. */
export async function sealHotKeystore(
  secret: Uint8Array,
  password: string,
  { address, cost = 'standard' }: { address: Hex; cost?: Cost },
): Promise<HotKeystore> {
  const { params } = newScrypt(cost, randomBytes(32));
  const iv = randomBytes(16);
  const key = await deriveKey(Buffer.from(password, 'utf8'), { kind: 'scrypt', params });
  const ciphertext = encrypt(key, iv, secret);
  return {
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: toHex(iv) },
      ciphertext: toHex(ciphertext),
      kdf: 'scrypt',
      kdfparams: params,
      mac: toHex(macOf(key, ciphertext)),
    },
    address: address.slice(2).toLowerCase(),
    id: randomUUID(),
    version: 3,
  };
}

/** The secret inside; refuses a wrong password. */
export async function openHotKeystore(
  { crypto }: HotKeystore,
  password: string,
  field: string,
): Promise<Uint8Array> {
  const key = await deriveKey(Buffer.from(password, 'utf8'), {
    kind: crypto.kdf,
    params: crypto.kdfparams,
  } as Kdf);
  const ciphertext = fromHex(crypto.ciphertext);
  if (!timingSafeEqual(macOf(key, ciphertext), fromHex(crypto.mac)))
    throw refuse('PASSWORD_WRONG', {
      field,
      problem: 'the password does not open it',
      fix: 'check the password file',
    });
  return decrypt(key, fromHex(crypto.cipherparams.iv), ciphertext);
}

const macOf = (key: Uint8Array, ciphertext: Uint8Array): Uint8Array =>
  keccak256(concat([key.subarray(16, 32), ciphertext]), 'bytes');
