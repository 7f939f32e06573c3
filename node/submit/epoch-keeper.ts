import { encodeFunctionData, encodePacked, type Hex, keccak256, type PublicClient } from 'viem';
import { committeeAbi } from '../../protocol/abi.ts';
import { CERTIFICATE_AGE } from '../../protocol/quorum.ts';
import { reasonOf } from '../lib/chain.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { BlockEvent } from '../lib/pipeline.ts';
import type { Openings } from '../store/opening.ts';
import { turnOf } from './order.ts';
import { revertOf } from './revert.ts';
import type { Broadcast, Call, Sender, Sent } from './sender.ts';

/** Opens each epoch when nobody else has: a roster that nobody renews expires. */
export type EpochKeeper = Readonly<{
  /** Looks at a block, unless it is still looking at an earlier one; resolves once it has, and never fails. */
  note: (event: BlockEvent) => Promise<void>;
  /** Waits until nothing runs. */
  close: () => Promise<void>;
}>;

/** What the keeper works with. `keyHash` finds the own seat; `openings` remembers what was sent through a crash. */
export type EpochKeeperDeps = Readonly<{
  openings: Openings;
  client: PublicClient;
  sender: Sender;
  committee: Hex;
  keyHash: Hex;
  log: Log;
  metrics: Metrics;
}>;

/** More than any step takes: the last of 512 seats writes a contract of 4.3 kB. */
const STEP_GAS = 4_000_000n;
/** Blocks after which a transaction that is not mined is sent again. */
const PATIENCE = 4n;

/**
 * A large committee opens its epoch in steps. For each the seats take turns, a block each, in an order drawn from the
 * epoch and the seats so far. The turns begin when the chain would let anybody take the step: two epochs are more than a
 * certificate's age apart. The nonce that an earlier run gave to a step is taken before anything else can take it.
 */
export async function createEpochKeeper(deps: EpochKeeperDeps): Promise<EpochKeeper> {
  const { client, sender, committee, keyHash, log, metrics, openings } = deps;
  const read = { address: committee, abi: committeeAbi } as const;
  const data = encodeFunctionData({ abi: committeeAbi, functionName: 'openEpoch' });
  let call: Call = { to: committee, data, gas: STEP_GAS };
  let busy: Promise<void> | null = null;
  let closed = false;
  let due: { step: Hex; since: bigint } | null = null;
  let sent: { at: bigint; transaction: Sent } | null = null;
  /** Timestamp before which the epoch in force is the newest there can be: nothing is asked until then. */
  let quietUntil = 0n;
  let reorgs = 0;

  const former = await openings.get();
  if (former !== null) {
    sender.hold(former);
    // Sent long ago.
    sent = { at: -PATIENCE, transaction: former };
  }

  const step = {
    ...read,
    functionName: 'openEpoch',
    account: sender.address,
    blockTag: 'pending',
  } as const;

  /** What a simulation of the step says: null when it would succeed. A wallet has to hold what the whole gas may cost. */
  const refusal = async (): Promise<string | null> => {
    try {
      const { result } = await client.simulateContract(step);
      const gas = ((await client.estimateContractGas(step)) * 13n) / 10n;
      // Another seat may take this step first: then it is the next one, which may be the last, that the gas is for.
      const isLast = result[1];
      call = { ...call, gas: isLast && gas < STEP_GAS ? gas : STEP_GAS };
      return null;
    } catch (error) {
      return revertOf(error);
    }
  };

  /** The first block after which the step may be taken: as far as this node saw it begin, and not too soon after the last. */
  const firstBlock = async (order: Hex, latest: bigint, height: bigint): Promise<bigint> => {
    if (due?.step !== order) due = { step: order, since: height };
    const { openedAt } = await client.readContract({
      ...read,
      functionName: 'roster',
      args: [latest],
    });
    const allowed = latest === 0n ? 0n : openedAt + CERTIFICATE_AGE;
    return allowed > due.since ? allowed : due.since;
  };

  /** Remembered before it is handed over: when the answer is lost it may be on its way all the same. */
  const put = async (what: Call, transaction: Sent, height: bigint): Promise<Broadcast> => {
    await openings.set(transaction);
    sent = { at: height, transaction };
    return sender.broadcast(what, transaction);
  };

  const begin = async (transaction: Sent, height: bigint): Promise<Broadcast> => {
    try {
      return await put(call, transaction, height);
    } catch (error) {
      // What could not be remembered was not sent either.
      if (sent?.transaction !== transaction) sender.forget(transaction);
      throw error;
    }
  };

  const forget = async (transaction: Sent): Promise<void> => {
    await openings.set(null);
    sender.forget(transaction);
    sent = null;
  };

  const nextEpochAfter = async (epoch: bigint): Promise<bigint> => {
    const [genesis, length] = await Promise.all([
      client.readContract({ ...read, functionName: 'GENESIS' }),
      client.readContract({ ...read, functionName: 'EPOCH_LENGTH' }),
    ]);
    return genesis + epoch * length;
  };

  /** Looks after what was sent: true while it waits. One that is of no use any more has its nonce taken back. */
  const isWaiting = async (isDue: boolean, height: bigint): Promise<boolean> => {
    if (sent === null) return false;
    if (await sender.isMined(sent.transaction)) {
      await forget(sent.transaction);
      return false;
    }
    const what = isDue ? call : sender.nothing;
    if (height >= sent.at + PATIENCE)
      await put(what, await sender.raise(what, sent.transaction), height);
    return true;
  };

  const look = async ({ block, state }: Extract<BlockEvent, { kind: 'block' }>): Promise<void> => {
    const { height, timestamp } = block;
    if (sent === null && timestamp < quietUntil) return;
    const asked = reorgs;
    const [epoch, latest] = await Promise.all([
      client.readContract({ ...read, functionName: 'epochAt', args: [timestamp] }),
      client.readContract({ ...read, functionName: 'latestEpoch' }),
    ]);
    if (await isWaiting(latest < epoch, height)) return;
    if (latest >= epoch) {
      const next = await nextEpochAfter(epoch);
      if (asked === reorgs) quietUntil = next;
      return;
    }
    const [, , seats] = await client.readContract({ ...read, functionName: 'opening' });
    const order = keccak256(encodePacked(['uint64', 'uint16'], [epoch, seats]));
    const turn = state.committee === null ? 0 : turnOf(order, state.committee, keyHash);
    if (height < (await firstBlock(order, latest, height)) + BigInt(turn)) return;
    const code = await refusal();
    if (code !== null) return log.debug('epoch not opened', { epoch, code });
    const transaction = await sender.prepare(call, await sender.fees(call.gas));
    if ((await begin(transaction, height)) === 'unfunded') {
      // No pool holds it: the nonce is for what can be paid.
      await forget(transaction);
      return log.warn('the hot wallet cannot pay for opening the epoch', { epoch, gas: call.gas });
    }
    metrics.transactions.inc({ kind: 'epoch' });
    log.info('epoch opening sent', { epoch, seats, transaction: transaction.hash });
  };

  return {
    note(event) {
      // The opening may have been in what is dropped.
      if (event.kind === 'reorg') [quietUntil, reorgs] = [0n, reorgs + 1];
      if (event.kind !== 'block' || closed) return busy ?? Promise.resolve();
      busy ??= look(event)
        .catch((error: unknown) => {
          metrics.rpc.inc({ code: 'EPOCH' });
          log.warn('epoch keeping failed', { code: reasonOf(error) });
        })
        .finally(() => {
          busy = null;
        });
      return busy;
    },
    async close() {
      closed = true;
      await busy;
    },
  };
}
