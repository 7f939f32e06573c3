import { mkdir, writeFile } from 'node:fs/promises';
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
  dataDir: string;
  api: string;
  /** Multiaddr that others dial. */
  listen: string;
  /** Keeps the node's ports from everybody else until they are freed. */
  freePorts: () => Promise<void>;
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

export type Watchers = ReturnType<typeof createWatchers>;

const KEPT_LINES = 20_000;

/** Writes the password of every keystore of a run. */
export async function writePassword(folder: string): Promise<void> {
  const password = `${randomBytes(16).toString('hex')}\n`;
  await writeFile(passwordFileOf(folder), password, { mode: 0o600 });
}

/** Makes the keys of `names`. */
export async function makeKeys(
  processes: Processes,
  folder: string,
  names: readonly string[],
): Promise<Keys[]> {
  return pooled(names, 2, async (name) => {
    const out = join(folder, name);
    await mkdir(out, { recursive: true });
    const made = await tocsin<{ hotKeystore: string; address: Address }>(processes, [
      'keys',
      'new',
      '--out',
      out,
      '--password-file',
      passwordFileOf(folder),
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
  const ports = await Promise.all(
    keys.map(async () => ({ listen: await holdPort(), api: await holdPort() })),
  );
  const listens = ports.map(({ listen }) => `/ip4/127.0.0.1/tcp/${listen.port}`);
  return Promise.all(
    keys.map(async (held, number) => {
      const config = join(held.folder, 'node.yaml');
      const dataDir = join(held.folder, 'state');
      const { listen, api } = ports[number]!;
      const options = {
        deployment: network.deployment,
        rpc: [network.rpc],
        dataDir,
        blsKeystore: join(held.folder, 'bls.json'),
        hotKeystore: held.hotKeystore,
        passwordFile: passwordFileOf(network.folder),
        listen: listens[number]!,
        peers: listens.filter((_, other) => other !== number),
        api: { host: '127.0.0.1', port: api.port },
        pollMs: 50,
      };
      await writeFile(config, stringify(options));
      return {
        number,
        stake: stakes[number]!,
        keys: held,
        config,
        dataDir,
        api: `http://127.0.0.1:${api.port}`,
        listen: listens[number]!,
        freePorts: async () => {
          await Promise.all([listen.free(), api.free()]);
        },
      };
    }),
  );
}

/** Nodes of watchers, none of them started yet. */
export function createWatchers(
  processes: Processes,
  watchers: readonly Watcher[],
  onLine: (line: LogLine) => void,
  signal: AbortSignal,
  actors: readonly number[] = [],
) {
  const lines: LogLine[] = [];
  const note = (watcher: number) => (text: string) => {
    const line = parseLine(watcher, text);
    if (line === null) return;
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.splice(0, KEPT_LINES / 2);
    onLine(line);
  };
  const running: Running[] = [];
  /** Whose nodes do not run: killed, or an actor's. */
  const killed = new Set<number>(actors);

  const status = async (number: number): Promise<Status | null> => {
    const { api } = watchers[number]!;
    return fetch(`${api}/status`, { signal: AbortSignal.timeout(10_000) })
      .then((response) => response.json() as Promise<Status>)
      .catch(() => null);
  };
  const alive = () => watchers.filter(({ number }) => !killed.has(number));

  const start = async (number: number): Promise<void> => {
    const { config, freePorts } = watchers[number]!;
    await freePorts();
    const args = ['run', '--config', config];
    running[number] = await startTocsin(processes, `watcher ${number}`, args, note(number));
  };

  const ready = async (number: number, peers: number): Promise<boolean> => {
    const now = await status(number);
    return now !== null && now.healthy && now.seat !== null && now.peers.seated >= peers;
  };
  /** Waits until each is healthy, seated and linked to every other. */
  const allReady = async (seconds = 120): Promise<void> => {
    for (const { number } of alive())
      await until(
        `watcher ${number} to be healthy and to know its peers`,
        () => ready(number, alive().length - 1),
        { seconds, everyMs: 100, signal },
      );
  };

  /** Waits until each node is done with a block: they come one at a time, so with a later head it is. */
  const judged = async (height: bigint): Promise<void> => {
    for (const { number } of alive())
      await until(
        `watcher ${number} to go past block ${height}`,
        async () => BigInt((await status(number))?.head?.height ?? 0) > height,
        { seconds: 60, signal },
      );
  };

  /** SIGKILL of the nodes that hold these seats. */
  const kill = async (seats: readonly number[]): Promise<void> => {
    for (const { number } of alive()) {
      const asked = `watcher ${number} to say its seat`;
      const { seat } = await until(asked, () => status(number), { signal });
      if (seat === null || !seats.includes(seat)) continue;
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
    start,
    allReady,
    judged,
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

/** A free port that nobody else is given before `free`. */
async function holdPort(): Promise<Readonly<{ port: number; free: () => Promise<void> }>> {
  // Whoever dials it meanwhile is refused at once instead of waiting for a greeting.
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  const { port } = server.address() as { port: number };
  return { port, free: () => new Promise((resolve) => server.close(() => resolve())) };
}
