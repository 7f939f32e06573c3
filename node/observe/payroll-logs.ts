import { encodeEventTopics, type Hex, parseEventLogs } from 'viem';
import { payrollAbi } from '../../protocol/abi.ts';
import type { Block, Booking } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';
import type { Header } from './header.ts';
import { createLogs, mayHold, type RawLog } from './logs.ts';

const event = { abi: payrollAbi, eventName: 'RollCallBooked' } as const;
const [BOOKED] = encodeEventTopics(event);

/** What the payroll has told of roll calls. */
export type PayrollLogs = ReturnType<typeof createPayrollLogs>;

/** Of one block by its hash, or of all blocks from one to another by their numbers. */
export function createPayrollLogs(providers: Providers, payroll: Hex) {
  const logs = createLogs(providers, payroll);

  /** Null where providers do not tell: no block waits for what nothing that is signed depends on. */
  const of = async (block: Header): Promise<readonly Booking[] | null> =>
    mayHold(block, payroll, BOOKED) ? logs.of(block, [BOOKED]).then(bookingsIn, () => null) : [];

  const since = async (from: bigint, block: Block): Promise<readonly Booking[]> =>
    bookingsIn(await logs.between(from, block.height, block, [BOOKED]));

  return { of, since };
}

const bookingsIn = (logs: readonly RawLog[]): readonly Booking[] =>
  parseEventLogs({ ...event, logs: logs as never }).map(
    ({ args: { verdict, leaves, certificate } }) => ({ verdict, leaves, certificate }),
  );
