import { encodeFunctionData, type Hex, type PublicClient } from 'viem';
import { payrollAbi, termsBookAbi } from '../../protocol/abi.ts';
import { evmCertificate, seatsOfWords, signersOf } from '../../protocol/certificate.ts';
import type { Deployment } from '../../protocol/deployment.ts';
import { CERTIFICATE_AGE, MAX_SEATS } from '../../protocol/quorum.ts';
import type { Committee, Domain, Verdict } from '../../protocol/types.ts';
import { verdictDigest } from '../../protocol/verdict.ts';
import { reasonOf } from '../lib/chain.ts';
import type { Log } from '../lib/log.ts';
import { createLookout, type Lookout } from '../lib/lookout.ts';
import type { Metrics } from '../lib/metrics.ts';
import { turnOf } from '../lib/order.ts';
import { type OwnKeys, ownSeat } from '../lib/own-keys.ts';
import type { BlockEvent, QuorumReached, Roll } from '../lib/pipeline.ts';
import type { Pending } from '../store/pending.ts';
import { createErrand } from '../wallet/errand.ts';
import { revertOf } from '../wallet/revert.ts';
import type { Call, Sender } from '../wallet/sender.ts';

/** Books roll calls, so that who signed them is paid. */
export type Booker = Lookout &
  Readonly<{
    /** Takes note of a roll call that this node has signed. */
    offer: (roll: Roll, verdict: Verdict) => void;
  }>;

/** What a booker works with. `own` finds the own seat; `least` is the pay that is worth a transaction; with null it sends none. */
export type BookerDeps = Readonly<{
  domain: Domain;
  pending: Pending;
  client: PublicClient;
  sender: Sender;
  deployment: Pick<Deployment, 'payroll' | 'terms'>;
  own: OwnKeys;
  committeeOf(epoch: bigint): Committee | null;
  isStruck(epoch: bigint, seat: number): boolean;
  /** A certificate of all who are known to have signed a verdict; null where nobody has. */
  gathered(digest: Hex): QuorumReached | null;
  least: bigint | null;
  log: Log;
  metrics: Metrics;
}>;

/** Blocks for which seats that have not signed are waited for. */
const WAIT_BLOCKS = 4n;
/** Blocks from one seat's turn to the next, and the turns that a seat waits for at most: the last is within the age. */
const TURN_BLOCKS = 3n;
const MOST_TURNS = 8;
/** Blocks after which a roll call that was not to be booked is looked at again. */
const PATIENCE = 4n;
/** Roll calls in hand; the oldest give way. */
const KEPT = 1_024;

type BlockSeen = Extract<BlockEvent, { kind: 'block' }>;
type Signed = Readonly<{ roll: Roll; verdict: Verdict; digest: Hex }>;

/**
 * One transaction at a time, simulated before it is sent. Of one roll call the seats take turns; whoever the booked one
 * lacks books it once more, and with it all who are lacking.
 */
