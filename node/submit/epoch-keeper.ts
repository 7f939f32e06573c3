import { encodeFunctionData, type Hex, keccak256, numberToHex, type PublicClient } from 'viem';
import { committeeAbi } from '../../protocol/abi.ts';
import { reasonOf } from '../lib/chain.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { BlockEvent } from '../lib/pipeline.ts';
import { turnOf } from './order.ts';
import { revertOf } from './revert.ts';
import type { Sender, Sent } from './sender.ts';

/** Opens each epoch when nobody else has: a roster that nobody renews expires. */
export type EpochKeeper = Readonly<{
  note: (event: BlockEvent) => void;
  /** Waits until nothing runs. */
  close: () => Promise<void>;
}>;

/** What the keeper works with. `keyHash` finds the own seat. */
export type EpochKeeperDeps = Readonly<{
  client: PublicClient;
  sender: Sender;
  committee: Hex;
  keyHash: Hex;
  log: Log;
  metrics: Metrics;
}>;

/** 256 seats and their keys are read; the rest is one contract of 2.3 kB. */
const OPEN_GAS = 8_000_000n;
/** Blocks after which a transaction that is not mined is sent again. */
const PATIENCE = 4n;

/** The seats take turns, a block each, in an order drawn from the epoch. */
export function createEpochKeeper(deps: EpochKeeperDeps): EpochKeeper {
  const { client, sender, committee, keyHash, log, metrics } = deps;
  const read = { address: committee, abi: committeeAbi } as const;
  const data = encodeFunctionData({ abi: committeeAbi, functionName: 'openEpoch' });
  const call = { to: committee, data, gas: OPEN_GAS };
  let busy: Promise<void> | null = null;
  let closed = false;
  let due: { epoch: bigint; since: bigint } | null = null;
  let sent: { at: bigint; transaction: Sent } | null = null;

  const reset = (epoch: bigint, since: bigint) => {
    if (sent !== null) sender.forget(sent.transaction);
    sent = null;
    due = { epoch, since };
    return due;
  };

  /** What a simulation of opening says: null when it would succeed. */
  const refusal = () =>
    client
      .simulateContract({
        ...read,
        functionName: 'openEpoch',
        account: sender.address,
        gas: OPEN_GAS,
        blockTag: 'pending',
      })
      .then(() => null, revertOf);

  const look = async ({ block, state }: Extract<BlockEvent, { kind: 'block' }>): Promise<void> => {
    const [epoch, latest] = await Promise.all([
      client.readContract({ ...read, functionName: 'epochAt', args: [block.timestamp] }),
      client.readContract({ ...read, functionName: 'latestEpoch' }),
    ]);
    const { since } = due?.epoch === epoch ? due : reset(epoch, block.height);
    if (latest >= epoch) return;
    const order = keccak256(numberToHex(epoch, { size: 8 }));
    const turn = state.committee === null ? 0 : turnOf(order, state.committee, keyHash);
    if (block.height < since + BigInt(turn)) return;
    if (sent !== null && block.height < sent.at + PATIENCE) return;
    const waiting = sent?.transaction ?? null;
    if (
      waiting !== null &&
      (await client.getTransactionCount({ address: sender.address })) <= waiting.nonce
    ) {
      sent = { at: block.height, transaction: await sender.replace(call, waiting) };
      return;
    }
    const code = await refusal();
    if (code !== null) return log.debug('epoch not opened', { epoch, code });
    if (waiting !== null) sender.forget(waiting);
    const transaction = await sender.send(call);
    sent = { at: block.height, transaction };
    metrics.transactions.inc({ kind: 'epoch' });
    log.info('epoch opening sent', { epoch, transaction: transaction.hash });
  };

  return {
    note(event) {
      if (event.kind !== 'block' || busy !== null || closed) return;
      busy = look(event)
        .catch((error: unknown) => {
          metrics.rpc.inc({ code: 'EPOCH' });
          log.warn('epoch keeping failed', { code: reasonOf(error) });
        })
        .finally(() => {
          busy = null;
        });
    },
    async close() {
      closed = true;
      await busy;
    },
  };
}
