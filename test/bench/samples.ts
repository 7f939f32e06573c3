import { join } from 'node:path';
import type { Devnet } from '../../devnet/devnet.ts';
import { diskOf, memoryOf } from './usage.ts';

/** What a process and its folder take, in MB; memory is null without /proc. */
export type Taken = Readonly<{ memory: number | null; disk: number }>;

/** Chain and nodes at one time; `height` of a node is its newest block. */
export type Sample = Readonly<{
  minute: number;
  height: number;
  chain: Taken;
  nodes: readonly (Taken & Readonly<{ height: number }>)[];
}>;

export async function sampleOf(devnet: Devnet, minute: number): Promise<Sample> {
  const { chain, watchers, folder } = devnet;
  const taken = async (pid: number, at: string): Promise<Taken> => ({
    memory: await memoryOf(pid),
    disk: await diskOf(at),
  });
  return {
    minute,
    height: Number(await chain.height()),
    chain: await taken(chain.pid, join(folder, 'anvil')),
    nodes: await Promise.all(
      watchers.all.map(async ({ number, dataDir }) => ({
        ...(await taken(watchers.running[number]!.pid, dataDir)),
        height: (await countersOf(devnet, number)).head,
      })),
    ),
  };
}

/** Sums of a node's metrics over their labels. `head` is its newest block; one reading of it and `blocks` fits together. */
export type Counters = Readonly<Record<keyof typeof METRICS, number>>;

const METRICS = {
  head: 'tocsin_head_block',
  rules: 'tocsin_rules',
  blocks: 'tocsin_blocks_total',
  facts: 'tocsin_facts_total',
  abstentions: 'tocsin_abstentions_total',
  findings: 'tocsin_findings_total',
  reorgs: 'tocsin_reorgs_total',
  rpcFaults: 'tocsin_rpc_faults_total',
} as const;

export async function countersOf({ watchers }: Devnet, number: number): Promise<Counters> {
  const response = await fetch(`${watchers.all[number]!.api}/metrics`);
  return readCounters(await response.text());
}

/** Reads the text format of Prometheus; a metric that is not there counts nothing. */
export function readCounters(text: string): Counters {
  return Object.fromEntries(
    Object.entries(METRICS).map(([name, metric]) => [name, sumOf(text, metric)]),
  ) as Counters;
}

/** One metric, summed over its labels. */
export const sumOf = (text: string, metric: string): number =>
  [...text.matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
    (total, [, value]) => total + Number(value),
    0,
  );
