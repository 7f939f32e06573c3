import { type Command, Option } from 'commander';
import { getAddress, type Hex, isAddress, type LocalAccount } from 'viem';
import type { Deployment } from '../../protocol/deployment.ts';
import { unlockHot } from '../keys/unlock.ts';
import { type ChainAccess, checkContracts, openChain } from '../lib/chain.ts';
import { type NodeConfig, readConfig } from '../lib/config.ts';
import { contractsOf, readDeployment } from '../lib/deployment.ts';
import { refuse } from '../lib/refusal.ts';
import { isRpcUrl } from '../lib/schema.ts';
import { parseAmount } from '../lib/units.ts';

/** Flags that say which network is meant. */
export type NetworkFlags = Readonly<{ config?: string; deployment?: string; rpc?: string }>;
/** Flags that say who signs. */
export type SignerFlags = Readonly<{ config?: string; keystore?: string; passwordFile?: string }>;

/** Flags of a command that signs and sends. */
export type SendFlags = NetworkFlags & SignerFlags & Readonly<{ json?: boolean }>;

/** A network whose chain and contracts were checked. */
export type Network = ChainAccess & Readonly<{ deployment: Deployment; config: NodeConfig | null }>;

const config = new Option('-c, --config <file>', 'node.yaml; gives what the flags below leave out');
const rpc = new Option('--rpc <urls>', 'RPC providers, separated by commas').env('TOCSIN_RPC');

/** Adds the flags of `openNetwork`. */
export const withNetwork = (command: Command): Command =>
  command
    .addOption(config)
    .addOption(
      new Option('-d, --deployment <file>', 'address file that tocsin deploy wrote').env(
        'TOCSIN_DEPLOYMENT',
      ),
    )
    .addOption(rpc);

/** Adds the flag of `urlsOf` alone. */
export const withRpc = (command: Command): Command => command.addOption(rpc);

/** Adds the flags of `openSigner`. */
export const withSigner = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '-k, --keystore <file>',
        'Web3 keystore of the account that signs (default: hotKeystore of --config)',
      ),
    )
    .addOption(
      new Option('-p, --password-file <file>', 'file with its password, chmod 600').env(
        'TOCSIN_PASSWORD_FILE',
      ),
    );

/** Flags that say what is wished beside a manifest. */
export type CoverFlags = NetworkFlags & Readonly<{ fund: string; arm?: boolean; json?: boolean }>;

/** Adds the flags of `wishOf`. */
export const withWish = (command: Command): Command =>
  command
    .option('--fund <ether>', 'escrow to fill up to; refunds are paid from it', '0')
    .option('--arm', 'let every rule trip whose delay is over and that does not fire now');

/** The registry keeps escrows in whole gwei. */
const GWEI = 10n ** 9n;

/** What the flags of `withWish` say, in wei. */
export const wishOf = ({ fund, arm }: CoverFlags) => ({
  fund: parseAmount(fund, 9, '--fund') * GWEI,
  arm: arm === true,
});

/** Adds `--json`. */
export const withJson = (command: Command): Command =>
  command.option('--json', 'print one JSON object');

/** Reads --config when it is given. */
export const configOf = async (flags: NetworkFlags): Promise<NodeConfig | null> =>
  flags.config === undefined ? null : await readConfig(flags.config, process.env);

/** The network that the flags name, with chain id, code and precompiles checked. */
export async function openNetwork(flags: NetworkFlags): Promise<Network> {
  const settings = await configOf(flags);
  const file = flags.deployment ?? settings?.deployment;
  if (file === undefined) throw missing('--deployment', 'name the address file or a --config');
  const deployment = await readDeployment(
    file,
    flags.deployment === undefined ? 'deployment' : '--deployment',
  );
  const rpc = flags.rpc === undefined ? 'rpc' : '--rpc';
  const access = await openChain(urlsOf(flags.rpc, settings), deployment.chainId, rpc);
  await checkContracts(access.client, contractsOf(deployment), { file, rpc });
  return { ...access, deployment, config: settings };
}

/** The account that the flags name. */
export async function openSigner(
  flags: SignerFlags,
  settings: NodeConfig | null,
): Promise<LocalAccount> {
  const keystore = flags.keystore ?? settings?.hotKeystore;
  const passwordFile =
    flags.passwordFile ?? (flags.keystore === undefined ? settings?.hotPasswordFile : undefined);
  if (keystore === undefined)
    throw missing('--keystore', 'name the keystore of the account that signs');
  if (passwordFile === undefined)
    throw missing('--password-file', 'name the file with the password of the keystore');
  return await unlockHot({
    keystore,
    passwordFile,
    keystoreField: flags.keystore === undefined ? 'hotKeystore' : '--keystore',
    passwordField: flags.passwordFile === undefined ? 'passwordFile' : '--password-file',
  });
}

/** RPC URLs of the flag, else of the config. */
export function urlsOf(flag: string | undefined, settings: NodeConfig | null): readonly string[] {
  const urls = flag?.split(',').filter((url) => url !== '') ?? settings?.rpc ?? [];
  if (urls.length === 0) throw missing('--rpc', 'name at least one RPC URL or a --config');
  for (const url of urls)
    if (!isRpcUrl(url))
      throw refuse('ARGUMENT_INVALID', {
        field: '--rpc',
        problem: `${url} is not an http://, https://, ws:// or wss:// URL`,
        fix: 'write it as ws://127.0.0.1:8545',
      });
  return urls;
}

/** A checksummed or lower-case address. */
export function parseAddress(text: string, field: string): Hex {
  if (!isAddress(text))
    throw refuse('ARGUMENT_INVALID', {
      field,
      problem: `${text} is not an address`,
      fix: 'write 0x and 40 hex digits, with a right checksum or in lower case',
    });
  return getAddress(text);
}

/** An address as manifests write it. */
export const lowerAddress = (text: string, field: string): Hex =>
  parseAddress(text, field).toLowerCase() as Hex;

/** A flag without which the command cannot go on. */
export const missing = (field: string, fix: string) =>
  refuse('ARGUMENT_INVALID', { field, problem: 'is missing', fix });
