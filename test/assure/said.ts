import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Fault, faults } from '../../protocol/fault.ts';
import type { Ground } from './tool.ts';

/** Why a tool was not run, in a line. */
export const notRun = faults<{ NOT_RUN: { reason: string } }>();

/** Longest that one command may take: a tool is built or solves meanwhile. */
const LIMIT_MS = 900_000;

type Said = Readonly<{ code: number; out: string; err: string }>;

/** What a program prints, and how it ends. One that is not there, or does not end, is a tool that was not run. */
export async function said(
  ground: Ground,
  program: string,
  args: readonly string[],
  more: Readonly<{ cwd?: string; env?: NodeJS.ProcessEnv }> = {},
): Promise<Said> {
  const child = spawn(program, args, {
    cwd: more.cwd ?? ground.root,
    env: { ...process.env, ...more.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.any([ground.signal, AbortSignal.timeout(LIMIT_MS)]),
    killSignal: 'SIGKILL',
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code: code ?? -1, out, err };
  } catch (error) {
    if (ground.signal.aborted || !(error instanceof Error)) throw error;
    const late = error.name === 'AbortError';
    const reason = late ? `did not end within ${LIMIT_MS / 1000} s` : 'is not on this machine';
    throw notRun('NOT_RUN', { reason: `${program} ${reason}` });
  }
}

/** The same of a program that has to end well. */
export async function done(...asked: Parameters<typeof said>): Promise<Said> {
  const answer = await said(...asked);
  if (answer.code === 0) return answer;
  const [, program, args] = asked;
  throw failed(`${program} ${args.slice(0, 3).join(' ')}`, answer);
}

/** That a program has failed, with the last line in which it says of what. */
export function failed(what: string, { code, out, err }: Said): Fault {
  const lines = `${out}\n${err}`.split('\n').filter((line) => line.trim() !== '');
  const last = lines.findLast((line) => /error|not found|denied/i.test(line)) ?? lines.at(-1) ?? '';
  const reason = `${what} ended with ${code}: ${last.trim().slice(0, 160)}`;
  return notRun('NOT_RUN', { reason });
}
