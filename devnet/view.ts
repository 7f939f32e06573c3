import { hasQuorum } from '../protocol/quorum.ts';
import type { Devnet } from './devnet.ts';
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
const BAR = 30;

/** Tells what happens on stderr: on a terminal a picture redrawn each block, else one line an event. */
export function createView(scenario: string) {
  const terminal = process.stderr.isTTY === true;
  const started = Date.now();
  const events: string[] = [];
  const signed = new Map<string, Set<number>>();
  const counts = { findings: 0, newest: null as string | null };
  const told = new Set<string>();
  let [network, timer, drawn, lines] = [
    null as Devnet | null,
    undefined as NodeJS.Timeout | undefined,
    -1n,
    0,
  ];

  const stamp = () => `${((Date.now() - started) / 1_000).toFixed(1).padStart(6)} s`;
  const tell = (event: string) => {
    events.push(`${stamp()}  ${event}`);
    if (events.length > 8) events.shift();
    if (!terminal || network === null) process.stderr.write(`${stamp()}  ${event}\n`);
  };

  const line = (entry: LogLine): void => {
    const { msg, digest, watcher, height } = entry;
    if (msg === 'finding') counts.findings++;
    if (msg === 'attestation sent' && digest !== undefined) {
      counts.newest = digest;
      signed.set(digest, (signed.get(digest) ?? new Set()).add(watcher));
      if (signed.size > 50) signed.delete(signed.keys().next().value!);
    }
    // On a terminal the bar shows who has signed.
    if (!TOLD.has(msg) || (terminal && msg === 'attestation sent')) return;
    // What all watchers say of one block is told once.
    const key = `${msg}:${digest ?? String(entry.ruleId)}:${height}`;
    if (msg !== 'attestation sent' && told.has(key)) return;
    told.add(key);
    const ms = typeof entry.ms === 'number' ? `, ${Math.round(entry.ms)} ms after the block` : '';
    const about = typeof entry.rule === 'string' ? entry.rule : (digest?.slice(0, 10) ?? '');
    tell(
      `watcher ${watcher}: ${msg} ${about}${height === undefined ? '' : ` at block ${height}`}${ms}`,
    );
  };

  const draw = async (shown: Devnet): Promise<void> => {
    const height = await shown.chain.height();
    if (height === drawn) return;
    drawn = height;
    const states = await Promise.all(
      shown.watchers.all.map(({ number }) => shown.watchers.status(number)),
    );
    const rungs = await Promise.all([shown.vault.address, shown.guards.breaker].map(shown.rungOf));
    const total = shown.stakes.reduce((sum, stake) => sum + stake, 0n);
    const signers = counts.newest === null ? undefined : signed.get(counts.newest);
    const stake = [...(signers ?? [])].reduce((sum, number) => sum + shown.stakes[number]!, 0n);
    const filled = Number((stake * BigInt(BAR)) / total);
    const picture = [
      `${bold('tocsin devnet')}  ${scenario}  block ${height}  ${stamp().trim()}`,
      '',
      ...shown.watchers.all.map(({ number, stake: held }) => {
        const state = states[number] ?? null;
        const share = `${((Number(held) * 100) / Number(total)).toFixed(0).padStart(3)} %`;
        return `  watcher ${number}  ${share}  ${state === null ? red('silent') : `${state.healthy ? green('healthy') : red('late   ')}  block ${state.head?.height ?? '-'}  seat ${state.seat ?? '-'}  peers ${state.peers.seated}  findings ${state.counts.findings}`}`;
      }),
      '',
      `  findings  ${counts.findings}`,
      `  signed    [${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${((Number(stake) * 100) / Number(total)).toFixed(0)} %${hasQuorum(3, stake, total) ? green('  quorum of rung 3') : hasQuorum(2, stake, total) ? green('  quorum of rung 2') : ''}`,
      `  breaker   vault ${shownRung(rungs[0]!)}  market ${shownRung(rungs[1]!)}`,
      '',
      ...events.map((event) => `  ${event}`),
    ];
    process.stderr.write(`${lines > 0 ? `\x1b[${lines}A\x1b[0J` : ''}${picture.join('\n')}\n`);
    lines = picture.length;
  };

  /** From here on the picture is kept up to date. */
  const watch = (shown: Devnet): void => {
    network = shown;
    if (!terminal) return;
    lines = 0;
    let busy = false;
    timer = setInterval(() => {
      if (busy) return;
      busy = true;
      draw(shown)
        .catch(() => undefined)
        .finally(() => (busy = false));
    }, 100);
  };
  const rest = async (): Promise<void> => {
    clearInterval(timer);
    if (terminal && network !== null) await draw(network).catch(() => undefined);
  };

  return { step: tell, line, watch, rest };
}

const colour = (code: number) => (text: string) =>
  process.env.NO_COLOR === undefined ? `\x1b[${code}m${text}\x1b[0m` : text;
const [bold, red, green] = [colour(1), colour(31), colour(32)];
const shownRung = (rung: number) => (rung === 0 ? 'open' : red(`tripped at rung ${rung}`));
