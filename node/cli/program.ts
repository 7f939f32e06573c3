import { Command, CommanderError } from 'commander';
import { Fault } from '../../protocol/fault.ts';
import { reasonOf } from '../lib/chain.ts';
import { isRefusal, refusalLine } from '../lib/refusal.ts';
import { coverApplyCommand } from './cover-apply.ts';
import { deployCommand } from './deploy.ts';
import { epochOpenCommand } from './epoch-open.ts';
import { keysImportCommand } from './keys-import.ts';
import { keysNewCommand } from './keys-new.ts';
import { pageWriteCommand } from './page-write.ts';
import { registerCommand } from './register.ts';
import { runCommand } from './run.ts';
import { statusCommand } from './status.ts';

/** Exit status: 0 done, 1 a fault of ours or of the world, 2 something the person can put right. */
export type ExitCode = 0 | 1 | 2;

/** Runs one command line; every failure is one line on stderr. */
export async function runProgram(argv: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  const program = new Command('tocsin')
    .description(
      'A watcher of the Tocsin network, and what its operator and the protocols it guards need.',
    )
    .version('0.1.0')
    .showSuggestionAfterError(true);
  program.addCommand(runCommand(signal));
  program.addCommand(
    group('keys', 'Make or import the keys of a watcher.', [keysNewCommand(), keysImportCommand()]),
  );
  program.addCommand(registerCommand());
  program.addCommand(
    group('page', 'Key pages: where registered keys get their seats.', [pageWriteCommand()]),
  );
  program.addCommand(group('epoch', 'Epochs: the roster that is in force.', [epochOpenCommand()]));
  program.addCommand(group('cover', 'Coverage of a protocol.', [coverApplyCommand()]));
  program.addCommand(statusCommand());
  program.addCommand(deployCommand());
  quieten(program);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const [line, code] = lineOf(error);
    process.stderr.write(`tocsin: ${line}\n`);
    return code;
  }
}

function group(name: string, description: string, commands: readonly Command[]): Command {
  const parent = new Command(name).description(description);
  for (const command of commands) parent.addCommand(command);
  return parent;
}

/** Commander neither exits nor prints its own errors: they leave as every other line does. */
function quieten(command: Command): void {
  command
    .exitOverride()
    .configureOutput({ outputError: () => undefined, writeErr: () => undefined });
  for (const child of command.commands) quieten(child);
}

function lineOf(error: unknown): readonly [string, ExitCode] {
  if (isRefusal(error)) return [refusalLine(error.data), 2];
  if (error instanceof CommanderError) return [usageLine(error), 2];
  if (error instanceof Fault) return [`${error.code} ${toJson(error.data)}`, 1];
  const message = error instanceof Error ? error.message : String(error);
  return [`UNEXPECTED ${reasonOf(error)}: ${message.split('\n')[0]}`, 1];
}

function usageLine({ code, message }: CommanderError): string {
  if (code === 'commander.help') return 'command: is missing; run tocsin --help for the list';
  const [first = '', second = ''] = message.replace(/^error: /, '').split('\n');
  return `${first}${second === '' ? '; run the command with --help' : `; ${second.replace(/[()]/g, '').toLowerCase()}`}`;
}

const toJson = (value: object) =>
  JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'bigint' ? field.toString() : field,
  );
