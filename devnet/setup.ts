import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Address, parseEther } from 'viem';
import { stringify } from 'yaml';
import { tokenAbi, tokenBytecode } from '../protocol/abi.ts';
import { type Deployment, deploymentSchema } from '../protocol/deployment.ts';
import type { Market } from './aave.ts';
import type { Chain } from './chain.ts';
import {
  applyCoverage,
  deployGuards,
  marketManifest,
  type ShareRule,
  vaultManifest,
} from './coverage.ts';
import { type People, settle } from './people.ts';
import type { Processes } from './processes.ts';
import { TOKEN } from './stakes.ts';
import { tocsin } from './tocsin.ts';
import { calls, deployVault, type Limits, reserve } from './vault.ts';
import { type Keys, makeKeys, passwordFileOf, type Watcher } from './watchers.ts';

/** Where a run keeps its files, its deployment's addresses, and the chain. */
export type Network = Readonly<{ folder: string; deployment: string; rpc: string }>;

/** How the vault of a run limits, and what watches it, where they are not the usual. */
export type VaultPlan = Readonly<{ limits?: Limits; rule?: ShareRule }>;

const ETHER = parseEther('1000');

/** The token that is staked. */
export async function deployStake(chain: Chain): Promise<Address> {
  const hash = await chain.admin.deployContract({
    chain: null,
    gas: 3_000_000n,
    abi: tokenAbi,
    bytecode: tokenBytecode,
    args: ['Devnet stake', 'STAKE', 18],
  });
  const { contractAddress } = await chain.client.waitForTransactionReceipt({ hash });
  return contractAddress!;
}

/** Gives each operator its stake and ether for its transactions. */
export async function fund(
  chain: Chain,
  token: Address,
  operators: readonly Keys[],
  stakes: readonly bigint[],
): Promise<void> {
  for (const [number, { address }] of operators.entries()) {
    const data = calls.mint(address, stakes[number]! * TOKEN);
    await chain.act({ from: chain.accounts[0]!, to: token, data });
    await chain.give(address, ETHER);
  }
}

/** What scenarios cannot wait for comes sooner than `tocsin deploy` has it. */
const HASTE = { termsNotice: 32, rollCallPeriod: 16 };

/** Deploys Tocsin through the CLI; who does it guards the targets too. */
export async function deployTocsin(
  processes: Processes,
  chain: Chain,
  token: Address,
  { folder, deployment: out, rpc }: Network,
  changes: Readonly<Record<string, number>> = HASTE,
): Promise<Readonly<{ guardian: Keys; deployment: Deployment }>> {
  const [guardian] = (await makeKeys(processes, folder, ['guardian'])) as [Keys];
  await chain.give(guardian.address, ETHER);
  // With which the token is tried: the smallest stake is less.
  const data = calls.mint(guardian.address, 10n ** 24n);
  await chain.act({ from: chain.accounts[0]!, to: token, data });
  const settings = join(folder, 'settings.yaml');
  await writeFile(settings, stringify(changes));
  await tocsin(processes, [
    'deploy',
    '--settings',
    settings,
    '--rule-delay',
    '0',
    '--rpc',
    rpc,
    '--token',
    token,
    '--out',
    out,
    '--keystore',
    guardian.hotKeystore,
    '--password-file',
    passwordFileOf(folder),
  ]);
  const deployment = deploymentSchema.parse(JSON.parse(await readFile(out, 'utf8')));
  return { guardian, deployment };
}

/** A promise a watcher, kept one after the other, largest stake first: seats follow the order of registration. */
export function registerEach(
  processes: Processes,
  watchers: readonly Watcher[],
): readonly Promise<void>[] {
  let before = Promise.resolve();
  return watchers.map(({ config, stake, number }) => {
    const last = number === watchers.length - 1 ? ['--page'] : [];
    const register = async () =>
      void (await tocsin(processes, [
        'register',
        '--config',
        config,
        '--stake',
        `${stake}`,
        ...last,
      ]));
    before = before.then(register);
    return before;
  });
}

/** Opens the first epoch once everybody is registered. */
export async function openEpoch(
  processes: Processes,
  [first]: readonly Watcher[],
  registered: readonly Promise<void>[],
): Promise<void> {
  await Promise.all(registered);
  await tocsin(processes, ['epoch', 'open', '--config', first!.config]);
}

/** What is guarded, by what, and the coverages. */
export type Guarded = Awaited<ReturnType<typeof coverAll>>;

/** The guarded vault, the market's adapter, a coverage of each, and people with positions in both. */
export async function coverAll({
  chain,
  processes,
  market,
  deployment,
  guardian,
  network,
  people,
  plan,
}: Readonly<{
  chain: Chain;
  processes: Processes;
  market: Market;
  deployment: Deployment;
  guardian: Keys;
  network: Network;
  people: People;
  plan: VaultPlan;
}>) {
  const vault = await deployVault(
    chain,
    deployment.hub,
    guardian.address,
    reserve(market, 'USDC'),
    plan.limits,
  );
  const guards = await deployGuards(chain, market, deployment, guardian.address);
  const manifests = {
    market: marketManifest(guards.breaker, market, guards.feedBound),
    vault: vaultManifest(vault.address, guards.sharePriceFall, plan.rule),
  };
  const coverages = {
    market: await applyCoverage(processes, guardian, manifests.market, network),
    vault: await applyCoverage(processes, guardian, manifests.vault, network),
  };
  await settle(chain, market, vault, people);
  return { vault, guards, coverages };
}
