import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '../protocol/manifest.ts';
import type { Domain } from '../protocol/types.ts';
import { holdKeys } from './actors/held.ts';
import { deployAave } from './aave.ts';
import { startChain } from './chain.ts';
import { applyCoverage } from './coverage.ts';
import { peopleOf } from './people.ts';
import { createProcesses, type Processes } from './processes.ts';
import {
  coverAll,
  deployStake,
  deployTocsin,
  fund,
  openEpoch,
  registerEach,
  type VaultPlan,
} from './setup.ts';
import { canReach, stakesOf } from './stakes.ts';
import { createTraffic } from './traffic.ts';
import { createTrips } from './trips.ts';
import { configure, createWatchers, type LogLine, makeKeys, writePassword } from './watchers.ts';
import { pooled, unlessAborted } from './wait.ts';

/** What a run is told. `killed` are seats that are silenced before the attack. */
export type DevnetOptions = Readonly<{
  watchers: number;
  blockTime: number;
  killed: readonly number[];
  /** Seats that actors play: the devnet holds their keys, and no node of theirs runs. */
  actors?: readonly number[];
  port: number;
  seed?: number;
  vault?: VaultPlan | undefined;
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
  const { onStep = () => undefined, onLine = () => undefined, killed, actors = [] } = options;
  const stakes = stakesOf(options.watchers);
  const chain = await startChain(processes, folder, options.port);
  closers.push(chain.stop);
  onStep(`anvil runs on ${chain.url}`);
  const network = { folder, deployment: join(folder, 'deployment.json'), rpc: chain.socketUrl };
  const people = peopleOf(chain.accounts);

  await writePassword(folder);
  // Before the market, which counts the nonces of the same account itself.
  const token = await deployStake(chain);
  const numbers = stakes.map((_, number) => number);
  const honest = numbers.filter((number) => !actors.includes(number));
  const [market, { guardian, deployment }, made, held] = await Promise.all([
    deployAave({ walletClient: chain.admin, publicClient: chain.client }),
    deployTocsin(processes, chain, token, network),
    makeKeys(
      processes,
      folder,
      honest.map((number) => `watcher-${number}`),
    ),
    pooled(actors, 2, (number) => holdKeys(processes, folder, number)),
  ]);
  const operators = numbers.map((number) =>
    actors.includes(number) ? held[actors.indexOf(number)]!.keys : made[honest.indexOf(number)]!,
  );
  onStep(`an Aave v3 market and Tocsin are deployed, registry ${deployment.registry}`);
  await fund(chain, token, operators, stakes);

  const watchers = createWatchers(
    processes,
    await configure(operators, stakes, network),
    onLine,
    ended,
    actors,
  );
  const registered = registerEach(processes, watchers.all);
  const covering = coverAll({
    chain,
    processes,
    market,
    deployment,
    guardian,
    network,
    people,
    plan: options.vault ?? {},
  });
  // A node whose first block has coverages in it walks the way to a signature once before it is needed.
  const started = watchers.alive().map(async ({ number }) => {
    await Promise.all([registered[number], covering]);
    await watchers.start(number);
  });
  await Promise.all([...started, openEpoch(processes, watchers.all, registered)]);
  const { vault, guards, coverages } = await covering;
  onStep(`${options.watchers} watchers are registered, market and vault are covered`);

  await chain.mineEvery(options.blockTime);
  await watchers.allReady();
  onStep(`${watchers.alive().length} nodes are healthy and seated`);
  if (killed.length > 0) {
    await watchers.kill(killed);
    onStep(`seats ${killed.join(', ')} are killed`);
  }
  const traffic = createTraffic({ chain, market, vault, people, seed: options.seed ?? 1 });
  closers.push(() => traffic.stop());
  const { chainId, registry } = deployment;
  const domain: Domain = { chainId: BigInt(chainId), registry };

  return {
    options,
    folder,
    chain,
    people,
    market,
    vault,
    deployment,
    domain,
    guards,
    coverages,
    guardian: guardian.address,
    /** Covers and arms a further target that the guardian guards. */
    cover: (manifest: Manifest) => applyCoverage(processes, guardian, manifest, network),
    watchers,
    traffic,
    stakes,
    /** Seats that actors play. */
    held: held.map(({ seat }) => seat),
    ended,
    ...createTrips({ chain, deployment, coverages, watchers }),
    /** Whether the seats that are left can carry a rung. */
    canReach: (rung: number) => canReach(rung, stakes, killed),
  };
}
