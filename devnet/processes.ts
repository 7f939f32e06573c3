import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fault, refuse } from './refusal.ts';

/** A process the devnet started. */
export type Running = Readonly<{
  name: string;
  pid: number;
  alive: () => boolean;
  /** SIGKILL, at once. */
  kill: () => void;
  /** Resolves when it has ended, with how. */
  ended: Promise<string>;
}>;

export type Processes = ReturnType<typeof createProcesses>;

type Start = Readonly<{
  name: string;
  command: string;
  args: readonly string[];
  /** What to do when it cannot start. */
  fix?: string;
  /** Each line of its stderr. */
  onLine?: (line: string) => void;
}>;

const GRACE_MS = 4_000;

/** Every process the devnet starts, so that none outlives it; `failed` is aborted when one that should stay ends. */
export function createProcesses() {
  const children = new Set<ChildProcess>();
  const failed = new AbortController();
  let closed = false;
  const killAll = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  process.on('exit', killAll);

  const launch = ({ command, args }: Pick<Start, 'command' | 'args'>): ChildProcess => {
    if (closed) throw fault('CHILD_FAILED', { name: command, line: 'the devnet is closing' });
    // The devnet's own environment must not configure the nodes.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(
        ([key]) => !key.startsWith('TOCSIN_') && key !== 'NODE_OPTIONS',
      ),
    );
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    children.add(child);
    child.once('exit', () => children.delete(child));
    child.once('error', () => children.delete(child));
    return child;
  };

  /** Starts one that stays. */
  const start = async (spec: Start): Promise<Running> => {
    const child = launch(spec);
    let last = '';
    child.stdout?.resume();
    createInterface({ input: child.stderr! }).on('line', (line) => {
      if (line !== '') last = line;
      spec.onLine?.(line);
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          refuse(
            `${spec.name}: cannot start ${spec.command} (${error.code})${spec.fix === undefined ? '' : `; ${spec.fix}`}`,
          ),
        ),
      );
    });
    let asked = false;
    const ended = once(child, 'close').then(([code, by]: unknown[]) => {
      const end = `ended with ${String(by ?? code)}${last === '' ? '' : `; last it wrote: ${last}`}`;
      if (!asked && !closed) failed.abort(fault('CHILD_FAILED', { name: spec.name, line: end }));
      return end;
    });
    const alive = () => child.exitCode === null && child.signalCode === null;
    const kill = () => {
      asked = true;
      child.kill('SIGKILL');
    };
    return { name: spec.name, pid: child.pid ?? 0, alive, kill, ended };
  };

  /** Runs one to its end and answers its stdout. */
  const run = async (spec: Start): Promise<string> => {
    const child = launch(spec);
    let [out, err] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0)
      throw fault('CHILD_FAILED', {
        name: spec.name,
        line: err.trim().split('\n').at(-1) ?? `exit ${code}`,
      });
    return out;
  };

  const end = async (ending: readonly ChildProcess[]): Promise<void> => {
    const ends = ending.map((child) => once(child, 'exit'));
    for (const child of ending) child.kill('SIGTERM');
    const force = setTimeout(() => ending.forEach((child) => child.kill('SIGKILL')), GRACE_MS);
    await Promise.all(ends);
    clearTimeout(force);
  };

  /** Ends all, the stubborn by force; what was started first, the chain, goes last. */
  const close = async (): Promise<void> => {
    closed = true;
    const [first, ...rest] = [...children];
    await end(rest);
    if (first !== undefined) await end([first]);
    process.off('exit', killAll);
  };

  return { start, run, close, failed: failed.signal };
}
