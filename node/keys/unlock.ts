import { type Hex, type LocalAccount, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { isSecret, keyHash, type PublicKey, publicKeyOf } from '../../protocol/bls.ts';
import { readSecretText } from '../lib/files.ts';
import { refuse } from '../lib/refusal.ts';
import { openBlsKeystore, parseBlsKeystore } from './bls-keystore.ts';
import { fromHex, toHex as plainHex } from './cipher.ts';
import { openHotKeystore, parseHotKeystore } from './hot-keystore.ts';
import { readPassword } from './password.ts';

/** Where a sealed key and its password are, and how the person named them. */
export type Sealed = Readonly<{
  keystore: string;
  passwordFile: string;
  keystoreField?: string;
  passwordField?: string;
}>;

/** The key that signs verdicts. */
export async function unlockBls(
  sealed: Sealed,
): Promise<{ secret: Uint8Array; publicKey: PublicKey }> {
  const name = sealed.keystoreField ?? 'blsKeystore';
  const field = `${name} ${sealed.keystore}`;
  const keystore = parseBlsKeystore(await readSecretText(sealed.keystore, name), field);
  const password = await readPassword(sealed.passwordFile, sealed.passwordField ?? 'passwordFile');
  if (keystore.pubkey?.length === 96) throw validatorKey(field);
  const secret = await openBlsKeystore(keystore, password, field);
  if (!isSecret(secret))
    throw refuse('KEYSTORE_INVALID', {
      field,
      problem: 'holds no valid BLS12-381 secret',
      fix: 'name another key',
    });
  const publicKey = publicKeyOf(secret);
  if (keystore.pubkey !== undefined && plainHex(publicKey) !== keystore.pubkey.toLowerCase())
    throw refuse('KEYSTORE_INVALID', {
      field: `${field}: pubkey`,
      problem: 'is not the public key of the secret inside',
      fix: 'import the key again',
    });
  return { secret, publicKey };
}

/** The account that sends transactions. */
export async function unlockHot(sealed: Sealed): Promise<LocalAccount> {
  const name = sealed.keystoreField ?? 'hotKeystore';
  const field = `${name} ${sealed.keystore}`;
  const keystore = parseHotKeystore(await readSecretText(sealed.keystore, name), field);
  const password = await readPassword(sealed.passwordFile, sealed.passwordField ?? 'passwordFile');
  const account = accountOf(await openHotKeystore(keystore, password, field), field);
  const named = keystore.address?.replace(/^0x/, '').toLowerCase();
  if (named !== undefined && named !== account.address.slice(2).toLowerCase())
    throw refuse('KEYSTORE_INVALID', {
      field: `${field}: address`,
      problem: 'is not the address of the secret inside',
      fix: 'import the key again',
    });
  return account;
}

/** The address of a hot keystore, without its password. */
export async function addressOfKeystore(path: string, field: string): Promise<Hex | null> {
  const { address } = parseHotKeystore(await readSecretText(path, field), field);
  return address === undefined ? null : `0x${address.replace(/^0x/, '').toLowerCase()}`;
}

/** The hash of a BLS keystore's key, without its password. */
export async function keyHashOfKeystore(path: string, field: string): Promise<Hex | null> {
  const { pubkey } = parseBlsKeystore(await readSecretText(path, field), field);
  return pubkey?.length === 192 ? keyHash(fromHex(pubkey)) : null;
}

/** An account from its secret; short secrets lack leading zeros. */
export function accountOf(secret: Uint8Array, field: string): LocalAccount {
  try {
    return privateKeyToAccount(toHex(secret, { size: 32 }));
  } catch (error) {
    throw refuse(
      'KEYSTORE_INVALID',
      { field, problem: 'holds no valid secp256k1 secret', fix: 'name another key' },
      error,
    );
  }
}

/** 32 bytes of hex from a file that only its owner can read. */
export async function readSecretHex(path: string, field: string): Promise<Uint8Array> {
  const text = (await readSecretText(path, field)).trim().replace(/^0x/, '');
  if (!/^[0-9a-fA-F]{64}$/.test(text))
    throw refuse('KEYSTORE_INVALID', {
      field,
      problem: `${path} holds neither a keystore nor 32 bytes of hex`,
      fix: 'name the right file',
    });
  return fromHex(text);
}

/** A key that also signs for Ethereum's beacon chain must never sign here: two protocols could slash one another's key. */
export const validatorKey = (field: string) =>
  refuse('KEYSTORE_INVALID', {
    field: `${field}: pubkey`,
    problem: 'belongs to an Ethereum validator (48 bytes)',
    fix: 'make a key of its own with tocsin keys new',
  });
