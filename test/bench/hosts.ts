import type { RunningArena } from './arena.ts';
import { createWatchers, type LogLine, type Status } from '../../devnet/watchers.ts';
import { until } from '../../devnet/wait.ts';
import { mean } from './figures.ts';
import { sumOf } from './samples.ts';
import { memoryOf, processorOf } from './usage.ts';

/** What a node has used since it started: gossip messages and their bytes as they came, repeats included. */
export type Used = Readonly<{ bytes: number; messages: number; cpuMs: number; memoryMb: number }>;

/** Nodes that run. */
export type Hosts = Readonly<{
  /** What all of them have logged. */
  lines: readonly LogLine[];
  /** A mean over all nodes. */
  used: () => Promise<Used>;
  status: (number: number) => Promise<Status | null>;
  /** Before the arena closes. */
  stop: () => Promise<void>;
}>;

/** Nodes as processes of the shipped CLI, each linked to every other. */
export async function startProcesses(
  { processes, watchers, ended }: RunningArena,
  present: readonly number[],
): Promise<Hosts> {
  const nodes = createWatchers(processes, watchers, () => undefined, ended);
  await Promise.all(present.map(nodes.start));
  const used = async (): Promise<Used> =>
    meanOf(
      await Promise.all(
        present.map(async (number) => {
          const { pid } = nodes.running[number]!;
          const cpuMs = (await processorOf(pid)) ?? 0;
          return {
            ...(await trafficOf(watchers[number]!.api)),
            cpuMs,
            memoryMb: (await memoryOf(pid)) ?? 0,
          };
        }),
      ),
    );
  // The arena ends its processes.
  return { lines: nodes.lines, used, status: nodes.status, stop: async () => undefined };
}

/** Waits until each is healthy, seated, and linked to all others. */
export async function allLinked(
  { status }: Hosts,
  present: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  for (const number of present)
    await until(
      `watcher ${number} to be healthy and to know its peers`,
      async () => {
        const now = await status(number);
        return (
          now !== null && now.healthy && now.seat !== null && now.peers.seated >= present.length - 1
        );
      },
      { seconds: 300, everyMs: 200, signal },
    );
}

/** Gossip that came to a node, by its own metrics. */
export async function trafficOf(api: string): Promise<Pick<Used, 'bytes' | 'messages'>> {
  const text = await (await fetch(`${api}/metrics`)).text();
  return {
    bytes: sumOf(text, 'tocsin_gossip_received_bytes_total'),
    messages: sumOf(text, 'tocsin_gossip_received_total'),
  };
}

/** Each figure's mean. */
export const meanOf = (all: readonly Used[]): Used => ({
  bytes: mean(all.map(({ bytes }) => bytes)),
  messages: mean(all.map(({ messages }) => messages)),
  cpuMs: mean(all.map(({ cpuMs }) => cpuMs)),
  memoryMb: mean(all.map(({ memoryMb }) => memoryMb)),
});
