import { Command, CommanderError } from 'commander';
import { claimCommand } from './claim.ts';
import { coverApplyCommand } from './cover-apply.ts';
import { coverDepositCommand } from './cover-deposit.ts';
import { coverEndCommand } from './cover-end.ts';
import { coverInitCommand } from './cover-init.ts';
import { coverPlanCommand } from './cover-plan.ts';
import { coverSchemaCommand } from './cover-schema.ts';
import { coverShowCommand } from './cover-show.ts';
import { coverTermsCommand } from './cover-terms.ts';
import { coverTripCommand } from './cover-trip.ts';
import { coverWithdrawCommand } from './cover-withdraw.ts';
import { deployCommand } from './deploy.ts';
import {
  disputeDecideCommand,
  disputeLapseCommand,
  disputeOpenCommand,
  disputeShowCommand,
} from './dispute.ts';
import { epochOpenCommand } from './epoch-open.ts';
import { keysImportCommand } from './keys-import.ts';
import { keysNewCommand } from './keys-new.ts';
import { keysRotateCommand } from './keys-rotate.ts';
import { type ExitCode, lineOf } from './lines.ts';
import { pageWriteCommand } from './page-write.ts';
import { registerCommand } from './register.ts';
import { runCommand } from './run.ts';
import { statusCommand } from './status.ts';

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
    group('keys', 'Make, import or replace the keys of a watcher.', [
      keysNewCommand(),
      keysImportCommand(),
      keysRotateCommand(),
    ]),
  );
  program.addCommand(registerCommand());
  program.addCommand(
    group('page', 'Key pages: where registered keys get their seats.', [pageWriteCommand()]),
  );
  program.addCommand(group('epoch', 'Epochs: the roster that is in force.', [epochOpenCommand()]));
  program.addCommand(
    group('cover', 'Coverage of a protocol.', [
      coverInitCommand(),
      coverSchemaCommand(),
      coverPlanCommand(),
      coverApplyCommand(),
      coverShowCommand(),
      coverTripCommand(),
      coverEndCommand(),
      coverTermsCommand(),
      coverDepositCommand(),
      coverWithdrawCommand(),
    ]),
  );
  program.addCommand(claimCommand());
  program.addCommand(
    group('dispute', 'Disputes about bounties of class B and C.', [
      disputeShowCommand(),
      disputeOpenCommand(),
      disputeDecideCommand(),
      disputeLapseCommand(),
    ]),
  );
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
