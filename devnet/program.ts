import { Command, CommanderError } from 'commander';
import { Fault } from '../protocol/fault.ts';
import { refuse } from './refusal.ts';

/** A command without options yet; what it would print or exit with is handed to `parse`. */
export const command = (name: string, description: string): Command =>
  new Command(name).description(description).allowExcessArguments(false).exitOverride();

/** The help that was asked for, or the flags; anything unknown is refused in one line. */
export function parse<F>(
  program: Command,
  argv: readonly string[],
): Readonly<{ kind: 'print'; text: string } | { kind: 'flags'; flags: F }> {
  let help = '';
  program.configureOutput({
    writeOut: (text) => (help += text),
    writeErr: () => undefined,
    outputError: () => undefined,
  });
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'print', text: help };
    throw refuse(`${error.message.replace(/^error: /, '').split('\n')[0]}; see --help`);
  }
  return { kind: 'flags', flags: program.opts() as F };
}

/** A whole number of a flag. */
export function whole(flag: string, text: string, min: number, max: number): number {
  if (!/^\d{1,6}$/.test(text) || Number(text) < min || Number(text) > max)
    throw refuse(`${flag}: ${JSON.stringify(text)} is not a whole number from ${min} to ${max}`);
  return Number(text);
}

/** Runs `main` to its exit status: 130 when a signal ends it, 2 what was refused, 1 what broke, each in one line. */
export async function run(
  name: string,
  main: (signal: AbortSignal) => Promise<number>,
): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      // A second signal means now; the processes are killed on the way out.
      if (stop.signal.aborted) process.exit(130);
      stop.abort();
    });
  process.exitCode = await main(stop.signal).catch((error: unknown) => {
    if (stop.signal.aborted) return 130;
    process.stderr.write(`${name}: ${lineOf(error)}\n`);
    return error instanceof Fault && error.code === 'REFUSED' ? 2 : 1;
  });
}

/** The same of a command, by its name: prints the help that was asked for, or goes on with the flags. */
export const runCommand = <F>(
  program: Command,
  main: (flags: F, signal: AbortSignal) => Promise<number>,
): Promise<void> =>
  run(program.name(), async (signal) => {
    const asked = parse<F>(program, process.argv.slice(2));
    if (asked.kind === 'flags') return main(asked.flags, signal);
    process.stdout.write(asked.text);
    return 0;
  });

/** One line that says what broke. */
export function lineOf(error: unknown): string {
  if (!(error instanceof Fault))
    return error instanceof Error
      ? `UNEXPECTED ${error.stack ?? error.message}`.split('\n').slice(0, 2).join(' ')
      : String(error);
  const fields = error.data as Record<string, unknown>;
  if (error.code === 'REFUSED') return String(fields.line);
  return `${error.code} ${Object.values(fields).join(': ')}`;
}
