import { type Hex, isHex, numberToHex } from 'viem';
import { z } from 'zod';
import { faults } from '../../protocol/fault.ts';
import type { Block } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';
import { type Header, mayHoldLog } from './header.ts';

const fault = faults<{ LOGS_INVALID: { block: Hex } }>();

const hex = z.custom<Hex>((value) => isHex(value)).transform((text) => text.toLowerCase() as Hex);
const logsSchema = z
  .array(
    z.object({
      address: hex,
      topics: z.array(hex).max(4),
      data: hex,
      blockHash: hex,
      transactionHash: hex,
    }),
  )
  .max(10_000);

/** A log as a provider gives it. */
export type RawLog = z.infer<typeof logsSchema>[number];

type Topics = readonly (Hex | readonly Hex[])[];

/** Logs of one contract. A provider may hold some back: nobody can tell from an answer alone. */
export type Logs = ReturnType<typeof createLogs>;

/** Asks for the logs of the contract at an address. */
export function createLogs(providers: Providers, address: Hex) {
  const ask = async (filter: object, block: Block): Promise<readonly RawLog[]> => {
    const found = await providers.agreed('eth_getLogs', [{ address, ...filter }], (answer) => {
      const parsed = logsSchema.safeParse(answer);
      if (!parsed.success) throw fault('LOGS_INVALID', { block: block.hash }, parsed.error);
      return parsed.data;
    });
    return found;
  };
  const ours = (logs: readonly RawLog[]) => logs.filter((log) => log.address === address);

  /** Of one block. Its header also convicts a provider that invents a log. */
  const of = async (block: Header, topics: Topics): Promise<readonly RawLog[]> => {
    const found = await ask({ topics, blockHash: block.hash }, block);
    const isPossible = (log: RawLog) =>
      log.blockHash === block.hash && mayHold(block, log.address, ...log.topics);
    if (!found.every(isPossible)) throw fault('LOGS_INVALID', { block: block.hash });
    return ours(found);
  };

  /** By numbers: not bound to any hash, so whoever asks must check what was found. `block` is what it is asked for. */
  const between = async (
    from: bigint,
    to: bigint,
    block: Block,
    topics: Topics,
  ): Promise<readonly RawLog[]> =>
    ours(await ask({ topics, fromBlock: numberToHex(from), toBlock: numberToHex(to) }, block));

  return { of, between };
}

/** Whether a block may hold a log of this address and these topics, by its own header; false is certain. */
export const mayHold = (block: Header, ...parts: readonly Hex[]): boolean =>
  parts.every((part) => mayHoldLog(block, part));
