import { Command } from 'commander';
import { erc20Abi, watchersAbi } from '../../protocol/abi.ts';
import { evmKey, evmSignature, keyHash as keyHashOf, provePossession } from '../../protocol/bls.ts';
import { addressOfKeystore, unlockBls } from '../keys/unlock.ts';
import { refuse } from '../lib/refusal.ts';
import { parseAmount } from '../lib/units.ts';
import {
  missing,
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
import { transact } from './transact.ts';

type Flags = SendFlags &
  Readonly<{
    stake: string;
    blsKeystore?: string;
    blsPasswordFile?: string;
    submitter?: string;
    payout?: string;
    page?: boolean;
  }>;

/** `tocsin register`: stakes the signing account and binds its BLS key. */
export const registerCommand = () =>
  withJson(withSigner(withNetwork(new Command('register'))))
    .description(
      'Stake and bind a BLS key: the account of --keystore becomes the operator of one watcher.',
    )
    .requiredOption('--stake <amount>', 'stake in whole tokens, as 160000 or 12.5')
    .option(
      '--bls-keystore <file>',
      'keystore of the key that will sign (default: blsKeystore of --config)',
    )
    .option(
      '--bls-password-file <file>',
      'file with its password (default: that of --config, else --password-file)',
    )
    .option(
      '--submitter <address>',
      'account that will submit (default: hotKeystore of --config, else the operator)',
    )
    .option('--payout <address>', 'account that is paid (default: the operator)')
    .option('--page', 'also write the key page, so that the next epoch seats the watcher')
    .action(async (flags: Flags) => {
      const network = await openNetwork(flags);
      const { deployment, client, config } = network;
      const account = await openSigner(flags, config);
      const submitter = await submitterOf(flags, config?.hotKeystore, account.address);
      const payout =
        flags.payout === undefined ? account.address : parseAddress(flags.payout, '--payout');
      const { secret, publicKey } = await unlockBls(sealedBls(flags, config));
      const token = { address: deployment.token, abi: erc20Abi } as const;
      const [decimals, balance, allowance] = await Promise.all([
        client.readContract({ ...token, functionName: 'decimals' }),
        client.readContract({ ...token, functionName: 'balanceOf', args: [account.address] }),
        client.readContract({
          ...token,
          functionName: 'allowance',
          args: [account.address, deployment.watchers],
        }),
      ]);
      const stake = parseAmount(flags.stake, decimals, '--stake');
      if (balance < stake)
        throw refuse('FUNDS_SHORT', {
          field: '--stake',
          problem: `${account.address} holds ${balance} of ${stake} base units`,
          fix: 'send tokens to it or stake less',
        });
      if (allowance < stake)
        await transact(network, account, {
          ...token,
          name: 'approve',
          functionName: 'approve',
          args: [deployment.watchers, stake],
        });
      const keyHash = keyHashOf(publicKey);
      const possession = provePossession(secret, {
        chainId: BigInt(network.chainId),
        watchers: deployment.watchers,
        operator: account.address,
      });
      const { transactionHash } = await transact(network, account, {
        name: 'register',
        address: deployment.watchers,
        abi: watchersAbi,
        functionName: 'register',
        args: [stake, evmKey(publicKey), evmSignature(possession), submitter, payout],
      });
      const pages =
        flags.page === true
          ? await writePages(network, account, (line) => say(flags.json, line))
          : [];
      const result = {
        operator: account.address,
        keyHash,
        stake,
        submitter,
        payout,
        transaction: transactionHash,
        pages,
      };
      print(
        flags.json,
        result,
        columns([
          ['operator', account.address],
          ['keyHash', keyHash],
          ['stake', flags.stake],
          ['submitter', submitter],
          ['payout', payout],
          [
            'page',
            pages.includes(keyHash)
              ? 'written; seated from the next epoch'
              : flags.page === true
                ? 'not written; 512 are seated that are as heavy'
                : 'not written; run tocsin page write',
          ],
        ]),
      );
    });

async function submitterOf(flags: Flags, hotKeystore: string | undefined, operator: `0x${string}`) {
  if (flags.submitter !== undefined) return parseAddress(flags.submitter, '--submitter');
  if (hotKeystore === undefined) return operator;
  const address = await addressOfKeystore(hotKeystore, 'hotKeystore');
  if (address === null) throw missing('--submitter', 'the hot keystore does not say its address');
  return address;
}

function sealedBls(
  flags: Flags,
  config: Readonly<{ blsKeystores: readonly string[]; blsPasswordFile: string }> | null,
) {
  const keystore = flags.blsKeystore ?? config?.blsKeystores[0];
  const passwordFile =
    flags.blsPasswordFile ??
    (flags.blsKeystore === undefined ? config?.blsPasswordFile : undefined) ??
    flags.passwordFile;
  if (keystore === undefined)
    throw missing('--bls-keystore', 'name the keystore of the key that will sign');
  if (passwordFile === undefined)
    throw missing('--bls-password-file', 'name the file with its password');
  const keystoreField = flags.blsKeystore === undefined ? 'blsKeystore' : '--bls-keystore';
  const passwordField =
    flags.blsPasswordFile === undefined ? 'passwordFile' : '--bls-password-file';
  return { keystore, passwordFile, keystoreField, passwordField };
}
