import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, parseEther } from 'viem';
import { breakerHubAbi, tokenAbi, tokenBytecode } from '../protocol/abi.ts';
import { type Deployment, deploymentSchema } from '../protocol/deployment.ts';
import { deployAave, type Market } from './aave.ts';
import { type Incident, incidentsOf } from './incidents.ts';
import { startChain } from './chain.ts';
import {
  applyCoverage,
  type Coverage,
  deployGuards,
  marketManifest,
  vaultManifest,
} from './coverage.ts';
import { peopleOf, settle } from './people.ts';
import { createProcesses, type Processes } from './processes.ts';
import { expected } from './refusal.ts';
import { canReach, stakesOf } from './stakes.ts';
import { tocsin } from './tocsin.ts';
import { createTraffic } from './traffic.ts';
import { calls, deployVault, reserve } from './vault.ts';
import {
  configure,
  type Keys,
  type LogLine,
  makeKeys,
  passwordFileOf,
  startWatchers,
} from './watchers.ts';
import { unlessAborted, until } from './wait.ts';

/** What a run is told. `killed` are seats that are silenced before the attack. */
export type DevnetOptions = Readonly<{
  watchers: number;
  blockTime: number;
  killed: readonly number[];
  port: number;
  seed?: number;
  /** Ends the start early. */
  signal?: AbortSignal;
  onLine?: (line: LogLine) => void;
  onStep?: (step: string) => void;
}>;

export type Devnet = Awaited<ReturnType<typeof assemble>>;

export type RunningDevnet = Devnet &
  Readonly<{ during: <T>(work: Promise<T>) => Promise<T>; close: () => Promise<void> }>;

