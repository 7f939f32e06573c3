import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../devnet/chain.ts';
import { createDevnet, type Devnet } from '../../devnet/devnet.ts';
import { command, runCommand, whole } from '../../devnet/program.ts';
import { table } from '../../devnet/text.ts';
import { until } from '../../devnet/wait.ts';
import { curveOf } from './figures.ts';
import { type Counters, countersOf, type Sample, sampleOf, type Taken } from './samples.ts';

const WATCHERS = 7;
const MINUTE_MS = 60_000;
/** Chain and nodes together may take so many MB. */
const MEMORY = 1_500;
/** A node's mean memory in the last third may be above that in the second by this share. */
const MEMORY_GROWTH = 0.1;
/** Kilobytes of disk a node may add a minute while nothing is found: how far it has come, in a log that the store compacts at 4 MB. */
const DISK_A_MINUTE = 100;

const program = command(
  'soak',
  'Runs seven nodes on blocks of one second with honest traffic, and says what they take and what they miss.',
)
  .option('-m, --minutes <count>', 'how long, 3 to 10000', '30')
  .option('--json', 'print one JSON object on stdout instead of tables');

await runCommand<Readonly<{ minutes: string; json?: true }>>(program, async (flags, signal) => {
  const minutes = whole('--minutes', flags.minutes, 3, 10_000);
  const port = await freePort();
  const devnet = await createDevnet({ watchers: WATCHERS, blockTime: 1, killed: [], port, signal });
  try {
    const report = await devnet.during(soak(devnet, minutes, signal));
    process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : tablesOf(report));
    return report.met ? 0 : 1;
  } finally {
    await devnet.close();
  }
});

type Report = Awaited<ReturnType<typeof soak>>;

/** Samples each minute; what was missed is counted once nothing is mined any more. */
async function soak(devnet: Devnet, minutes: number, signal: AbortSignal) {
  const { chain, traffic, watchers } = devnet;
  const before = await Promise.all(watchers.all.map(({ number }) => countersOf(devnet, number)));
  const started = performance.now();
  const samples: Sample[] = [];
  traffic.start();
  for (let minute = 0; minute <= minutes; minute++) {
    const ahead = started + minute * MINUTE_MS - performance.now();
    await wait(Math.max(ahead, 0), undefined, { signal });
    const sample = await sampleOf(devnet, minute);
    samples.push(sample);
    process.stderr.write(`${said(sample)}\n`);
  }
  await traffic.stop();
  await chain.stop();
  const height = Number(await chain.height());
  await devnet.expectNoTrip();
  const nodes = await Promise.all(
    watchers.all.map(async ({ number }) => {
      const counted = missedOf(before[number]!, await settled(devnet, number, height), height);
      const taken = takenOf(samples.map(({ nodes }) => nodes[number]!));
      return { number, ...counted, ...taken, met: counted.met && taken.met };
    }),
  );
  const peak = Math.max(...samples.map(memoryOf));
  return {
    minutes,
    nodes,
    chain: takenOf(samples.map((sample) => sample.chain)),
    transactions: await traffic.tally(),
    peakMegabytes: peak === 0 ? null : Math.round(peak),
    met: peak <= MEMORY && nodes.every(({ met }) => met),
    samples,
  };
}

/** A node's counters once it has judged the last block, or when it was waited for in vain. */
async function settled(devnet: Devnet, number: number, height: number): Promise<Counters> {
  let counters = await countersOf(devnet, number);
  await until(
    `watcher ${number} to judge block ${height}`,
    async () => {
      counters = await countersOf(devnet, number);
      return counters.head === height && counters.facts >= counters.blocks * counters.rules;
    },
    { seconds: 30 },
  ).catch(() => undefined);
  return counters;
}

/** Every block that was mined must be seen once, and every rule read at each. */
function missedOf(before: Counters, after: Counters, height: number) {
  const blocks = { mined: height - before.head, seen: after.blocks - before.blocks };
  const facts = { due: after.blocks * after.rules, read: after.facts };
  const { abstentions, findings, reorgs, rpcFaults } = after;
  const met =
    after.head === height &&
    blocks.seen === blocks.mined &&
    facts.read === facts.due &&
    abstentions + findings + reorgs === 0;
  return { blocks, facts, abstentions, findings, reorgs, rpcFaults, met };
}

/** Memory in MB, null without /proc; disk in kB. */
function takenOf(taken: readonly Taken[]) {
  const known = taken.map(({ memory }) => memory).filter((memory) => memory !== null);
  const memory = known.length === taken.length ? curveOf(known) : null;
  const disk = curveOf(taken.map((each) => each.disk * 1_024));
  const diskAMinute = Math.round((disk.last - disk.first) / (taken.length - 1));
  const met = (memory === null || memory.growth <= MEMORY_GROWTH) && diskAMinute <= DISK_A_MINUTE;
  return { memory, disk, diskAMinute, met };
}

/** Chain and nodes together in MB; 0 where it is not known. */
function memoryOf({ chain, nodes }: Sample): number {
  return [chain, ...nodes].reduce((sum, { memory }) => sum + (memory ?? 0), 0);
}

function said(sample: Sample): string {
  const lags = sample.nodes.map(({ height }) => sample.height - height);
  return `minute ${sample.minute}: block ${sample.height}, nodes at most ${Math.max(...lags)} behind, ${Math.round(memoryOf(sample))} MB`;
}

function tablesOf({ nodes, chain, minutes, peakMegabytes, transactions, met }: Report): string {
  const rows = [
    { name: 'chain', ...chain },
    ...nodes.map((node) => ({ name: `node ${node.number}`, ...node })),
  ];
  const taken = table([
    [
      '',
      'MB at start',
      'second third',
      'last third',
      'at end',
      'growth',
      'kB on disk',
      'at end',
      'a minute',
    ],
    ...rows.map(({ name, memory, disk, diskAMinute }) => [
      name,
      ...[memory?.first, memory?.secondThird, memory?.lastThird, memory?.last].map(
        (each) => `${each ?? '-'}`,
      ),
      memory === null ? '-' : `${(memory.growth * 100).toFixed(1)} %`,
      ...[disk.first, disk.last, diskAMinute].map((each) => Math.round(each).toString()),
    ]),
  ]);
  const missed = table([
    [
      '',
      'blocks mined',
      'seen',
      'facts due',
      'read',
      'abstentions',
      'findings',
      'reorgs',
      'rpc faults',
    ],
    ...nodes.map(({ number, blocks, facts, abstentions, findings, reorgs, rpcFaults }) => [
      `node ${number}`,
      ...[
        blocks.mined,
        blocks.seen,
        facts.due,
        facts.read,
        abstentions,
        findings,
        reorgs,
        rpcFaults,
      ].map(String),
    ]),
  ]);
  return `${taken}\n${missed}\n${minutes} minutes, ${transactions.mined} transactions, at most ${peakMegabytes ?? '-'} MB together; ${met ? 'met' : 'NOT MET'}\n`;
}
