import { encodeFunctionData, encodePacked, type Hex, keccak256, type PublicClient } from 'viem';
import { committeeAbi } from '../../protocol/abi.ts';
import { CERTIFICATE_AGE } from '../../protocol/quorum.ts';
import { reasonOf } from '../lib/chain.ts';
import type { Log } from '../lib/log.ts';
import { createLookout, type Lookout } from '../lib/lookout.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { BlockEvent } from '../lib/pipeline.ts';
import type { Pending } from '../store/pending.ts';
import { createErrand } from '../wallet/errand.ts';
import { turnOf } from '../lib/order.ts';
import type { OwnKeys } from '../lib/own-keys.ts';
import { revertOf } from '../wallet/revert.ts';
import type { Call, Sender } from '../wallet/sender.ts';

/** Opens each epoch when nobody else has: a roster that nobody renews expires. */
export type EpochKeeper = Lookout;

/** What the keeper works with. `own` finds the own seat; `pending` remembers what was sent through a crash. */
export type EpochKeeperDeps = Readonly<{
  pending: Pending;
  client: PublicClient;
  sender: Sender;
  committee: Hex;
  own: OwnKeys;
  log: Log;
  metrics: Metrics;
}>;

/** More than any step takes: the last of 512 seats writes a contract of 4.3 kB. */
const STEP_GAS = 4_000_000n;

/**
 * A large committee opens its epoch in steps. For each the seats take turns, a block each, in an order drawn from the
 * epoch and the seats so far. The turns begin when the chain would let anybody take the step: two epochs are more than a
 * certificate's age apart.
 */
export async function createEpochKeeper(deps: EpochKeeperDeps): Promise<EpochKeeper> {
  const { client, sender, committee, own, log, metrics } = deps;
  const errand = await createErrand(sender, deps.pending);
  const read = { address: committee, abi: committeeAbi } as const;
  const data = encodeFunctionData({ abi: committeeAbi, functionName: 'openEpoch' });
  let call: Call = { to: committee, data, gas: STEP_GAS };
  let due: { step: Hex; since: bigint } | null = null;
  /** Timestamp before which the epoch in force is the newest there can be: nothing is asked until then. */
  let quietUntil = 0n;
  let reorgs = 0;

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

  const nextEpochAfter = async (epoch: bigint): Promise<bigint> => {
    const [genesis, length] = await Promise.all([
      client.readContract({ ...read, functionName: 'GENESIS' }),
      client.readContract({ ...read, functionName: 'EPOCH_LENGTH' }),
    ]);
    return genesis + epoch * length;
  };

  const look = async ({ block, state }: Extract<BlockEvent, { kind: 'block' }>): Promise<void> => {
    const { height, timestamp } = block;
    if (errand.isFree() && timestamp < quietUntil) return;
    const asked = reorgs;
    const [epoch, latest] = await Promise.all([
      client.readContract({ ...read, functionName: 'epochAt', args: [timestamp] }),
      client.readContract({ ...read, functionName: 'latestEpoch' }),
    ]);
    if (await errand.isWaiting(latest < epoch ? call : null, height)) return;
    if (latest >= epoch) {
      const next = await nextEpochAfter(epoch);
      if (asked === reorgs) quietUntil = next;
      return;
    }
    const [, , seats] = await client.readContract({ ...read, functionName: 'opening' });
    const order = keccak256(encodePacked(['uint64', 'uint16'], [epoch, seats]));
    const turn = state.committee === null ? 0 : turnOf(order, state.committee, own);
    if (height < (await firstBlock(order, latest, height)) + BigInt(turn)) return;
    const code = await refusal();
    if (code !== null) return log.debug('epoch not opened', { epoch, code });
    const transaction = await errand.send(call, height);
    if (transaction === null)
      return log.warn('the hot wallet cannot pay for opening the epoch', { epoch, gas: call.gas });
    metrics.transactions.inc({ kind: 'epoch' });
    log.info('epoch opening sent', { epoch, seats, transaction });
  };

  const lookout = createLookout(look, (error) => {
    metrics.rpc.inc({ code: 'EPOCH' });
    log.warn('epoch keeping failed', { code: reasonOf(error) });
  });
  return {
    ...lookout,
    note: (event) => {
      // The opening may have been in what is dropped.
      if (event.kind === 'reorg') [quietUntil, reorgs] = [0n, reorgs + 1];
      return lookout.note(event);
    },
  };
}
