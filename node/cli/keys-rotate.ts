import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import type { Hex, LocalAccount } from 'viem';
import { watchersAbi } from '../../protocol/abi.ts';
import {
  evmKey,
  evmSignature,
  keyHash as keyHashOf,
  provePossession,
  secretFromSeed,
} from '../../protocol/bls.ts';
import { readPassword } from '../keys/password.ts';
import { unlockBls } from '../keys/unlock.ts';
import { isThere } from '../lib/files.ts';
import { refuse } from '../lib/refusal.ts';
import { timeOf } from './cover-words.ts';
import {
  missing,
  type Network,
  openNetwork,
  openSigner,
  parseAddress,
  type SendFlags,
  withJson,
  withNetwork,
  withSigner,
} from './options.ts';
import { columns, print, say } from './output.ts';
import { writePages } from './pages.ts';
import { type Seating, seatingOf } from './seating.ts';
import { transact } from './transact.ts';
import { writeBls } from './write-keys.ts';

type Flags = SendFlags &
  Readonly<{
    blsKeystore?: string;
    blsPasswordFile?: string;
    submitter?: string;
    light?: boolean;
  }>;
type Rows = readonly (readonly [string, string])[];

/** `tocsin keys rotate`: another signing key, another submitter, or both, for a watcher that stays. */
export const keysRotateCommand = () =>
  withJson(withSigner(withNetwork(new Command('rotate'))))
    .description(
      'Replace the signing key or the submitter of a watcher, signed by its operator; its stake and seat stay. Run again, it does what is left.',
    )
    .option('--bls-keystore <file>', 'keystore of the next signing key; made when it is not there')
    .option(
      '--bls-password-file <file>',
      'file with its password (default: that of --config, else --password-file)',
    )
    .option('--submitter <address>', 'account that submits from now on')
    .option('--light', 'cheap key derivation of a keystore that is made, for devnets only')
    .action(async (flags: Flags) => {
      const { blsKeystore, submitter } = flags;
      if (blsKeystore === undefined && submitter === undefined)
        throw missing('--bls-keystore or --submitter', 'name what replaces the former');
      const account = submitter === undefined ? null : parseAddress(submitter, '--submitter');
      const network = await openNetwork(flags);
      const operator = await openSigner(flags, network.config);
      await requireWatcher(network, operator.address);
      const moved = account === null ? null : await changeSubmitter(network, operator, account);
      const rotated =
        blsKeystore === undefined ? null : await rotateKey(network, operator, blsKeystore, flags);
      print(
        flags.json,
        { operator: operator.address, ...moved, ...rotated },
        columns([
          ['operator', operator.address],
          ...(moved === null ? [] : rowsOfSubmitter(moved)),
          ...(rotated === null ? [] : rowsOfKey(rotated)),
        ]),
      );
    });

const watcherOf = ({ client, deployment }: Network, operator: Hex) =>
  client.readContract({
    address: deployment.watchers,
    abi: watchersAbi,
    functionName: 'watcher',
    args: [operator],
  });

/** Before a key is made for it. */
async function requireWatcher(network: Network, operator: Hex): Promise<void> {
  if ((await watcherOf(network, operator)).weight !== 0) return;
  throw refuse('ARGUMENT_INVALID', {
    field: '--keystore',
    problem: `${operator} is the operator of no watcher`,
    fix: 'sign with the keystore of the account that registered',
  });
}

async function changeSubmitter(network: Network, operator: LocalAccount, submitter: Hex) {
  const former = (await watcherOf(network, operator.address)).submitter;
  if (former === submitter) return { submitter, submitterTransaction: null };
  const { transactionHash } = await transact(network, operator, {
    name: 'submitter',
    address: network.deployment.watchers,
    abi: watchersAbi,
    functionName: 'changeSubmitter',
    args: [submitter],
  });
  return { submitter, submitterTransaction: transactionHash };
}

/** The keystore is on disk, and opened from there, before the chain hears of its key. */
async function rotateKey(network: Network, operator: LocalAccount, file: string, flags: Flags) {
  const passwordFile =
    flags.blsPasswordFile ?? network.config?.blsPasswordFile ?? flags.passwordFile;
  if (passwordFile === undefined)
    throw missing('--bls-password-file', 'name the file with the password of --bls-keystore');
  if (!(await isThere(file, '--bls-keystore'))) await makeKey(file, passwordFile, flags);
  const { secret, publicKey } = await unlockBls({
    keystore: file,
    passwordFile,
    keystoreField: '--bls-keystore',
    passwordField: '--bls-password-file',
  });
  const keyHash = keyHashOf(publicKey);
  const isDone = (await watcherOf(network, operator.address)).keyHash === keyHash;
  const possession = {
    chainId: BigInt(network.chainId),
    watchers: network.deployment.watchers,
    operator: operator.address,
  };
  const sent = isDone
    ? null
    : await transact(network, operator, {
        name: 'rotate',
        address: network.deployment.watchers,
        abi: watchersAbi,
        functionName: 'rotateKey',
        args: [evmKey(publicKey), evmSignature(provePossession(secret, possession))],
      });
  // At once: without a page the next epoch would seat neither key.
  await writePages(network, operator, (line) => say(flags.json, line));
  return {
    blsKeystore: file,
    keyHash,
    formerKeyHash: await formerKey(network, keyHash),
    keyTransaction: sent?.transactionHash ?? null,
    seating: await seatingOf(network, keyHash),
  };
}

async function makeKey(file: string, passwordFile: string, { light }: Flags): Promise<void> {
  const password = await readPassword(passwordFile, '--bls-password-file');
  const cost = light === true ? 'light' : 'standard';
  await writeBls(file, secretFromSeed(randomBytes(48)), password, cost, '--bls-keystore');
}

const formerKey = ({ client, deployment }: Network, keyHash: Hex): Promise<Hex> =>
  client.readContract({
    address: deployment.watchers,
    abi: watchersAbi,
    functionName: 'formerKey',
    args: [keyHash],
  });

const rowsOfSubmitter = ({
  submitter,
  submitterTransaction,
}: Awaited<ReturnType<typeof changeSubmitter>>): Rows => [
  ['submitter', `${submitter} ${submitterTransaction === null ? 'is it already' : 'from now on'}`],
  ['node', 'restart it with hotKeystore of that account: its peers believe no other'],
];

const rowsOfKey = ({
  blsKeystore,
  keyHash,
  formerKeyHash,
  keyTransaction,
  seating,
}: Awaited<ReturnType<typeof rotateKey>>): Rows => [
  ['keystore', blsKeystore],
  ['key', `${keyHash} ${keyTransaction === null ? 'is the registered one already' : 'registered'}`],
  ['former', formerKeyHash],
  ...rowsOfSeating(seating),
];

/** A certificate can be about one of the last 32 blocks. */
function rowsOfSeating(seating: Seating): Rows {
  switch (seating.kind) {
    case 'seated':
      return [
        ['seated', `since epoch ${seating.epoch} was opened or before`],
        ['node', 'once that is 32 blocks ago the former keystore may leave blsKeystore'],
      ];
    case 'joining':
      return [
        [
          'seated',
          `once epoch ${seating.epoch} is opened, ${timeOf(seating.opens)} at the earliest`,
        ],
        ['until then', 'the former key signs'],
        [
          'node',
          'name both keystores in blsKeystore and restart it before: it takes the key that is seated',
        ],
      ];
    case 'outside':
      return [['seated', 'not: 512 are seated that are as heavy']];
  }
}
