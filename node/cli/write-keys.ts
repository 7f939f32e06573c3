import { toHex } from 'viem';
import { keyHash, publicKeyOf } from '../../protocol/bls.ts';
import { sealBlsKeystore } from '../keys/bls-keystore.ts';
import type { Cost } from '../keys/cipher.ts';
import { sealHotKeystore } from '../keys/hot-keystore.ts';
import { accountOf } from '../keys/unlock.ts';
import { writeSecretText } from '../lib/files.ts';

/** Seals a signing key into a new file; what is answered is public. */
export async function writeBls(
  file: string,
  secret: Uint8Array,
  password: string,
  cost: Cost,
  field?: string,
) {
  const pubkey = publicKeyOf(secret);
  await write(file, await sealBlsKeystore(secret, password, { pubkey, cost }), field);
  return { blsKeystore: file, publicKey: toHex(pubkey), keyHash: keyHash(pubkey) };
}

/** Seals a hot key into a new file; what is answered is public. */
export async function writeHot(file: string, secret: Uint8Array, password: string, cost: Cost) {
  const { address } = accountOf(secret, file);
  await write(file, await sealHotKeystore(secret, password, { address, cost }));
  return { hotKeystore: file, address };
}

const write = (file: string, keystore: object, field = '--out') =>
  writeSecretText(file, `${JSON.stringify(keystore, null, 2)}\n`, field);
