import { encodeFunctionData, type Hex, type PublicClient } from 'viem';
import { payrollAbi } from '../../protocol/abi.ts';
import { evmCertificate, seatsOfWords, signersOf } from '../../protocol/certificate.ts';
import { CERTIFICATE_AGE, MAX_SEATS } from '../../protocol/quorum.ts';
import type { Certificate, Committee, Domain, Verdict } from '../../protocol/types.ts';
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

/** What a booker works with. `own` finds the own seat. */
export type BookerDeps = Readonly<{
  domain: Domain;
  pending: Pending;
  client: PublicClient;
  sender: Sender;
  payroll: Hex;
  own: OwnKeys;
  committeeOf(epoch: bigint): Committee | null;
  isStruck(epoch: bigint, seat: number): boolean;
  /** A certificate of all who are known to have signed a verdict; null where nobody has. */
  gathered(digest: Hex): QuorumReached | null;
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
  const { domain, client, sender, payroll, own, gathered, log, metrics } = deps;
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

  /** Whether the payroll lacks the roll call or, once it is booked, this node's own seat. */
  const isLacking = async (verdict: Verdict, certificate: Certificate): Promise<boolean> => {
    const { coverageId, height, epoch } = verdict;
    const read = { address: payroll, abi: payrollAbi } as const;
    const { entries, deposit } = await client.readContract({
      ...read,
      functionName: 'accountOf',
      args: [coverageId],
    });
    if (deposit === 0n) return false;
    if (entries === 0) return true;
    const last = [coverageId, BigInt(entries - 1)] as const;
    const booked = await client.readContract({ ...read, functionName: 'callOf', args: last });
    if (BigInt(booked.height) > height) return false;
    if (BigInt(booked.height) < height) return true;
    const words = await client.readContract({ ...read, functionName: 'seatsOf', args: last });
    const seat = ownSeat(deps.committeeOf(epoch), own)?.index ?? null;
    if (seat === null || deps.isStruck(epoch, seat)) return false;
    return signersOf(certificate).includes(seat) && !seatsOfWords(words, MAX_SEATS).includes(seat);
  };

  /** The booking as a transaction; null, and said, where it would fail. */
  const callOf = async ({ roll }: Signed, certificate: Certificate): Promise<Call | null> => {
    const { coverageId, ruleIds, leaves, block } = roll;
    const [verdict, evm] = evmCertificate(certificate);
    const args = [verdict, ruleIds, leaves.map(({ state }) => state), evm] as const;
    const book = {
      address: payroll,
      abi: payrollAbi,
      functionName: 'bookRollCall',
      args,
    } as const;
    try {
      const estimated = await client.estimateContractGas({
        ...book,
        account: sender.address,
        blockTag: 'pending',
      });
      return { to: payroll, data: encodeFunctionData(book), gas: (estimated * 4n) / 3n };
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
      const isWanted = isOpen && (await isLacking(reached.verdict, reached.certificate));
      await errand.isWaiting(isWanted && sent !== null ? sent.call : null, height);
      return;
    }
    for (const signed of calls.values()) {
      const { digest, verdict } = signed;
      const reached = height < (lookAt.get(digest) ?? 0n) ? null : gathered(digest);
      if (reached === null || !isTurn(signed, reached, height)) continue;
      lookAt.set(digest, height + PATIENCE);
      if (!(await isLacking(verdict, reached.certificate))) continue;
      const call = await callOf(signed, reached.certificate);
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
      const digest = verdictDigest(domain, verdict);
      calls.set(digest, { roll, verdict, digest });
      const [oldest] = calls.keys();
      if (calls.size > KEPT && oldest !== undefined) forget(oldest);
    },
  };
}
