import { freePort } from '../../devnet/chain.ts';
import { createDevnet } from '../../devnet/devnet.ts';
import { scenariosOf, seatsOf } from '../../devnet/options.ts';
import { command, lineOf, runCommand, whole } from '../../devnet/program.ts';
import type { Outcome } from '../../devnet/report.ts';
import type { Scenario } from '../../devnet/scenarios/scenario.ts';
import { table } from '../../devnet/text.ts';
import { spread, tenths } from './figures.ts';
import { memoryOfAll } from './usage.ts';

/** Attacks of which this share must be stopped by the block after the first loss, and every one by the second. */
const RACES = ['vault-drain', 'aave-oracle'];
const BY_NEXT_BLOCK = 0.95;
const WATCHERS = 7;

type Flags = Readonly<{ runs: string; scenario: string; kill?: string[]; json?: true }>;
type Plan = Readonly<{ scenario: Scenario; killed: readonly number[] }>;
type Played = Readonly<{ outcome: Outcome; seconds: number; megabytes: number | null }>;

const program = command(
  'bench:trips',
  'Plays scenarios again and again, each on a network of its own: how many end as they must, and how soon.',
)
  .option('-r, --runs <count>', 'runs of each scenario, 1 to 1000', '20')
  .option('-s, --scenario <names>', 'scenarios, separated by commas', RACES.join())
  .option(
    '-k, --kill <seats>',
    'seats silenced beforehand, separated by commas, or none; given again, another set',
    (seats, sets: string[] | undefined) => [...(sets ?? []), seats],
  )
  .option('--json', 'print one JSON object a scenario and set on stdout instead of a table');

await runCommand<Flags>(program, async (flags, signal) => {
  const runs = whole('--runs', flags.runs, 1, 1_000);
  const sets = (flags.kill ?? ['none']).map((seats) =>
    seats === 'none' ? [] : seatsOf(seats, WATCHERS),
  );
  const plans = flags.scenario
    .split(',')
    .flatMap(scenariosOf)
    .flatMap((scenario) => sets.map((killed): Plan => ({ scenario, killed })));
  const results = [];
  for (const plan of plans) {
    const result = resultOf(plan, runs, await playAll(plan, runs, signal));
    if (flags.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
    results.push(result);
  }
  if (flags.json !== true) process.stdout.write(tableOf(results));
  return results.every(({ met }) => met) ? 0 : 1;
});

/** A run that breaks is told and counted as none that tripped. */
async function playAll(
  plan: Plan,
  runs: number,
  signal: AbortSignal,
): Promise<readonly (Played | null)[]> {
  const all: (Played | null)[] = [];
  for (let number = 1; number <= runs; number++) {
    const started = performance.now();
    const played = await playOnce(plan, signal).then(
      (ended) => ({ ...ended, seconds: (performance.now() - started) / 1_000 }),
      (error: unknown) => {
        signal.throwIfAborted();
        process.stderr.write(`${lineOf(error)}\n`);
        return null;
      },
    );
    process.stderr.write(
      `${nameOf(plan.scenario.name, plan.killed)}: run ${number} of ${runs}, ${said(played)}\n`,
    );
    all.push(played);
  }
  return all;
}

/** What `npm run devnet -- --once` does; memory is that at the end, before anything is stopped. */
async function playOnce({ scenario, killed }: Plan, signal: AbortSignal) {
  const port = await freePort();
  const { blockTime, vault } = scenario;
  const actors = scenario.actors?.(WATCHERS) ?? [];
  const devnet = await createDevnet({
    watchers: WATCHERS,
    blockTime,
    killed,
    vault,
    actors,
    port,
    signal,
  });
  try {
    const outcome = await devnet.during(scenario.run(devnet, () => undefined));
    return { outcome, megabytes: await memoryOfAll(devnet) };
  } finally {
    await devnet.close();
  }
}

/** Times in milliseconds from when the submitter saw the block; memory of the chain and all nodes in MB. */
function resultOf({ scenario, killed }: Plan, runs: number, all: readonly (Played | null)[]) {
  const played = all.filter((each) => each !== null);
  const outcomes = played.map(({ outcome }) => outcome);
  const tripped = outcomes.filter((outcome) => outcome.tripped);
  // A trip before anything is lost has no count of blocks.
  const within = (blocks: number) =>
    tripped.filter((trip) => (trip.blocksFromFirstLossToTrip ?? 0) <= blocks).length;
  const [byNextBlock, bySecondBlock] = [within(1), within(2)];
  const times = (name: 'msFromBlockSeenToCertificate' | 'msFromBlockSeenToTrip') =>
    spread(outcomes.map((outcome) => outcome[name]).filter((ms) => ms !== null));
  const megabytes = played.map((each) => each.megabytes).filter((each) => each !== null);
  const peak = spread(megabytes).max;
  const asExpected = outcomes.filter(({ expectationMet }) => expectationMet).length;
  const inTime = byNextBlock >= runs * BY_NEXT_BLOCK && bySecondBlock === runs;
  return {
    scenario: scenario.name,
    killed,
    runs,
    asExpected,
    byNextBlock,
    bySecondBlock,
    later: tripped.length - bySecondBlock,
    never: runs - tripped.length,
    msFromBlockSeenToCertificate: times('msFromBlockSeenToCertificate'),
    msFromBlockSeenToTrip: times('msFromBlockSeenToTrip'),
    seconds: spread(played.map(({ seconds }) => tenths(seconds))),
    peakMegabytes: peak === null ? null : Math.round(peak),
    met: asExpected === runs && (inTime || !RACES.includes(scenario.name)),
  };
}

function tableOf(results: readonly ReturnType<typeof resultOf>[]): string {
  const of = ({ p50, max }: ReturnType<typeof spread>) => `${p50 ?? '-'} / ${max ?? '-'}`;
  return table([
    [
      'p50 / max',
      'runs',
      'as expected',
      'next block',
      'second',
      'later',
      'never',
      'ms to certificate',
      'ms to trip',
      'seconds',
      'peak MB',
    ],
    ...results.map((result) => [
      nameOf(result.scenario, result.killed),
      ...[
        result.runs,
        result.asExpected,
        result.byNextBlock,
        result.bySecondBlock,
        result.later,
        result.never,
      ].map(String),
      of(result.msFromBlockSeenToCertificate),
      of(result.msFromBlockSeenToTrip),
      of(result.seconds),
      `${result.peakMegabytes ?? '-'}`,
    ]),
  ]);
}

function nameOf(scenario: string, killed: readonly number[]): string {
  return killed.length === 0 ? scenario : `${scenario} without ${killed.join(',')}`;
}

function said(played: Played | null): string {
  if (played === null) return 'broke';
  const { outcome, seconds, megabytes } = played;
  const ending = `${tenths(seconds)} s, ${megabytes === null ? '-' : Math.round(megabytes)} MB`;
  if (!outcome.expectationMet) return `NOT as expected, ${ending}`;
  if (!outcome.tripped) return `never tripped, ${ending}`;
  const blocks = outcome.blocksFromFirstLossToTrip;
  const when = blocks === null ? 'before a loss' : `at block +${blocks}`;
  const { msFromBlockSeenToCertificate: certificate, msFromBlockSeenToTrip: trip } = outcome;
  return `tripped ${when}, certificate ${certificate ?? '-'} ms, trip ${trip ?? '-'} ms, ${ending}`;
}
