import type { Devnet } from './devnet.ts';
import { picture, type Scene, type Shown } from './picture.ts';
import { folded } from './text.ts';
import type { LogLine } from './watchers.ts';

export type View = ReturnType<typeof createView>;

const TOLD = new Set([
  'finding',
  'attestation sent',
  'certificate formed',
  'certificate sent',
  'trip seen',
  'reorg',
]);
const EVENTS = 8;
const VERDICTS = 50;
const TICK_MS = 100;
/** After a block the nodes are asked once more: by then they have it. */
const SETTLED_MS = 400;
const STAMP = 10;

/** Tells what happens on stderr: on a terminal a picture redrawn at each block and event, else one line an event. */
export function createView(scenario: string) {
  const terminal = process.stderr.isTTY === true;
  const started = Date.now();
  const events: string[] = [];
  const told = new Set<string>();
  const signers = new Map<string, Set<number>>();
  let [findings, newest, changed, drawing] = [0, '', false, false];
  let stop = async (): Promise<void> => undefined;

  const stamp = () => `${((Date.now() - started) / 1_000).toFixed(1)} s`;
  const tell = (event: string) => {
    const time = stamp().padStart(STAMP - 2);
    events.push(`${time}  ${event}`);
    if (events.length > EVENTS) events.shift();
    changed = true;
    if (drawing) return;
    const lines = terminal ? folded(event, size().columns - STAMP) : [event];
    process.stderr.write(`${time}  ${lines.join(`\n${' '.repeat(STAMP)}`)}\n`);
  };

  const count = ({ msg, digest, watcher }: LogLine): void => {
    if (msg === 'finding') findings++;
    if (msg !== 'attestation sent' || digest === undefined) return;
    newest = digest;
    signers.set(digest, (signers.get(digest) ?? new Set()).add(watcher));
    if (signers.size > VERDICTS) signers.delete(signers.keys().next().value!);
    changed = true;
  };

  const line = (entry: LogLine): void => {
    count(entry);
    const { msg, digest, watcher, height } = entry;
    // On a terminal the bar shows who has signed.
    if (!TOLD.has(msg) || (terminal && msg === 'attestation sent')) return;
    // What all watchers say of one block is told once.
    const key = `${msg}:${digest ?? String(entry.ruleId)}:${height}`;
    if (msg !== 'attestation sent' && told.has(key)) return;
    told.add(key);
    const ms = typeof entry.ms === 'number' ? `, ${Math.round(entry.ms)} ms after the block` : '';
    const about = typeof entry.rule === 'string' ? entry.rule : (digest?.slice(0, 10) ?? '');
    const at = height === undefined ? '' : ` at block ${height}`;
    tell(`watcher ${watcher}: ${msg} ${about}${at}${ms}`);
  };

  const sceneOf = ({ stakes }: Devnet, seen: Seen): Scene => {
    const signed = [...(signers.get(newest) ?? [])].reduce(
      (sum, number) => sum + stakes[number]!,
      0n,
    );
    return { ...seen, scenario, time: stamp(), findings, signed, events };
  };

  /** From here on the picture is kept up to date; its events are those from here on. */
  const watch = (network: Devnet): void => {
    if (!terminal) return;
    events.length = 0;
    drawing = true;
    const draw = createScreen();
    let [seen, askAt]: [Seen | null, number] = [null, 0];
    const look = async (): Promise<void> => {
      const height = await network.chain.height();
      if (height !== seen?.height) [seen, askAt] = [null, Date.now() + SETTLED_MS];
      else if (Date.now() > askAt) [seen, askAt] = [null, Infinity];
      else if (!changed) return;
      changed = false;
      seen ??= await see(network, height);
      draw(picture(sceneOf(network, seen), size()));
    };
    const looking = repeat(look, TICK_MS);
    stop = async () => {
      stop = async () => undefined;
      await looking.stop();
      askAt = 0;
      await look().catch(() => undefined);
      drawing = false;
    };
  };

  return { step: tell, line, watch, rest: () => stop() };
}

/** What the chain and the nodes say after a block. */
type Seen = Pick<Scene, 'height' | 'watchers' | 'rungs'>;

async function see(network: Devnet, height: bigint): Promise<Seen> {
  const watchers = await Promise.all(
    network.watchers.all.map(async ({ number, stake }): Promise<Shown> => {
      const status = await network.watchers.status(number);
      if (status === null) return { number, stake, state: null };
      const { healthy, head, seat, peers, counts } = status;
      const shown = { healthy, seat, peers: peers.seated, findings: counts.findings };
      return { number, stake, state: { ...shown, height: head?.height ?? null } };
    }),
  );
  const [vault, market] = await Promise.all([
    network.rungOf(network.vault.address),
    network.rungOf(network.guards.breaker),
  ]);
  return { height, watchers, rungs: { vault, market } };
}

const size = () => ({ columns: process.stderr.columns || 80, rows: process.stderr.rows || 24 });

/** Draws over what it drew before. */
function createScreen() {
  let drawn = 0;
  return (lines: readonly string[]): void => {
    const back = drawn > 0 ? `\x1b[${drawn}A\x1b[0J` : '';
    process.stderr.write(`${back}${lines.join('\n')}\n`);
    drawn = lines.length;
  };
}

/** Does it again and again, never twice at once, whether it fails or not; `stop` waits for the last time. */
function repeat(work: () => Promise<void>, everyMs: number) {
  let busy: Promise<void> | null = null;
  const timer = setInterval(() => {
    busy ??= work()
      .catch(() => undefined)
      .finally(() => (busy = null));
  }, everyMs);
  return {
    stop: async (): Promise<void> => {
      clearInterval(timer);
      await busy;
    },
  };
}