export async function createBooker(deps: BookerDeps): Promise<Booker> {
  const { domain, client, sender, deployment, own, gathered, least, log, metrics } = deps;
  const payroll = { address: deployment.payroll, abi: payrollAbi } as const;
  const errand = await createErrand(sender, deps.pending);
  const calls = new Map<Hex, Signed>();
  const lookAt = new Map<Hex, bigint>();
  let sent: Readonly<{ digest: Hex; call: Call }> | null = null;

  const forget = (digest: Hex): void => {
    calls.delete(digest);
    lookAt.delete(digest);
  };

  /** Who has all signatures waits for no more of them. */
  const isTurn = ({ verdict, digest }: Signed, reached: QuorumReached, height: bigint): boolean => {
    const committee = deps.committeeOf(verdict.epoch);
    if (committee === null) return false;
    const wait = reached.signed === reached.total ? 1n : WAIT_BLOCKS;
    const turn = BigInt(Math.min(turnOf(digest, committee, own), MOST_TURNS));
    return height >= verdict.height + wait + TURN_BLOCKS * turn;
  };

  /** What the premium brings this watcher by a booking; null where it need not be booked, or booked again. */
  const shareOf = async ({
    verdict,
    certificate,
    total,
  }: QuorumReached): Promise<bigint | null> => {
    const { coverageId, height, epoch } = verdict;
    const { entries, runs, deposit } = await client.readContract({
      ...payroll,
      functionName: 'accountOf',
      args: [coverageId],
    });
    if (deposit === 0n) return null;
    const seat = ownSeat(deps.committeeOf(epoch), own);
    const hasSigned =
      seat !== null &&
      !deps.isStruck(epoch, seat.index) &&
      signersOf(certificate).includes(seat.index);
    if (entries > 0) {
      const last = [coverageId, BigInt(entries - 1)] as const;
      const booked = await client.readContract({ ...payroll, functionName: 'callOf', args: last });
      if (BigInt(booked.height) > height) return null;
      if (BigInt(booked.height) === height) {
        const seats = { ...payroll, functionName: 'seatsOf', args: last } as const;
        const known = seatsOfWords(await client.readContract(seats), MAX_SEATS);
        if (!hasSigned || known.includes(seat.index)) return null;
        const run = {
          ...payroll,
          functionName: 'runOf',
          args: [coverageId, BigInt(runs)],
        } as const;
        return (await client.readContract(run)).rate * seat.weight;
      }
    }
    if (!hasSigned) return 0n;
    const { premium } = await client.readContract({
      address: deployment.terms,
      abi: termsBookAbi,
      functionName: 'termsAt',
      args: [coverageId, height],
    });
    return ((premium < deposit ? premium : deposit) / total) * seat.weight;
  };

  /** The booking as a transaction; null where it would fail, which is said, or brings too little. */
  const callOf = async (
    { roll }: Signed,
    { certificate }: QuorumReached,
    share: bigint,
  ): Promise<Call | null> => {
    const { coverageId, ruleIds, leaves, block } = roll;
    const [verdict, evm] = evmCertificate(certificate);
    const states = leaves.map(({ state }) => state);
    const args = [verdict, ruleIds, states, evm] as const;
    const book = { ...payroll, functionName: 'bookRollCall', args } as const;
    const asked = { ...book, account: sender.address, blockTag: 'pending' } as const;
    try {
      const [estimated, { result: fee }] = await Promise.all([
        client.estimateContractGas(asked),
        client.simulateContract(asked),
      ]);
      if (share + fee < (least ?? 0n)) return null;
      return { to: payroll.address, data: encodeFunctionData(book), gas: (estimated * 4n) / 3n };
    } catch (error) {
      const code = revertOf(error);
      log.info('roll call not booked', { coverageId, height: block.height, code });
      return null;
    }
  };

  const look = async ({ block: { height } }: BlockSeen): Promise<void> => {
    for (const { digest, verdict } of calls.values())
      if (verdict.height + CERTIFICATE_AGE <= height) forget(digest);
    if (!errand.isFree()) {
      const reached = sent === null ? null : gathered(sent.digest);
      const isOpen = reached !== null && calls.has(reached.digest);
      const isWanted = isOpen && (await shareOf(reached)) !== null;
      await errand.isWaiting(isWanted && sent !== null ? sent.call : null, height);
      return;
    }
    for (const signed of calls.values()) {
      const { digest } = signed;
      const reached = height < (lookAt.get(digest) ?? 0n) ? null : gathered(digest);
      if (reached === null || !isTurn(signed, reached, height)) continue;
      lookAt.set(digest, height + PATIENCE);
      const share = await shareOf(reached);
      const call = share === null ? null : await callOf(signed, reached, share);
      if (call !== null) return send(call, reached, height);
    }
  };

  const send = async (call: Call, reached: QuorumReached, height: bigint): Promise<void> => {
    const { digest, verdict, signed, total } = reached;
    const transaction = await errand.send(call, height);
    if (transaction === null)
      return log.warn('the hot wallet cannot pay for a roll call', { gas: call.gas });
    sent = { digest, call };
    metrics.transactions.inc({ kind: 'roll-call' });
    const { coverageId } = verdict;
    log.info('roll call sent', { coverageId, height: verdict.height, signed, total, transaction });
  };

  const lookout = createLookout(look, (error) => {
    metrics.rpc.inc({ code: 'ROLL_CALL' });
    log.warn('booking roll calls failed', { code: reasonOf(error) });
  });
  return {
    ...lookout,
    offer: (roll, verdict) => {
      if (least === null) return;
      const digest = verdictDigest(domain, verdict);
      calls.set(digest, { roll, verdict, digest });
      const [oldest] = calls.keys();
      if (calls.size > KEPT && oldest !== undefined) forget(oldest);
    },
  };
}
