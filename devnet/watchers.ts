import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { Address } from 'viem';
import { stringify } from 'yaml';
import type { Processes, Running } from './processes.ts';
import { startTocsin, tocsin } from './tocsin.ts';
import { pooled, until } from './wait.ts';

/** Keys of one person: a folder with both keystores. */
export type Keys = Readonly<{ folder: string; hotKeystore: string; address: Address }>;

/** One line a node logged, by its watcher's number. */
export type LogLine = Readonly<{
  watcher: number;
  at: number;
  msg: string;
  height?: string;
  digest?: string;
  ms?: number | null;
  [field: string]: unknown;
}>;

/** A watcher that has keys and a config. */
export type Watcher = Readonly<{
  number: number;
  stake: bigint;
  keys: Keys;
  config: string;
  api: string;
}>;

/** What one node says of itself. */
export type Status = Readonly<{
  healthy: boolean;
  head: { height: string; hash: string } | null;
  seat: number | null;
  peers: { connected: number; seated: number };
  counts: {
    blocks: number;
    findings: number;
    attested: number;
    certificates: number;
    trips: number;
  };
  rules: readonly { ruleId: string; phase: string }[];
  memory: { rssBytes: number };
}>;

export type Watchers = Awaited<ReturnType<typeof startWatchers>>;

const KEPT_LINES = 20_000;

/** Writes a password file and makes the keys of `names`. */
export async function makeKeys(
  processes: Processes,
  folder: string,
  names: readonly string[],
): Promise<Keys[]> {
  const passwordFile = passwordFileOf(folder);
  await writeFile(passwordFile, `${randomBytes(16).toString('hex')}\n`, { mode: 0o600 });
  await chmod(passwordFile, 0o600);
  return pooled(names, 2, async (name) => {
    const out = join(folder, name);
    await mkdir(out, { recursive: true });
    const made = await tocsin<{ hotKeystore: string; address: Address }>(processes, [
      'keys',
      'new',
      '--out',
      out,
      '--password-file',
      passwordFile,
      '--light',
    ]);
    return { folder: out, hotKeystore: made.hotKeystore, address: made.address };
  });
}

/** Where the password of every keystore of a run lies. */
export const passwordFileOf = (folder: string) => join(folder, 'password');

/** Writes node.yaml for each set of keys; every node dials every other. */
export async function configure(
  keys: readonly Keys[],
  stakes: readonly bigint[],
  network: Readonly<{ folder: string; deployment: string; rpc: string }>,
): Promise<Watcher[]> {
  const ports = await freePorts(keys.length * 2);
  const listens = keys.map((_, number) => `/ip4/127.0.0.1/tcp/${ports[number * 2]}`);
  return Promise.all(
    keys.map(async (held, number) => {
      const config = join(held.folder, 'node.yaml');
      const port = ports[number * 2 + 1]!;
      const options = {
        deployment: network.deployment,
        rpc: [network.rpc],
        dataDir: join(held.folder, 'state'),
        blsKeystore: join(held.folder, 'bls.json'),
        hotKeystore: held.hotKeystore,
        passwordFile: passwordFileOf(network.folder),
        listen: listens[number]!,
        peers: listens.filter((_, other) => other !== number),
        api: { host: '127.0.0.1', port },
        pollMs: 50,
      };
      await writeFile(config, stringify(options));
      return {
        number,
        stake: stakes[number]!,
        keys: held,
        config,
        api: `http://127.0.0.1:${port}`,
      };
    }),
  );
}

/** Starts a node a watcher; `allReady` waits until each is healthy, seated and linked to every other. */
export async function startWatchers(
  processes: Processes,
  watchers: readonly Watcher[],
  onLine: (line: LogLine) => void,
  signal: AbortSignal,
) {
  const lines: LogLine[] = [];
  const note = (watcher: number) => (text: string) => {
    const line = parseLine(watcher, text);
    if (line === null) return;
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.splice(0, KEPT_LINES / 2);
    onLine(line);
  };
  const running = await Promise.all(
    watchers.map(({ number, config }) =>
      startTocsin(processes, `watcher ${number}`, ['run', '--config', config], note(number)),
    ),
  );
  const killed = new Set<number>();

  const status = async (number: number): Promise<Status | null> => {
    const { api } = watchers[number]!;
    return fetch(`${api}/status`, { signal: AbortSignal.timeout(3_000) })
      .then((response) => response.json() as Promise<Status>)
      .catch(() => null);
  };
  const alive = () => watchers.filter(({ number }) => !killed.has(number));

  const ready = async (number: number, peers: number): Promise<boolean> => {
    const now = await status(number);
    return now !== null && now.healthy && now.seat !== null && now.peers.seated >= peers;
  };
  const allReady = async (seconds = 60): Promise<void> => {
    for (const { number } of alive())
      await until(
        `watcher ${number} to be healthy and to know its peers`,
        () => ready(number, alive().length - 1),
        { seconds, everyMs: 100, signal },
      );
  };

  /** SIGKILL of the nodes that hold these seats. */
  const kill = async (seats: readonly number[]): Promise<void> => {
    const states = await Promise.all(watchers.map(({ number }) => status(number)));
    for (const [number, state] of states.entries()) {
      if (state === null || state.seat === null || !seats.includes(state.seat)) continue;
      killed.add(number);
      running[number]!.kill();
      await running[number]!.ended;
    }
  };

  return {
    all: watchers,
    alive,
    lines,
    status,
    allReady,
    kill,
    running: running as readonly Running[],
  };
}

function parseLine(watcher: number, text: string): LogLine | null {
  try {
    const line = JSON.parse(text) as Record<string, unknown>;
    const at = typeof line.time === 'number' ? line.time : Date.parse(String(line.time));
    return { ...line, watcher, at, msg: String(line.msg) };
  } catch {
    return null;
  }
}

/** Ports that were free together a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer().once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
  );
  return ports;
}
