import { encodeFunctionData, encodePacked, type Hex, keccak256, type PublicClient } from 'viem';
import { breakerHubAbi, proverAbi, registryAbi } from '../../protocol/abi.ts';
import { CERTIFICATE_AGE } from '../../protocol/quorum.ts';
import type { Rule } from '../../protocol/types.ts';
import { evmRule } from '../../protocol/verdict.ts';
import { reasonOf } from '../lib/chain.ts';
import type { Log } from '../lib/log.ts';
import { createLookout, type Lookout } from '../lib/lookout.ts';
import type { Metrics } from '../lib/metrics.ts';
import { turnOf } from '../lib/order.ts';
import type { OwnKeys } from '../lib/own-keys.ts';
import type { BlockEvent, ChainState, CoveredRule } from '../lib/pipeline.ts';
import { inOrder } from '../lib/rule-order.ts';
import type { Pending } from '../store/pending.ts';
import { createErrand } from '../wallet/errand.ts';
import { revertOf } from '../wallet/revert.ts';
import type { Call, Sender } from '../wallet/sender.ts';
import type { Suspects } from './suspects.ts';

/** Trips by storage proofs what the committee has not tripped: one honest watcher is enough. */
export type Tripper = Lookout &
  Readonly<{
    /** Takes note of what this node has signed. */
    offer: (covered: CoveredRule, height: bigint) => void;
  }>;

/** What a tripper works with. `own` finds the own seat. */
export type TripperDeps = Readonly<{
  pending: Pending;
  client: PublicClient;
  sender: Sender;
  hub: Hex;
  prover: Hex;
  own: OwnKeys;
  suspects: Suspects;
  /** Of what a rule looks at, at a block and before. */
  proofOf: (rule: Rule, height: bigint, anchor: Hex | null) => Promise<Readonly<{ proof: Hex }>>;
  /** Off, it only looks after what an earlier run has sent. */
  isOn: boolean;
  log: Log;
  metrics: Metrics;
}>;

/** Blocks for which a certificate is waited for: a proof costs half as much again. */
const WAIT_BLOCKS = 8n;
/** Blocks from one seat's turn to the next, and the turns that a seat waits for at most: the last is within a proof's age. */
const TURN_BLOCKS = 2n;
const MOST_TURNS = 8;
/** Blocks after which a trip that would have failed is tried again. */
const PATIENCE = 4n;
/** What any trip by proof takes, however small its proof is. */
const LEAST_GAS = 300_000n;

type BlockSeen = Extract<BlockEvent, { kind: 'block' }>;

/** A rule that fires: the newest block at which it does, and the first of those that nothing has come of. */
type Firing = Readonly<{ covered: CoveredRule; height: bigint; since: bigint }>;

const abi = [...proverAbi, ...registryAbi, ...breakerHubAbi] as const;

