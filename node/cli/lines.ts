import { CommanderError } from 'commander';
import { Fault } from '../../protocol/fault.ts';
import { reasonOf } from '../lib/chain.ts';
import { isRefusal, type Refusal, refusalLine } from '../lib/refusal.ts';

/** Exit status: 0 done, 1 a fault of ours or of the world, 2 something the person can put right. */
export type ExitCode = 0 | 1 | 2;

type Values = Readonly<Record<string, unknown>>;

/** Faults of the stages that a person can put right. */
const refusals: Readonly<Record<string, (values: Values) => Refusal>> = {
  DATA_DIR_IN_USE: ({ dataDir }) => ({
    field: 'dataDir',
    problem: `${String(dataDir)} is in use by another process`,
    fix: 'stop that node or name another folder',
  }),
  DATA_DIR_UNREADABLE: ({ dataDir }) => ({
    field: 'dataDir',
    problem: `${String(dataDir)} cannot be opened`,
    fix: 'check its owner and mode, and that nothing else wrote into it',
  }),
  DATA_DIR_VERSION: ({ dataDir, found, expected }) => ({
    field: 'dataDir',
    problem: `${String(dataDir)} has format ${String(found)}, not ${String(expected)}`,
    fix: 'run the release that wrote it or name another folder',
  }),
  PEER_KEY_UNREADABLE: ({ path }) => ({
    field: 'dataDir',
    problem: `${String(path)} holds no peer key`,
    fix: 'move it away; the node makes another',
  }),
  PROTECTION_FOREIGN: ({ chainId, registry }) => ({
    field: 'dataDir',
    problem: `its signing record is of registry ${String(registry)} on chain ${String(chainId)}`,
    fix: 'give each registry a folder of its own',
  }),
};

/** The one line that tells what went wrong, and the exit status that goes with it. */
export function lineOf(error: unknown): readonly [string, ExitCode] {
  if (isRefusal(error)) return [refusalLine(error.data), 2];
  if (error instanceof CommanderError) return [usageLine(error), 2];
  if (error instanceof Fault) {
    const refusal = refusals[error.code];
    if (refusal !== undefined) return [refusalLine(refusal(error.data as Values)), 2];
    return [`${error.code} ${toJson(error.data)}`, 1];
  }
  const message = error instanceof Error ? error.message : String(error);
  return [`UNEXPECTED ${reasonOf(error)}: ${message.split('\n')[0]}`, 1];
}

function usageLine({ code, message }: CommanderError): string {
  if (code === 'commander.help') return 'command: is missing; run tocsin --help for the list';
  const [first = '', second = ''] = message.replace(/^error: /, '').split('\n');
  const hint = second.replace(/[()]/g, '').toLowerCase();
  return `${first.replace(/\.$/, '')}; ${hint === '' ? 'run the command with --help' : hint}`;
}

const toJson = (value: object) =>
  JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'bigint' ? field.toString() : field,
  );
