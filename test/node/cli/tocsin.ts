import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../../../node/cli/program.ts';

const main = fileURLToPath(new URL('../../../node/main.ts', import.meta.url));

/** What a command line did. */
export type Ran = Readonly<{ code: number | null; stdout: string; stderr: string }>;

/** A command line that should have been refused and runs instead. */
const DEADLINE_MS = 50_000;

/** Runs the shipped CLI as a process. */
export function tocsinProcess(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs a command line of the shipped CLI in this process, where most of a process would be its start. */
export async function tocsin(args: readonly string[]): Promise<Ran> {
  const ran = { stdout: '', stderr: '' };
  const code = await running.run(ran, () => runProgram(args, AbortSignal.timeout(DEADLINE_MS)));
  return { code, ...ran };
}

/** What a command line prints, and whatever it calls: several may run at once. */
const running = new AsyncLocalStorage<{ stdout: string; stderr: string }>();
for (const name of ['stdout', 'stderr'] as const) {
  const stream = process[name];
  const write = stream.write.bind(stream) as typeof stream.write;
  stream.write = ((...args: Parameters<typeof stream.write>) => {
    const ran = running.getStore();
    if (ran === undefined) return write(...args);
    ran[name] += String(args[0]);
    return true;
  }) as typeof stream.write;
}

/** Asserts that a command line is refused: exit 2, nothing on stdout, one line on stderr that starts so and ends in a fix. */
export function assertRefused({ code, stdout, stderr }: Ran, start: string): void {
  assert.ok(
    stderr.startsWith(`tocsin: ${start}`),
    `expected "tocsin: ${start}...", got "${stderr}"`,
  );
  assert.match(stderr, /^[^\n]+; [^\n;]+\n$/);
  assert.equal(stdout, '');
  assert.equal(code, 2);
}

/** The JSON object that a command printed. */
export function printed<T>({ code, stdout, stderr }: Ran): T {
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as T;
}

/** A folder for one test file's keys and configs. */
export async function createFolder() {
  const path = await mkdtemp(join(tmpdir(), 'tocsin-cli-'));
  return {
    at: (name: string) => join(path, name),
    write: async (name: string, text: string, mode = 0o600) => {
      await writeFile(join(path, name), text, { mode });
      return join(path, name);
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** A folder under test. */
export type Folder = Awaited<ReturnType<typeof createFolder>>;
