import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { command, runCommand, whole } from '../../devnet/program.ts';
import { createRandom } from '../../devnet/random.ts';
import { table } from '../../devnet/text.ts';
import { createArena, type RunningArena } from './arena.ts';
import { type Asked, startCounting } from './counting.ts';
import { percentile, tenths } from './figures.ts';
import { allLinked, type Hosts, startProcesses } from './hosts.ts';

/** Seats, so that a roster is one; the node that is measured holds the first, the others are not running. */
const SEATS = 4;
const BLOCK_SECONDS = 1;
/** Blocks before those that count. */
const WARM_UP = 10;
const SETTLE_MS = 3_000;
/** From a block to the node's own attestation, p99. */
const TARGET_MS = 250;
/** HTTP requests a block, and looks for a head among them. */
const TARGET_REQUESTS = 3;
const TARGET_POLLS = 2;

type Flags = Readonly<Record<'coverages' | 'rules' | 'blocks', string> & { json?: true }>;

const program = command(
  'bench:coverages',
  "One node's own work, from a block to its attestation, while one rule of many coverages fires at each block.",
)
  .option('-c, --coverages <count>', 'coverages, 1 to 200', '100')
  .option('-r, --rules <count>', 'rules of each, 1 to 16', '5')
  .option('-b, --blocks <count>', 'blocks that count, 1 to 10000', '100')
  .option('--json', 'print one JSON object on stdout instead of a table');

await runCommand<Flags>(program, async (flags, signal) => {
  const coverages = whole('--coverages', flags.coverages, 1, 200);
  const rules = whole('--rules', flags.rules, 1, 16);
  const blocks = whole('--blocks', flags.blocks, 1, 10_000);
  const arena = await createArena(SEATS, { coverages, rules, armed: false }, signal);
  const counting = await startCounting(arena.chain.url);
  try {
    tell(`${coverages} coverages of ${rules} rules are registered`);
    const hosts = await arena.during(startWatched(arena, counting.url));
    const found = await arena.during(play(arena, hosts, blocks, counting.asked));
    const report = { coverages, rules, blocks, ...found };
    process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : tableOf(report));
    return report.met ? 0 : 1;
  } finally {
    await arena.close();
    await counting.stop();
  }
});

/** One process of the shipped CLI, that asks through what counts. */
async function startWatched(arena: RunningArena, url: string): Promise<Hosts> {
  const { config } = arena.watchers[0]!;
  await writeFile(config, (await readFile(config, 'utf8')).replace(arena.chain.url, url));
  const hosts = await startProcesses(arena, [0]);
  await arena.chain.mineEvery(BLOCK_SECONDS);
  await allLinked(hosts, [0], arena.ended);
  return hosts;
}

/** Flips one slot of one target right after each block; requests are counted over whole blocks. */
async function play(
  { chain, targets, flip, ended }: RunningArena,
  { lines }: Hosts,
  blocks: number,
  asked: () => Asked,
) {
  const { below, pick } = createRandom(1);
  let [first, before] = [0n, asked()];
  for (let index = 0; index < WARM_UP + blocks; index++) {
    if (index === WARM_UP) [first, before] = [await chain.height(), asked()];
    await flip(pick(targets), below(targets[0]!.ruleIds.length));
    await chain.passBlocks(1, ended);
  }
  const after = asked();
  const passed = Number((await chain.height()) - first);
  await pause(SETTLE_MS, undefined, { signal: ended });
  const told = lines.filter(({ height }) => BigInt(height ?? 0) > first);
  const times = told.flatMap(({ msg, ms }) =>
    msg === 'attestation sent' && typeof ms === 'number' ? [ms] : [],
  );
  const aBlock = (what: (asked: Asked) => number) => tenths((what(after) - what(before)) / passed);
  const attestationMs = {
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    p99: percentile(times, 0.99),
  };
  const requests = {
    http: aBlock(({ requests }) => requests),
    calls: aBlock(({ calls }) => calls),
    httpWithoutPolls: aBlock(({ requests, polls }) => requests - polls),
    polls: aBlock(({ polls }) => polls),
  };
  const met =
    times.length >= blocks &&
    (attestationMs.p99 ?? Number.POSITIVE_INFINITY) < TARGET_MS &&
    requests.httpWithoutPolls <= TARGET_REQUESTS &&
    requests.polls <= TARGET_POLLS;
  return { attested: times.length, attestationMs, requestsPerBlock: requests, met };
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

type Report = Readonly<{ coverages: number; rules: number; blocks: number }> &
  Awaited<ReturnType<typeof play>>;

function tableOf({ coverages, rules, attested, attestationMs, requestsPerBlock, met }: Report) {
  const { p50, p95, p99 } = attestationMs;
  const { http, calls, httpWithoutPolls } = requestsPerBlock;
  const head = [
    '',
    'attested',
    'p50 ms',
    'p95',
    'p99',
    'requests a block',
    'calls',
    'without polls',
  ];
  const cells = [attested, p50, p95, p99, http, calls, httpWithoutPolls].map(
    (each) => `${each ?? '-'}`,
  );
  return `${table([head, [`${coverages} coverages of ${rules} rules`, ...cells]])}${met ? 'met' : 'NOT MET'}\n`;
}
