import { hasQuorum } from '../protocol/quorum.ts';
import { clipped } from './text.ts';

/** One watcher as the picture shows it; null is not known. */
export type Shown = Readonly<{
  number: number;
  stake: bigint;
  state: Readonly<{
    healthy: boolean;
    height: string | null;
    seat: number | null;
    peers: number;
    findings: number;
  }> | null;
}>;

/** All that one picture shows. */
export type Scene = Readonly<{
  scenario: string;
  height: bigint;
  /** Since the start, as `12.3 s`. */
  time: string;
  watchers: readonly Shown[];
  findings: number;
  /** Stake behind the newest verdict. */
  signed: bigint;
  rungs: Readonly<Record<string, number>>;
  /** Newest last. */
  events: readonly string[];
}>;

const BAR = 30;
/** Rows besides watchers and events, and the one the cursor stands in. */
const FRAME = 9;
const FEWEST_EVENTS = 3;

/** The picture's lines: no wider than `columns` and fewer than `rows`; what does not fit is left out. */
export function picture(
  scene: Scene,
  { columns, rows }: Readonly<{ columns: number; rows: number }>,
): readonly string[] {
  const total = scene.watchers.reduce((sum, { stake }) => sum + stake, 0n);
  const room = rows - FRAME;
  const events = scene.events.slice(-Math.max(room - scene.watchers.length, FEWEST_EVENTS));
  const shown = scene.watchers.slice(0, Math.max(room - events.length, 1));
  const hidden = scene.watchers.length - shown.length;
  const rungs = Object.entries(scene.rungs).map(
    ([name, rung]) => `${name} ${rung === 0 ? 'open' : red(`tripped at rung ${rung}`)}`,
  );
  return [
    '',
    `${bold('tocsin devnet')}  ${scene.scenario}  block ${scene.height}  ${scene.time}`,
    '',
    ...shown.map((watcher) => watcherRow(watcher, total)),
    hidden > 0 ? `  and ${hidden} more` : '',
    `  findings  ${scene.findings}`,
    `  signed    ${signedRow(scene.signed, total)}`,
    `  breaker   ${rungs.join('  ')}`,
    '',
    ...events.map((event) => `  ${event}`),
  ].map((line) => clipped(line, columns));
}

function watcherRow({ number, stake, state }: Shown, total: bigint): string {
  const start = `  watcher ${String(number).padEnd(2)} ${percent(stake, total).padStart(4)}  `;
  if (state === null) return `${start}${red('silent')}`;
  const { healthy, height, seat, peers, findings } = state;
  return `${start}${healthy ? green('healthy') : red('late   ')}  block ${height ?? '-'}  seat ${seat ?? '-'}  peers ${peers}  findings ${findings}`;
}

function signedRow(signed: bigint, total: bigint): string {
  const filled = Number((signed * BigInt(BAR)) / total);
  const rung = ([3, 2, 1] as const).find((each) => hasQuorum(each, signed, total));
  const reached = rung === undefined ? '' : green(`  quorum of rung ${rung}`);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${percent(signed, total)}${reached}`;
}

const percent = (part: bigint, total: bigint) =>
  `${((Number(part) * 100) / Number(total)).toFixed(0)} %`;

const colour = (code: number) => (text: string) =>
  process.env.NO_COLOR === undefined ? `\x1b[${code}m${text}\x1b[0m` : text;
const [bold, red, green] = [colour(1), colour(31), colour(32)];
