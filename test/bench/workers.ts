import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { LogLine, Status } from '../../devnet/watchers.ts';
import { readConfig } from '../../node/lib/config.ts';
import type { RunningArena } from './arena.ts';
import { type Hosts, meanOf, trafficOf } from './hosts.ts';
import { memoryOf } from './usage.ts';

/** What a worker is told at its start: the config file of each of its nodes, and whom it dials. */
export type WorkerTask = Readonly<{
  nodes: readonly Readonly<{ config: string; peers: readonly string[] }>[];
}>;

/** What a worker says: that its nodes run, or how many milliseconds of processor it has used. */
export type WorkerWord = Readonly<{ kind: 'started' } | { kind: 'used'; cpuMs: number }>;

/**
 * Megabytes of a thread's heap. A node that runs alone seldom collects its old generation; dozens that share a heap fill
 * their common young one before what they hold can die there, and a collection of all of them stops each for as long.
 */
const YOUNG_MB = 192;
const OLD_MB = 6_144;

/**
 * Nodes of one process, in a worker thread a processor, each with a host of its own and real TCP between them. Of each
 * pair one dials. Their seats tell their lines apart.
 */
export async function startWorkers(
  { watchers, ended }: RunningArena,
  present: readonly number[],
): Promise<Hosts> {
  const lines: LogLine[] = [];
  const listens = await Promise.all(
    watchers.map(async ({ config }) => (await readConfig(config)).listen),
  );
  setFlagsFromString('--no-memory-reducer');
  const threads = Math.min(availableParallelism(), present.length);
  await Promise.all(present.map((number) => watchers[number]!.freePorts()));
  const workers = Array.from({ length: threads }, (_, thread) => {
    const nodes = present
      .filter((_each, index) => index % threads === thread)
      .map((number) => ({
        config: watchers[number]!.config,
        peers: present.filter((other) => other < number).map((other) => listens[other]!),
      }));
    const worker = new Worker(new URL('node-worker.ts', import.meta.url), {
      workerData: { nodes } satisfies WorkerTask,
      stderr: true,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB, maxOldGenerationSizeMb: OLD_MB },
    });
    createInterface({ input: worker.stderr }).on('line', (text) => {
      const line = lineOf(text);
      if (line !== null) lines.push(line);
    });
    return worker;
  });
  await Promise.all(workers.map((worker) => wordOf(worker, 'started', ended)));

  const used = async () => {
    const words = await Promise.all(
      workers.map((worker) => {
        worker.postMessage('used');
        return wordOf(worker, 'used', ended);
      }),
    );
    const cpuMs = words.reduce((sum, word) => sum + (word.kind === 'used' ? word.cpuMs : 0), 0);
    const memoryMb = (await memoryOf(process.pid)) ?? 0;
    const each = { cpuMs: cpuMs / present.length, memoryMb: memoryMb / present.length };
    return meanOf(
      await Promise.all(
        present.map(async (number) => ({ ...(await trafficOf(watchers[number]!.api)), ...each })),
      ),
    );
  };
  const status = (number: number): Promise<Status | null> =>
    fetch(`${watchers[number]!.api}/status`, { signal: AbortSignal.timeout(10_000) })
      .then((response) => response.json() as Promise<Status>)
      .catch(() => null);
  const stop = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  return { lines, used, status, stop };
}

/** The next word of a kind; throws what ended the worker, or when somebody asks to stop. */
function wordOf(
  worker: Worker,
  kind: WorkerWord['kind'],
  signal: AbortSignal,
): Promise<WorkerWord> {
  const { promise, resolve, reject } = Promise.withResolvers<WorkerWord>();
  const listen = (word: WorkerWord) => {
    if (word.kind === kind) resolve(word);
  };
  const stop = () => reject(signal.reason as Error);
  worker.on('message', listen).once('error', reject);
  signal.addEventListener('abort', stop, { once: true });
  return promise.finally(() => {
    worker.off('message', listen).off('error', reject);
    signal.removeEventListener('abort', stop);
  });
}

function lineOf(text: string): LogLine | null {
  try {
    const line = JSON.parse(text) as Record<string, unknown>;
    if (typeof line.seat !== 'number') return null;
    return {
      ...line,
      watcher: line.seat,
      at: Date.parse(String(line.time)),
      msg: String(line.msg),
    };
  } catch {
    return null;
  }
}
