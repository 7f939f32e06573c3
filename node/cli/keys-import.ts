import { join } from 'node:path';
import { Command } from 'commander';
import { isSecret } from '../../protocol/bls.ts';
import { openBlsKeystore, parseBlsKeystore } from '../keys/bls-keystore.ts';
import { openHotKeystore, parseHotKeystore } from '../keys/hot-keystore.ts';
import { readPassword } from '../keys/password.ts';
import { readSecretHex, validatorKey } from '../keys/unlock.ts';
import { mustNotExist, readSecretText } from '../lib/files.ts';
import { refuse } from '../lib/refusal.ts';
import { missing, withJson } from './options.ts';
import { print } from './output.ts';
import { writeBls, writeHot } from './write-keys.ts';

type Flags = Readonly<{
  bls?: string;
  hot?: string;
  out: string;
  passwordFile: string;
  oldPasswordFile?: string;
  light?: boolean;
  json?: boolean;
}>;

/** `tocsin keys import`: keys made elsewhere, sealed anew. */
export const keysImportCommand = () =>
  withJson(
    new Command('import')
      .description(
        'Seal keys made elsewhere. Each file holds a keystore or 32 bytes of hex, and is chmod 600.',
      )
      .option('--bls <file>', 'EIP-2335 keystore or hex of the signing key; written to bls.json')
      .option('--hot <file>', 'Web3 keystore or hex of the hot key; written to hot.json')
      .requiredOption(
        '-o, --out <folder>',
        'folder that the keystores are written into; never over others',
      )
      .requiredOption(
        '-p, --password-file <file>',
        'file with the password that seals them, chmod 600',
      )
      .option(
        '--old-password-file <file>',
        'file with the password of the keystores that are imported',
      )
      .option('--light', 'cheap key derivation, for devnets only'),
  ).action(async (flags: Flags) => {
    if (flags.bls === undefined && flags.hot === undefined)
      throw missing('--bls or --hot', 'name the key to import');
    const password = await readPassword(flags.passwordFile, '--password-file');
    const cost = flags.light === true ? 'light' : 'standard';
    const [bls, hot] = [join(flags.out, 'bls.json'), join(flags.out, 'hot.json')];
    if (flags.bls !== undefined) await mustNotExist(bls, '--out');
    if (flags.hot !== undefined) await mustNotExist(hot, '--out');
    const blsSecret =
      flags.bls === undefined ? null : await readBls(flags.bls, flags.oldPasswordFile);
    const hotSecret =
      flags.hot === undefined ? null : await readHot(flags.hot, flags.oldPasswordFile);
    const written = {
      ...(blsSecret === null ? {} : await writeBls(bls, blsSecret, password, cost)),
      ...(hotSecret === null ? {} : await writeHot(hot, hotSecret, password, cost)),
    };
    print(
      flags.json,
      written,
      Object.entries(written).map(([name, value]) => `${name.padEnd(14)}${value}`),
    );
  });

async function readBls(file: string, passwordFile: string | undefined): Promise<Uint8Array> {
  const field = `--bls ${file}`;
  const text = await readSecretText(file, '--bls');
  if (!text.trimStart().startsWith('{'))
    return secretKeyOf(await readSecretHex(file, '--bls'), field);
  const keystore = parseBlsKeystore(text, field);
  if (keystore.pubkey?.length === 96) throw validatorKey(field);
  return secretKeyOf(
    await openBlsKeystore(keystore, await oldPassword(passwordFile), field),
    field,
  );
}

async function readHot(file: string, passwordFile: string | undefined): Promise<Uint8Array> {
  const field = `--hot ${file}`;
  const text = await readSecretText(file, '--hot');
  if (!text.trimStart().startsWith('{')) return await readSecretHex(file, '--hot');
  return await openHotKeystore(
    parseHotKeystore(text, field),
    await oldPassword(passwordFile),
    field,
  );
}

function secretKeyOf(bytes: Uint8Array, field: string): Uint8Array {
  if (!isSecret(bytes))
    throw refuse('KEYSTORE_INVALID', {
      field,
      problem: 'holds no valid BLS12-381 secret',
      fix: 'name another key',
    });
  return bytes;
}

async function oldPassword(file: string | undefined): Promise<string> {
  if (file === undefined)
    throw missing('--old-password-file', 'name the file with the password of the keystore');
  return await readPassword(file, '--old-password-file');
}
