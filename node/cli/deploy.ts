import { Command } from 'commander';
import { type Hex, keccak256, stringToHex } from 'viem';
import { erc20Abi, registryAbi } from '../../protocol/abi.ts';
import { type Deployment, deploymentSchema } from '../../protocol/deployment.ts';
import { type ChainAccess, openChain } from '../lib/chain.ts';
import { contractsOf, readDeployment } from '../lib/deployment.ts';
import { replaceText } from '../lib/files.ts';
import { checkPrecompiles } from '../lib/precompiles.ts';
import { isRefusal, refuse } from '../lib/refusal.ts';
import { addressOf, deployAt, ensureProxy } from './create2.ts';
import { type Addresses, planDeployment } from './deploy-plan.ts';
import { lendStake, makePart } from './founding.ts';
import {
  configOf,
  openSigner,
  parseAddress,
  urlsOf,
  withJson,
  withRpc,
  withSigner,
} from './options.ts';
import { columns, print, say } from './output.ts';
import { readSettings, settingsHelp } from './settings.ts';

/** Thirty days: the registry takes no more. */
const MAX_RULE_DELAY = 2_592_000n;

type Flags = Readonly<{
  rpc?: string;
  keystore?: string;
  passwordFile?: string;
  token: string;
  settings?: string;
  salt: string;
  ruleDelay: string;
  out: string;
  json?: boolean;
}>;

/** `tocsin deploy`: the contracts, at addresses that follow from token, settings, delay and salt alone. */
export const deployCommand = () =>
  withJson(withSigner(withRpc(new Command('deploy'))))
    .description(
      'Deploy the contracts and write the address file; run again, it sends nothing and prints the same.',
    )
    .requiredOption('--token <address>', 'ERC-20 that watchers stake')
    .option('--settings <file>', 'YAML file with the settings below')
    .option(
      '--salt <text>',
      'gives a second deployment with equal settings other addresses',
      'tocsin',
    )
    .option(
      '--rule-delay <seconds>',
      'time from naming a rule until it may be armed, fixed for good',
      '172800',
    )
    .option('-o, --out <file>', 'address file to write', 'deployment.json')
    .addHelpText(
      'after',
      () => `\nSettings, fixed for good (durations as 90s, 15m, 24h or 7d):\n${settingsHelp()}`,
    )
    .action(async (flags: Flags) => {
      const ruleDelay = parseRuleDelay(flags.ruleDelay);
      const account = await openSigner(flags, await configOf({}));
      const access = await openChain(urlsOf(flags.rpc, null), null, '--rpc');
      await checkPrecompiles(access.client, '--rpc');
      const token = parseAddress(flags.token, '--token');
      const settings = await readSettings(flags.settings, await decimalsOf(access, token));
      const salt = keccak256(stringToHex(flags.salt));
      const plan = planDeployment(token, settings, ruleDelay, salt);
      const { addresses } = plan;
      const before = await existing(flags.out, access.chainId, addresses);

      await ensureProxy(access, account);
      const tell = (name: string, address: Hex, height: bigint | null) =>
        say(flags.json, `${name.padEnd(10)}${address}${height === null ? ' (was there)' : ''}`);
      for (const { name, code } of plan.alone)
        tell(name, addressOf(salt, code), await deployAt(access, account, { name, salt, code }));
      await lendStake(access, account, { ...addresses, stake: settings.minStake });
      let born: bigint | null = null;
      for (const part of plan.parts) {
        const height = await makePart(access, account, plan.founder, part);
        tell(part.name, part.address, height);
        if (part.address === addresses.watchers) born = height;
      }
      await checkWiring(access, addresses);
      const deployedAt = born ?? (await birthOf(access, addresses.watchers));
      const deployment = deploymentSchema.parse({
        chainId: access.chainId,
        deployedAt: Number(deployedAt),
        ...addresses,
      });
      if (JSON.stringify(before) !== JSON.stringify(deployment))
        await replaceText(flags.out, `${JSON.stringify(deployment, null, 2)}\n`);
      print(
        flags.json,
        deployment,
        columns([
          ...Object.entries(deployment).map(([name, value]) => [name, String(value)] as const),
          ['written to', flags.out],
        ]),
      );
    });

function parseRuleDelay(text: string): bigint {
  if (/^\d{1,9}$/.test(text) && BigInt(text) <= MAX_RULE_DELAY) return BigInt(text);
  throw refuse('ARGUMENT_INVALID', {
    field: '--rule-delay',
    problem: `${text} is not a number of seconds up to ${MAX_RULE_DELAY}`,
    fix: 'give the seconds in digits, 172800 for two days',
  });
}

/** The address file that is there, when it is of this deployment; another one's is never written over. */
async function existing(
  file: string,
  chainId: number,
  addresses: Addresses,
): Promise<Deployment | null> {
  try {
    const found = await readDeployment(file, '--out');
    if (found.chainId === chainId && sameAddresses(contractsOf(found), addresses)) return found;
  } catch (error) {
    if (isRefusal(error) && error.code === 'FILE_MISSING') return null;
    throw error;
  }
  throw refuse('FILE_EXISTS', {
    field: '--out',
    problem: `${file} is the address file of another deployment`,
    fix: 'name another file or move it away',
  });
}

async function decimalsOf({ client }: ChainAccess, token: Hex): Promise<number> {
  return await client
    .readContract({ address: token, abi: erc20Abi, functionName: 'decimals' })
    .catch((error: unknown) => {
      throw refuse(
        'CODE_MISSING',
        {
          field: '--token',
          problem: `${token} is not an ERC-20 on this chain`,
          fix: 'name the token that watchers stake',
        },
        error,
      );
    });
}

/** The registry made its hub, and has its court and prover, where the address file says. */
async function checkWiring(
  { client }: ChainAccess,
  { registry, hub, court, prover }: Addresses,
): Promise<void> {
  const found = await Promise.all([
    client.readContract({ address: registry, abi: registryAbi, functionName: 'HUB' }),
    client.readContract({ address: registry, abi: registryAbi, functionName: 'COURT' }),
    client.readContract({ address: registry, abi: registryAbi, functionName: 'PROVER' }),
  ]);
  const named = { hub: found[0], court: found[1], prover: found[2] };
  if (!sameAddresses(named, { hub, court, prover }))
    throw refuse('CODE_MISSING', {
      field: 'registry',
      problem: `has hub ${found[0]}, court ${found[1]} and prover ${found[2]}`,
      fix: 'deploy with the code of one release',
    });
}

/** First block in which an address has code; 0 where the provider keeps no old state. */
async function birthOf({ client }: ChainAccess, address: Hex): Promise<bigint> {
  let [low, high] = [0n, await client.getBlockNumber({ cacheTime: 0 })];
  try {
    while (low < high) {
      const middle = (low + high) / 2n;
      if ((await client.getCode({ address, blockNumber: middle })) === undefined) low = middle + 1n;
      else high = middle;
    }
    return low;
  } catch {
    return 0n;
  }
}

const sameAddresses = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>) =>
  Object.entries(b).every(([name, address]) => a[name]?.toLowerCase() === address.toLowerCase());
