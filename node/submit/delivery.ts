import type { Hex } from 'viem';
import type { Certificate } from '../../protocol/types.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { ChainState } from '../lib/pipeline.ts';
import type { SubmissionState } from '../store/certificates.ts';
import { ALREADY_TRIPPED, isPaid, obstacleIn, type Obstacles, TARGET_FAILED } from './obstacles.ts';
import type { Call, Fees, Sender, Sent } from '../wallet/sender.ts';
import { createFlights } from './flights.ts';
import { WALLET_SHORT } from '../wallet/revert.ts';
import type { Suspects } from './suspects.ts';

/** A certificate on its way to the registry. */
export type Job = {
  readonly digest: Hex;
  certificate: Certificate;
  /** Highest rung that it can bring about. */
  aim: number;
  call: Call;
  readonly turn: number;
  readonly transactions: Hex[];
  sent: Sent | null;
  /** Height at which a provider took `sent`; null before. */
  sentAt: bigint | null;
  /** Nothing is to be gained by its transaction any more: the nonce is taken back. */
  isVoid: boolean;
  trippedAt: bigint | null;
  /** Why it is not sent and since which height, when to look again, and the blocks between two looks. */
  quiet: string | null;
  quietSince: bigint;
  lookAt: bigint;
  patience: bigint;
};

/** What the newest block says. */
export type View = Readonly<{ head: bigint; state: ChainState | null }>;

/** What a delivery works with. */
export type DeliveryDeps = Readonly<{
  sender: Sender;
  obstacles: Obstacles;
  suspects: Suspects;
  log: Log;
  metrics: Metrics;
  record: (digest: Hex, state: SubmissionState) => Promise<void>;
}>;

/** Longest that a certificate which cannot be sent is left alone, in blocks. */
const LONGEST_PATIENCE = 4n;

/** What the chain says of a target that makes a mined transaction fail: nothing, or that it cannot be tripped. */
const FAILURES: readonly (string | null)[] = [null, TARGET_FAILED, 'TripFailed', 'TripHadNoEffect'];

/** Another transaction of this node is on its way to the target. */
const TARGET_BUSY = 'TARGET_BUSY';

/** Seats whose turn is awaited, a block each, before a transaction that only lies in the pool is doubted. */
const LONGEST_DOUBT = 8;

/** Brings one certificate on by a step; false when it has to be tried again soon. */
export type Delivery = (job: Job, view: View) => Promise<boolean>;

/**
 * One nonce carries one certificate until it is mined, through lost answers, crashes and higher fees: at most one of the
 * transactions that were signed for it can ever be paid for.
 */
