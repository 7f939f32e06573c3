import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { command, runCommand, whole } from '../../devnet/program.ts';
import { createRandom } from '../../devnet/random.ts';
import { table } from '../../devnet/text.ts';
import { createArena, type RunningArena } from './arena.ts';
import { type Asked, startCounting } from './counting.ts';
import { openDisk } from './disk.ts';
import { ranks, tenths } from './figures.ts';
import { allLinked, type Hosts, startProcesses } from './hosts.ts';

/** Seats, so that a roster is one; the node that is measured holds the first, the others are not running. */
const SEATS = 4;
const BLOCK_SECONDS = 1;
/** Blocks before those that count. */
const WARM_UP = 10;
const SETTLE_MS = 3_000;
/** From a block to the node's own attestation, p99. */
const TARGET_MS = 250;
/** JSON-RPC calls a block. */
const TARGET_CALLS = 3;
/** Blocks from one that lets a rule fire to the next: each firing asks for two proofs. */
const APART = 2;

type Flags = Readonly<Record<'coverages' | 'rules' | 'firings', string> & { json?: true }>;

const program = command(
  'bench:coverages',
  "One node's own work, from a block to its attestation, while one rule of many coverages fires at every second block.",
)
  .option('-c, --coverages <count>', 'coverages, 1 to 200', '100')
  .option('-r, --rules <count>', 'rules of each, 1 to 16', '5')
  .option('-f, --firings <count>', 'firings that count, 1 to 10000', '100')
  .option('--json', 'print one JSON object on stdout instead of a table');

await runCommand<Flags>(program, async (flags, signal) => {
  const coverages = whole('--coverages', flags.coverages, 1, 200);
  const rules = whole('--rules', flags.rules, 1, 16);
  const firings = whole('--firings', flags.firings, 1, 10_000);
  const arena = await createArena(SEATS, { coverages, rules, armed: false }, signal);
  const counting = await startCounting(arena.chain.socketUrl);
  try {
    tell(`${coverages} coverages of ${rules} rules are registered`);
    const hosts = await arena.during(startWatched(arena, counting.url));
    const found = await arena.during(play(arena, hosts, firings, counting.asked));
    const report = { coverages, rules, ...found };
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
  await writeFile(config, (await readFile(config, 'utf8')).replace(arena.chain.socketUrl, url));
  const hosts = await startProcesses(arena, [0]);
  await arena.chain.mineEvery(BLOCK_SECONDS);
  await allLinked(hosts, [0], arena.ended);
  return hosts;
}

/** Flips one slot of one target right after a block; calls are counted over whole blocks. */
async function play(
  { folder, chain, targets, flip, ended }: RunningArena,
  { lines }: Hosts,
  firings: number,
  asked: () => Asked,
) {
  const { below, pick } = createRandom(1);
  const disk = await openDisk(folder);
  let [first, before] = [0n, asked()];
  for (let index = 0; index < WARM_UP + firings; index++) {
    if (index === WARM_UP) [first, before] = [await chain.height(), asked()];
    await flip(pick(targets), below(targets[0]!.ruleIds.length));
    await chain.passBlocks(APART, ended);
    await disk.sync();
  }
  await disk.close();
  const after = asked();
  const blocks = Number((await chain.height()) - first);
  await pause(SETTLE_MS, undefined, { signal: ended });
  const told = lines.filter(({ height }) => BigInt(height ?? 0) > first);
  const times = told.flatMap(({ msg, ms }) =>
    msg === 'attestation sent' && typeof ms === 'number' ? [ms] : [],
  );
  const aBlock = (what: keyof Asked) => tenths((after[what] - before[what]) / blocks);
  const attestationMs = ranks(times);
  const [callsPerBlock, looksPerBlock] = [aBlock('calls'), aBlock('looks')];
  const met =
    times.length >= firings &&
    (attestationMs.p99 ?? Number.POSITIVE_INFINITY) < TARGET_MS &&
    callsPerBlock <= TARGET_CALLS;
  const [attested, syncMs] = [times.length, ranks(disk.times.map(tenths))];
  return { blocks, attested, attestationMs, syncMs, callsPerBlock, looksPerBlock, met };
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

type Report = Readonly<{ coverages: number; rules: number }> & Awaited<ReturnType<typeof play>>;

function tableOf({ coverages, rules, attested, attestationMs, syncMs, met, ...asked }: Report) {
  const { p50, p95, p99 } = attestationMs;
  const head = ['', 'attested', 'p50 ms', 'p95', 'p99'].concat(
    'p99 of a sync of this disk',
    'calls a block',
    'looks for a head',
  );
  const figures = [attested, p50, p95, p99, syncMs.p99, asked.callsPerBlock, asked.looksPerBlock];
  const cells = figures.map((each) => `${each ?? '-'}`);
  return `${table([head, [`${coverages} coverages of ${rules} rules`, ...cells]])}${met ? 'met' : 'NOT MET'}\n`;
}
