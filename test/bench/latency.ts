import { setTimeout as pause } from 'node:timers/promises';
import type { Hex } from 'viem';
import { command, runCommand, whole } from '../../devnet/program.ts';
import { refuse } from '../../devnet/refusal.ts';
import { stakesOf } from '../../devnet/stakes.ts';
import { table } from '../../devnet/text.ts';
import { hasQuorum } from '../../protocol/quorum.ts';
import { createArena, type RunningArena } from './arena.ts';
import { tenths } from './figures.ts';
import { allLinked, type Hosts, startProcesses, type Used } from './hosts.ts';
import { startWorkers } from './workers.ts';
import { spreadOf, STAGES, timesOf } from './stages.ts';

const RUNG = 3;
/** Verdicts before those that count: engines compile meanwhile. */
const WARM_UP = 5;
/**
 * Blocks from one verdict to the next: each is measured alone, as verdicts come, and not behind the rest of the last.
 * Where dozens of nodes share two cores, a block alone keeps them busy for half a second.
 */
const PACE = {
  process: { blockSeconds: 1, apart: 4 },
  'in-process': { blockSeconds: 2, apart: 3 },
} as const;
/** Milliseconds after the last verdict until its trip must have been seen. */
const SETTLE_MS = 5_000;
/** Watchers that are processes of their own; more share one. */
const PROCESSES = 16;

type Flags = Readonly<Record<'watchers' | 'verdicts' | 'absent', string>> &
  Readonly<{ json?: true }>;
type Plan = Readonly<{ watchers: number; verdicts: number; absentPercent: number }>;
type Run = Awaited<ReturnType<typeof measure>>;

const program = command(
  'bench:latency',
  'From the first watcher that sees a block to the trip: how long each stage takes.',
)
  .option('-w, --watchers <counts>', 'sizes of the network, separated by commas, 4 to 64', '4,8,16')
  .option('-v, --verdicts <count>', 'verdicts that count, 1 to 1000', '50')
  .option('-a, --absent <percent>', 'share of the watchers that do not run, 0 to 90', '0')
  .option('--json', 'print one JSON object on stdout instead of a table');

await runCommand<Flags>(program, async (flags, signal) => {
  const verdicts = whole('--verdicts', flags.verdicts, 1, 1_000);
  const absentPercent = whole('--absent', flags.absent, 0, 90);
  const plans = flags.watchers
    .split(',')
    .map((text) => ({ watchers: whole('--watchers', text, 4, 64), verdicts, absentPercent }));
  for (const plan of plans) presentOf(plan);
  const runs: Run[] = [];
  for (const plan of plans) runs.push(await measure(plan, signal));
  process.stdout.write(flags.json === true ? `${JSON.stringify({ runs })}\n` : tableOf(runs));
  return runs.every(({ stages }) => STAGES.every((stage) => stages[stage].p50 !== null)) ? 0 : 1;
});

/** Those that run; the absent are spread over all stakes. */
function presentOf({ watchers, absentPercent }: Plan): readonly number[] {
  const share = absentPercent / 100;
  const present = Array.from({ length: watchers }, (_, number) => number).filter(
    (number) => Math.floor((number + 1) * share) === Math.floor(number * share),
  );
  const stakes = stakesOf(watchers);
  const sum = (numbers: readonly number[]) =>
    numbers.reduce((all, each) => all + stakes[each]!, 0n);
  if (!hasQuorum(RUNG, sum(present), sum([...stakes.keys()])))
    throw refuse(`--absent: ${absentPercent} % of ${watchers} leave no quorum; name less`);
  return present;
}

/** One network. Every verdict is of a target of its own: one that is tripped is not tripped again. */
async function measure(plan: Plan, signal: AbortSignal) {
  const { watchers, verdicts, absentPercent } = plan;
  const present = presentOf(plan);
  const coverages = verdicts + WARM_UP;
  const arena = await createArena(watchers, { coverages, rules: 1, armed: true }, signal);
  const closers = [arena.close];
  try {
    tell(`${watchers} watchers are registered, ${coverages} targets covered`);
    const mode = present.length > PROCESSES ? 'in-process' : 'process';
    const start = mode === 'process' ? startProcesses : startWorkers;
    const hosts = await arena.during(start(arena, present));
    closers.push(hosts.stop);
    await arena.chain.mineEvery(PACE[mode].blockSeconds);
    await arena.during(allLinked(hosts, present, arena.ended));
    tell(`${present.length} nodes are linked`);
    const { all, used } = await arena.during(
      play(arena, hosts, { watching: present.length, verdicts, apart: PACE[mode].apart }),
    );
    return {
      watchers,
      mode,
      blockSeconds: PACE[mode].blockSeconds,
      absentPercent,
      // Between two nodes lies this machine's loopback.
      latencyMs: 0,
      lossPercent: 0,
      verdicts: all.length,
      stages: spreadOf(all),
      bytesPerNode: Math.round(used.bytes),
      messagesPerNode: Math.round(used.messages),
      cpuMsPerNode: Math.round(used.cpuMs),
      memoryMbPerNode: tenths(used.memoryMb),
    };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** Lets one target's rule fire every few blocks; what is used is counted from the first verdict that counts. */
async function play(
  arena: RunningArena,
  hosts: Hosts,
  { watching, verdicts, apart }: Readonly<Record<'watching' | 'verdicts' | 'apart', number>>,
) {
  const { chain, targets, flip, stakes } = arena;
  const flips: Hex[] = [];
  let before = await hosts.used();
  for (const [index, target] of targets.entries()) {
    if (index === WARM_UP) before = await hosts.used();
    await chain.passBlocks(apart, arena.ended);
    flips.push(await flip(target, 0));
    if (index % 10 === 9) tell(`${index + 1} of ${targets.length} rules have fired`);
  }
  await pause(SETTLE_MS, undefined, { signal: arena.ended });
  const used = lessOf(await hosts.used(), before);
  const blocks = await Promise.all(
    flips.slice(WARM_UP).map((hash) => chain.client.getTransactionReceipt({ hash })),
  );
  const all = blocks
    .map(({ blockNumber: height }) =>
      timesOf(hosts.lines, height, { stakes, watching, rung: RUNG }),
    )
    .filter((times) => times !== null);
  tell(`${all.length} of ${verdicts} verdicts were attested`);
  return { all, used };
}

/** Memory is what it is at the end. */
function lessOf(after: Used, before: Used): Used {
  return {
    bytes: after.bytes - before.bytes,
    messages: after.messages - before.messages,
    cpuMs: after.cpuMs - before.cpuMs,
    memoryMb: after.memoryMb,
  };
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

function tableOf(runs: readonly Run[]): string {
  return table([
    ['p50 / p95 / p99 ms', ...STAGES, 'kB', 'messages', 'cpu ms', 'MB'],
    ...runs.map((each) => [
      `${each.watchers} watchers${each.absentPercent === 0 ? '' : `, ${each.absentPercent} % absent`}`,
      ...STAGES.map((stage) => {
        const { p50, p95, p99 } = each.stages[stage];
        return `${p50 ?? '-'} / ${p95 ?? '-'} / ${p99 ?? '-'}`;
      }),
      `${Math.round(each.bytesPerNode / 1_024)}`,
      `${each.messagesPerNode}`,
      `${each.cpuMsPerNode}`,
      `${each.memoryMbPerNode}`,
    ]),
  ]);
}
