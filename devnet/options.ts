import { command, parse, whole } from './program.ts';
import { refuse } from './refusal.ts';
import { scenarios } from './scenarios/all.ts';
import type { Scenario } from './scenarios/scenario.ts';

/** What a person asked for; a block time of null is the scenario's own. */
export type Options = Readonly<{
  scenarios: readonly Scenario[];
  once: boolean;
  json: boolean;
  watchers: number;
  blockTime: number | null;
  killed: readonly number[];
  port: number;
}>;

export type Asked =
  | Readonly<{ kind: 'print'; text: string }>
  | Readonly<{ kind: 'run'; options: Options }>;

const MIN_WATCHERS = 4;
const MAX_WATCHERS = 64;

/** Reads the command line; anything it does not know is refused in one line. */
export function parseOptions(argv: readonly string[]): Asked {
  const program = command(
    'devnet',
    'The whole network on this machine: a chain, a lending market, a vault, watchers, and an attack.',
  )
    .option('-s, --scenario <name>', 'what to play, or all', scenarios[0]!.name)
    .option('--once', 'play and end, instead of staying up until Ctrl-C')
    .option('--json', 'print one JSON object a scenario on stdout and nothing else there')
    .option('-w, --watchers <count>', `watchers, ${MIN_WATCHERS} to ${MAX_WATCHERS}`, '7')
    .option(
      '-b, --block-time <seconds>',
      'seconds a block takes, 0.1 to 60 (default: 1, and 0.25 for benign)',
    )
    .option(
      '-k, --kill <seats>',
      'seats silenced before the attack, separated by commas; 0 holds the most stake',
    )
    .option('-p, --port <port>', 'port of the chain on 127.0.0.1 (default: a free one)', '0')
    .option('-l, --list', 'list the scenarios');
  const parsed = parse<Record<string, string | boolean | undefined>>(program, argv);
  if (parsed.kind === 'print') return parsed;
  const { flags } = parsed;
  if (flags.list === true) return { kind: 'print', text: listed() };
  const watchers = whole('--watchers', String(flags.watchers), MIN_WATCHERS, MAX_WATCHERS);
  return {
    kind: 'run',
    options: {
      scenarios: scenariosOf(String(flags.scenario)),
      once: flags.once === true,
      json: flags.json === true,
      watchers,
      blockTime: flags.blockTime === undefined ? null : seconds(String(flags.blockTime)),
      killed: flags.kill === undefined ? [] : seatsOf(String(flags.kill), watchers),
      port: whole('--port', String(flags.port), 0, 65_535),
    },
  };
}

const listed = () => {
  const width = Math.max(...scenarios.map(({ name }) => name.length)) + 2;
  return scenarios.map(({ name, help }) => `${name.padEnd(width)}${help}\n`).join('');
};

/** Scenarios by name; `all` is every one. */
export function scenariosOf(name: string): readonly Scenario[] {
  if (name === 'all') return scenarios;
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined)
    throw refuse(
      `--scenario: ${JSON.stringify(name)} is unknown; choose ${scenarios.map((scenario) => scenario.name).join(', ')} or all`,
    );
  return [found];
}

function seconds(text: string): number {
  if (!/^\d{1,4}(\.\d{1,3})?$/.test(text) || Number(text) < 0.1 || Number(text) > 60)
    throw refuse(`--block-time: ${JSON.stringify(text)} is not a number of seconds from 0.1 to 60`);
  return Number(text);
}

/** Seats separated by commas. */
export function seatsOf(text: string, watchers: number): readonly number[] {
  const seats = text.split(',').map((part) => whole('--kill', part, 0, watchers - 1));
  if (new Set(seats).size !== seats.length)
    throw refuse(`--kill: ${JSON.stringify(text)} names a seat twice`);
  return seats;
}
