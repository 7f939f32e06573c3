import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startChain } from '../../devnet/chain.ts';
import { createProcesses, type Processes } from '../../devnet/processes.ts';
import { deployStake, deployTocsin } from '../../devnet/setup.ts';
import { stakesOf } from '../../devnet/stakes.ts';
import { tocsin } from '../../devnet/tocsin.ts';
import { configure, writePassword } from '../../devnet/watchers.ts';
import { unlessAborted } from '../../devnet/wait.ts';
import { registerAll, sealKeys } from './seats.ts';
import { coverTargets, type Wanted } from './targets.ts';

/** A chain with Tocsin on it, watchers that have seats and no node yet, and targets whose slots a bench writes. */
export type Arena = Awaited<ReturnType<typeof assemble>>;

export type RunningArena = Arena &
  Readonly<{
    /** Ends when a process dies or somebody asks to stop. */
    ended: AbortSignal;
    during: <T>(work: Promise<T>) => Promise<T>;
    close: () => Promise<void>;
  }>;

/** As a devnet without a market, made of raw transactions; `close` leaves nothing behind. */
export async function createArena(
  watchers: number,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<RunningArena> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
  const processes = createProcesses();
  const removeNow = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.on('exit', removeNow);
  const ended = AbortSignal.any([signal, processes.failed]);
  let stop = async (): Promise<void> => undefined;
  const close = async (): Promise<void> => {
    await stop();
    await processes.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    process.off('exit', removeNow);
  };
  const during = <T>(work: Promise<T>): Promise<T> => unlessAborted(work, ended);
  try {
    const arena = await during(assemble(processes, folder, watchers, wanted));
    stop = () => arena.chain.stop().catch(() => undefined);
    return { ...arena, ended, during, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function assemble(processes: Processes, folder: string, count: number, wanted: Wanted) {
  const chain = await startChain(processes, folder, await freePort());
  const network = { folder, deployment: join(folder, 'deployment.json'), rpc: chain.socketUrl };
  await writePassword(folder);
  const token = await deployStake(chain);
  const { deployment } = await deployTocsin(processes, chain, token, network, {});
  const stakes = stakesOf(count);
  const sealed = await sealKeys(folder, count);
  await registerAll(chain, deployment, sealed, stakes);
  const watchers = await configure(sealed, stakes, network);
  for (const command of [
    ['page', 'write'],
    ['epoch', 'open'],
  ])
    await tocsin(processes, [...command, '--config', watchers[0]!.config]);
  const { targets, flip } = await coverTargets(chain, deployment, wanted);
  return { folder, processes, chain, deployment, stakes, watchers, targets, flip };
}