/** One transaction at a time, simulated before it is sent; of one rule the seats take turns, since one trip is enough. */
export async function createTripper(deps: TripperDeps): Promise<Tripper> {
  const { client, sender, hub, prover, own, suspects, log, metrics } = deps;
  const firing = new Map<string, Firing>();
  const refused = new Map<string, bigint>();
  let sent: Readonly<{ key: string; call: Call; target: Hex }> | null = null;
  /**
   * What works when it is tried and fails when it is mined empties hot wallets: nobody pays for it. Only the target is
   * held back that made a trip fail: a hostile one must not keep all others from being tripped.
   */
  const onVain = (height: bigint): void => {
    if (sent !== null) suspects.hold(sent.target, height);
  };
  const errand = await createErrand(sender, deps.pending, { onVain });

  const isTurn = (
    { covered: { coverageId, ruleId }, since }: Firing,
    height: bigint,
    state: ChainState,
  ): boolean => {
    const parts = [coverageId, ruleId, since] as const;
    const about = keccak256(encodePacked(['bytes32', 'bytes32', 'uint64'], parts));
    const turn = state.committee === null ? 0 : turnOf(about, state.committee, own);
    return height >= since + WAIT_BLOCKS + TURN_BLOCKS * BigInt(Math.min(turn, MOST_TURNS));
  };

  /** Forgets what is too old for a proof, what trips nothing, and what stands at its rung already. */
  const isOpen = async (
    { covered: known, height }: Firing,
    { block, state }: BlockSeen,
  ): Promise<boolean> => {
    const covered = ruleIn(state, known);
    if (covered?.phase !== 'armed' || height + CERTIFICATE_AGE <= block.height) return false;
    if (height <= covered.notBefore || height <= covered.lastHeight) return false;
    const rung = await client.readContract({
      address: hub,
      abi,
      functionName: 'rungOf',
      args: [covered.target],
    });
    return rung < covered.rule.rung;
  };

  /** The trip as a transaction; null, and said, where it cannot be, or the escrow is not the least that any takes. */
  const callOf = async (
    { covered, height }: Firing,
    escrow: bigint,
    least: bigint,
  ): Promise<Call | null> => {
    const about = { coverageId: covered.coverageId, rule: covered.name, height };
    const refuse = (code: string) => {
      log.info('proof not sent', { ...about, code });
      return null;
    };
    if (escrow < least) return refuse('ESCROW_SHORT');
    try {
      const { proof } = await deps.proofOf(covered.rule, height, covered.anchor);
      const args = [covered.coverageId, evmRule(covered.rule), height, proof] as const;
      const trip = { address: prover, abi, functionName: 'trip', args } as const;
      const estimated = await client.estimateContractGas({
        ...trip,
        account: sender.address,
        blockTag: 'pending',
      });
      const gas = (estimated * 4n) / 3n;
      const fees = await sender.fees(gas);
      const { maxFeePerGas } = fees;
      // As it will be sent, bid and all: a target may look at its gas price.
      const { maxPriorityFeePerGas } = fees;
      await client.call({
        account: sender.address,
        to: prover,
        data: encodeFunctionData(trip),
        gas,
        maxFeePerGas,
        maxPriorityFeePerGas,
        blockTag: 'pending',
      });
      return escrow >= gas * maxFeePerGas
        ? { to: prover, data: encodeFunctionData(trip), gas }
        : refuse('ESCROW_SHORT');
    } catch (error) {
      return refuse(codeOf(error));
    }
  };

  const look = async (seen: BlockSeen): Promise<void> => {
    const { block, state } = seen;
    const { height } = block;
    if (!errand.isFree()) {
      const known = sent === null ? undefined : firing.get(sent.key);
      const isWanted = known !== undefined && (await isOpen(known, seen));
      await errand.isWaiting(isWanted && sent !== null ? sent.call : null, height);
      return;
    }
    // Those that can pay go first: it costs nothing to have rules fire that cannot.
    const now = [...firing.values()].map(({ covered }) => ruleIn(state, covered) ?? covered);
    const due = inOrder(now).filter((covered) => {
      const key = keyOf(covered);
      return height >= (refused.get(key) ?? 0n) && isTurn(firing.get(key)!, height, state);
    });
    if (due.length === 0) return;
    const least = LEAST_GAS * (await sender.fees(LEAST_GAS)).maxFeePerGas;
    for (const covered of due) {
      const key = keyOf(covered);
      const known = firing.get(key)!;
      if (!(await isOpen(known, seen))) {
        // Unless it has been seen to fire again meanwhile.
        if (firing.get(key) === known) firing.delete(key);
        refused.delete(key);
        continue;
      }
      const { target, escrow } = covered;
      if (suspects.isHeld(target, height)) continue;
      const call = await callOf(known, escrow, least);
      refused.set(key, height + PATIENCE);
      if (call !== null) return send({ key, call, target }, height);
    }
  };

  const send = async (
    trip: Readonly<{ key: string; call: Call; target: Hex }>,
    height: bigint,
  ): Promise<void> => {
    const { key, call } = trip;
    const transaction = await errand.send(call, height);
    if (transaction === null)
      return log.warn('the hot wallet cannot pay for a proof', { gas: call.gas });
    sent = trip;
    metrics.transactions.inc({ kind: 'proof' });
    log.info('proof sent', { rule: firing.get(key)?.covered.name, transaction });
  };

  const lookout = createLookout(look, (error) => {
    metrics.rpc.inc({ code: 'PROOF' });
    log.warn('tripping by proof failed', { code: reasonOf(error) });
  });
  return {
    ...lookout,
    offer: (covered, height) => {
      if (!deps.isOn || covered.phase !== 'armed' || covered.rule.class !== 'A') return;
      const key = keyOf(covered);
      firing.set(key, { covered, height, since: firing.get(key)?.since ?? height });
    },
  };
}

const keyOf = ({ coverageId, ruleId }: CoveredRule) => `${coverageId}${ruleId}`;

const ruleIn = (state: ChainState, { coverageId, ruleId }: CoveredRule) =>
  state.rules.find((rule) => rule.coverageId === coverageId && rule.ruleId === ruleId);

/** The contract's error, or what went wrong before it was asked. */
function codeOf(error: unknown): string {
  try {
    return revertOf(error);
  } catch {
    return reasonOf(error);
  }
}
