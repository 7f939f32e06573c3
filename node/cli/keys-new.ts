import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Command } from 'commander';
import { generatePrivateKey } from 'viem/accounts';
import { secretFromSeed } from '../../protocol/bls.ts';
import { fromHex } from '../keys/cipher.ts';
import { readPassword } from '../keys/password.ts';
import { mustNotExist } from '../lib/files.ts';
import { print } from './output.ts';
import { withJson } from './options.ts';
import { writeBls, writeHot } from './write-keys.ts';

type Flags = Readonly<{ out: string; passwordFile: string; light?: boolean; json?: boolean }>;

/** `tocsin keys new`: a signing key and a hot key of one watcher. */
export const keysNewCommand = () =>
  withJson(
    new Command('new')
      .description(
        'Make the two keys of a watcher: bls.json signs verdicts, hot.json sends transactions.',
      )
      .requiredOption(
        '-o, --out <folder>',
        'folder that bls.json and hot.json are written into; never over others',
      )
      .requiredOption(
        '-p, --password-file <file>',
        'file with the password that seals both, chmod 600',
      )
      .option('--light', 'cheap key derivation, for devnets only'),
  ).action(async ({ out, passwordFile, light, json }: Flags) => {
    const password = await readPassword(passwordFile, '--password-file');
    const [bls, hot] = [join(out, 'bls.json'), join(out, 'hot.json')];
    await mustNotExist(bls, '--out');
    await mustNotExist(hot, '--out');
    const cost = light === true ? 'light' : 'standard';
    const written = {
      ...(await writeBls(bls, secretFromSeed(randomBytes(48)), password, cost)),
      ...(await writeHot(hot, fromHex(generatePrivateKey().slice(2)), password, cost)),
    };
    print(
      json,
      written,
      Object.entries(written).map(([name, value]) => `${name.padEnd(14)}${value}`),
    );
  });