/** A whole network on this machine; `close` leaves nothing behind, also when starting it failed. */
export async function createDevnet(options: DevnetOptions): Promise<RunningDevnet> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-devnet-'));
  const processes = createProcesses();
  const closers: (() => Promise<void>)[] = [];
  const removeNow = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.on('exit', removeNow);
  const close = async (): Promise<void> => {
    for (const closer of closers.reverse()) await closer().catch(() => undefined);
    await processes.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    process.off('exit', removeNow);
  };
  try {
    const signals = [processes.failed, ...(options.signal === undefined ? [] : [options.signal])];
    const ended = AbortSignal.any(signals);
    const network = await unlessAborted(
      assemble(options, folder, processes, closers, ended),
      ended,
    );
    /** Waits for what is played, unless a process dies or somebody asks to stop. */
    const during = <T>(work: Promise<T>): Promise<T> => unlessAborted(work, ended);
    return { ...network, during, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function assemble(
  options: DevnetOptions,
  folder: string,
  processes: Processes,
  closers: (() => Promise<void>)[],
  ended: AbortSignal,
) {
  const { onStep = () => undefined, onLine = () => undefined, killed } = options;
  const stakes = stakesOf(options.watchers);
  const chain = await startChain(processes, folder, options.port);
  closers.push(async () => chain.stop());
  onStep(`anvil runs on ${chain.url}`);
  const network = { folder, deployment: join(folder, 'deployment.json'), rpc: chain.url };
  const people = peopleOf(chain.accounts);

  const [keys, market] = await Promise.all([
    makeKeys(processes, folder, ['guardian', ...stakes.map((_, number) => `watcher-${number}`)]),
    deployAave({ walletClient: chain.admin, publicClient: chain.client }),
  ]);
  onStep('an Aave v3 market is deployed');
  const [guardian, ...operators] = keys as [Keys, ...Keys[]];
  const token = await deployStake(chain, operators, stakes);
  for (const { address } of keys) await chain.give(address, parseEther('1000'));
  const deployment = await deployTocsin(processes, guardian, token, network);
  onStep(`Tocsin is deployed, registry ${deployment.registry}`);

  const seated = registerAll(processes, operators, stakes, network);
  const covered = coverAll({ chain, processes, market, deployment, guardian, network }).then(
    async (coverage) => {
      await settle(chain, market, coverage.vault, people);
      return coverage;
    },
  );
  const [configs, { vault, guards, coverages }] = await Promise.all([seated, covered]);
  onStep(`${options.watchers} watchers are registered, market and vault are covered`);

  const watchers = await startWatchers(processes, configs, onLine, ended);
  await chain.mineEvery(options.blockTime);
  await watchers.allReady();
  onStep(`${options.watchers} nodes are healthy and seated`);
  if (killed.length > 0) {
    await watchers.kill(killed);
    onStep(`seats ${killed.join(', ')} are killed`);
  }
  const traffic = createTraffic({ chain, market, vault, people, seed: options.seed ?? 1 });
  closers.push(() => traffic.stop());

  const incidents = (coverage: Coverage, after: bigint) =>
    incidentsOf(chain.client, deployment, coverage, after);
  const rungOf = (target: Address) =>
    chain.client.readContract({
      address: deployment.hub,
      abi: breakerHubAbi,
      functionName: 'rungOf',
      args: [target],
    });

  /** Fails when anything was ever tripped. */
  const expectNoTrip = async (): Promise<void> => {
    for (const coverage of Object.values(coverages))
      if ((await incidents(coverage, 0n)).length > 0)
        throw expected(`no trip of ${coverage.target}, but there is one`);
  };

  /** As the node that submitted has it: from the block of the verdict to its certificate, and to the block of the trip. */
  const timesOf = async (trip: Incident | undefined) => {
    if (trip === undefined)
      return { msFromBlockSeenToCertificate: null, msFromBlockSeenToTrip: null };
    const watcher = operators.findIndex(({ address }) => address === trip.submitter);
    const line = (messages: readonly string[], own: boolean) =>
      watchers.lines.find(
        ({ msg, digest, ...at }) =>
          messages.includes(msg) && digest === trip.digest && (!own || at.watcher === watcher),
      );
    const seen = await until(
      'the submitter to see the trip',
      async () => line(['trip seen'], true),
      { seconds: 10 },
    ).catch(() => undefined);
    const certified = line(['certificate formed'], true) ?? line(['certificate formed'], false);
    return {
      msFromBlockSeenToCertificate: whole(certified?.ms),
      msFromBlockSeenToTrip: whole(seen?.ms),
    };
  };

  return {
    options,
    folder,
    chain,
    people,
    market,
    vault,
    deployment,
    guards,
    coverages,
    watchers,
    traffic,
    stakes,
    incidents,
    rungOf,
    expectNoTrip,
    timesOf,
    /** Whether the seats that are left can carry a rung. */
    canReach: (rung: number) => canReach(rung, stakes, killed),
  };
}

type Network = Readonly<{ folder: string; deployment: string; rpc: string }>;
type Chain = Awaited<ReturnType<typeof startChain>>;

/** The token that is staked, with each operator's stake in its account. */
async function deployStake(
  chain: Chain,
  operators: readonly Keys[],
  stakes: readonly bigint[],
): Promise<Address> {
  const hash = await chain.admin.deployContract({
    chain: null,
    gas: 3_000_000n,
    abi: tokenAbi,
    bytecode: tokenBytecode,
    args: ['Devnet stake', 'STAKE', 18],
  });
  const { contractAddress } = await chain.client.waitForTransactionReceipt({ hash });
  for (const [number, { address }] of operators.entries())
    await chain.act({
      from: chain.accounts[0]!,
      to: contractAddress!,
      data: calls.mint(address, stakes[number]! * 10n ** 18n),
    });
  return contractAddress!;
}

async function deployTocsin(
  processes: Processes,
  guardian: Keys,
  token: Address,
  { folder, deployment, rpc }: Network,
): Promise<Deployment> {
  await mkdir(folder, { recursive: true });
  await tocsin(processes, [
    'deploy',
    '--rpc',
    rpc,
    '--token',
    token,
    '--out',
    deployment,
    '--keystore',
    guardian.hotKeystore,
    '--password-file',
    passwordFileOf(folder),
  ]);
  return deploymentSchema.parse(JSON.parse(await readFile(deployment, 'utf8')));
}

/** One after the other, largest stake first: seats follow the order of registration. */
async function registerAll(
  processes: Processes,
  operators: readonly Keys[],
  stakes: readonly bigint[],
  network: Network,
) {
  const configs = await configure(operators, stakes, network);
  for (const { config, stake, number } of configs) {
    const last = number === configs.length - 1 ? ['--page'] : [];
    await tocsin(processes, ['register', '--config', config, '--stake', `${stake}`, ...last]);
  }
  await tocsin(processes, ['epoch', 'open', '--config', configs[0]!.config]);
  return configs;
}

/** The guarded vault, the market's adapter, and a coverage of each. */
async function coverAll({
  chain,
  processes,
  market,
  deployment,
  guardian,
  network,
}: Readonly<{
  chain: Chain;
  processes: Processes;
  market: Market;
  deployment: Deployment;
  guardian: Keys;
  network: Network;
}>) {
  const vault = await deployVault(chain, deployment.hub, guardian.address, reserve(market, 'USDC'));
  const guards = await deployGuards(chain, market, deployment, guardian.address);
  const coverages = {
    market: await applyCoverage(
      processes,
      guardian,
      marketManifest(guards.breaker, market, guards.feedBound),
      network,
    ),
    vault: await applyCoverage(
      processes,
      guardian,
      vaultManifest(vault.address, guards.sharePriceFall),
      network,
    ),
  };
  return { vault, guards, coverages };
}

const whole = (ms: number | null | undefined) => (typeof ms === 'number' ? Math.round(ms) : null);