export function createDelivery(deps: DeliveryDeps, replaceAfterBlocks: bigint): Delivery {
  const { sender, obstacles, suspects, log, metrics } = deps;
  const flights = createFlights();
  const targetOf = ({ certificate }: Job) => obstacles.targetOf(certificate.verdict.coverageId);

  /** Looks again at later and later blocks as long as nothing changes: a simulation is not free. */
  const keepQuiet = (job: Job, code: string, head: bigint) => {
    const isNews = job.quiet !== code;
    if (isNews) {
      job.quietSince = head;
      metrics.reverts.inc({ code });
      log.info('certificate not sent', { digest: job.digest, code });
    }
    job.quiet = code;
    job.patience = isNews || code === TARGET_BUSY ? 1n : least(2n * job.patience, LONGEST_PATIENCE);
    job.lookAt = head + job.patience;
    return true;
  };

  /** Why this certificate should not be sent at any price, or null. */
  const reasonToWait = async (job: Job, { head, state }: View): Promise<string | null> => {
    const { certificate, aim, quiet } = job;
    const { coverageId } = certificate.verdict;
    const seen = obstacleIn(state, certificate.verdict);
    if (seen !== null) return seen;
    const target = await targetOf(job);
    if (suspects.isHeld(target, head)) return 'TARGET_SUSPECT';
    if (!flights.isOpen(target, job)) return TARGET_BUSY;
    const isDone = quiet === ALREADY_TRIPPED && (await obstacles.rungAt(coverageId, head)) >= aim;
    return isDone ? quiet : null;
  };

  /**
   * A trip that a provider only expects may never come: whoever sent it can replace it again and again. When the newest
   * block still holds none, the seats no longer count on it, one after the other.
   */
  const doubts = ({ quiet, quietSince, turn }: Job, head: bigint) =>
    quiet === ALREADY_TRIPPED && head > quietSince + BigInt(Math.min(turn, LONGEST_DOUBT));

  /** Why it should not be sent at this price, or null. */
  const reasonAt = async (job: Job, { head, state }: View, bid: Fees): Promise<string | null> => {
    if (!isPaid(state, job.certificate.verdict, { ...bid, gas: job.call.gas }))
      return 'ESCROW_SHORT';
    return doubts(job, head)
      ? await obstacleNow(job, bid)
      : await obstacles.find(job.certificate, job.aim, { ...bid, gas: job.call.gas }, 'pending');
  };

  /** Against the latest block: the pending one contains the very transaction that is to be replaced. */
  const obstacleNow = async (job: Job, bid: Fees): Promise<string | null> => {
    const { certificate, aim, call } = job;
    const code = await obstacles.find(certificate, aim, { ...bid, gas: call.gas }, 'latest');
    // What is sent now is mined in a later block.
    return code === 'VerdictFuture' ? null : code;
  };

  /** On disk before anybody can see it. */
  const remember = async (job: Job, sent: Sent, head: bigint): Promise<void> => {
    const { hash, ...fees } = sent;
    const transactions = [...job.transactions, hash];
    await deps.record(job.digest, { kind: 'sent', ...fees, transactions, height: head });
    job.transactions.push(hash);
    job.sent = sent;
    job.sentAt = null;
  };

  const callOf = (job: Job) => (job.isVoid ? sender.nothing : job.call);

  /** More for the same nonce, as long as there is more to bid. */
  const raise = async (job: Job, sent: Sent, head: bigint): Promise<void> => {
    const raised = await sender.raise(callOf(job), sent);
    if (raised.hash !== sent.hash) await remember(job, raised, head);
  };

  const handOver = async (job: Job, sent: Sent, head: bigint): Promise<boolean> => {
    const outcome = await sender.broadcast(callOf(job), sent);
    if (outcome === 'underpriced') {
      await raise(job, sent, head);
      return false;
    }
    if (outcome === 'unfunded' && job.transactions.length === 1) {
      // No pool holds it: the nonce is for what can be paid.
      await deps.record(job.digest, { kind: 'waiting' });
      [job.sent, job.isVoid, job.transactions.length] = [null, false, 0];
      sender.forget(sent);
      return keepQuiet(job, WALLET_SHORT, head);
    }
    job.sentAt = head;
    if (outcome === 'sent') tell(job, sent);
    return true;
  };

  const tell = ({ digest, isVoid, transactions }: Job, { hash, nonce }: Sent) => {
    const again = transactions.length > 1;
    metrics.transactions.inc({ kind: isVoid ? 'cancel' : again ? 'replace' : 'submit' });
    const message = isVoid ? 'nonce taken back' : `certificate sent${again ? ' again' : ''}`;
    log.info(message, { digest, transaction: hash, nonce });
  };

  const send = async (job: Job, view: View): Promise<boolean> => {
    if (view.head < job.lookAt) return true;
    const waiting = await reasonToWait(job, view);
    if (waiting !== null) return keepQuiet(job, waiting, view.head);
    const target = await targetOf(job);
    const bid = await sender.fees(job.call.gas);
    const code = await reasonAt(job, view, bid);
    if (code !== null || job.trippedAt !== null)
      return keepQuiet(job, code ?? ALREADY_TRIPPED, view.head);
    const left = flights.take(target, job);
    if (left === null) return keepQuiet(job, TARGET_BUSY, view.head);
    try {
      return await launch(job, bid, view.head);
    } finally {
      left();
    }
  };

  const launch = async (job: Job, bid: Fees, head: bigint): Promise<boolean> => {
    const sent = await sender.prepare(job.call, bid);
    try {
      await remember(job, sent, head);
    } catch (error) {
      sender.forget(sent);
      throw error;
    }
    job.quiet = null;
    return handOver(job, sent, head);
  };

  /** Money was spent for nothing, and the chain knows no other reason than the target. */
  const wasFailed = async (job: Job, sent: Sent): Promise<boolean> => {
    const { certificate, aim, call, transactions } = job;
    const code = await obstacles.find(certificate, aim, { ...sent, gas: call.gas }, 'latest');
    const isTargets = FAILURES.includes(code) && (await sender.wasReverted(call.to, transactions));
    return isTargets && job.trippedAt === null;
  };

  const follow = async (job: Job, sent: Sent, head: bigint): Promise<boolean> => {
    if (job.sentAt !== null && head < job.sentAt + replaceAfterBlocks) return true;
    if (await sender.isMined(sent)) {
      if (await wasFailed(job, sent)) suspects.hold(await targetOf(job), head);
      sender.forget(sent);
      job.sent = null;
      job.isVoid = false;
      return true;
    }
    const code = await obstacleNow(job, sent);
    if (job.trippedAt !== null) return true;
    if (code !== null) keepQuiet(job, code, head);
    // A nonce that nothing takes would hold up every certificate that comes after.
    job.isVoid = code !== null;
    if (job.sentAt !== null) await raise(job, sent, head);
    return handOver(job, job.sent ?? sent, head);
  };

  return (job, view) => (job.sent === null ? send(job, view) : follow(job, job.sent, view.head));
}

const least = (a: bigint, b: bigint) => (a < b ? a : b);
