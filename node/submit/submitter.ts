import { encodeFunctionData, type Hex, type PublicClient } from 'viem';
import { registryAbi } from '../../protocol/abi.ts';
import { evmCertificate } from '../../protocol/certificate.ts';
import type { Certificate, Committee, Domain } from '../../protocol/types.ts';
import { verdictDigest } from '../../protocol/verdict.ts';
import { reasonOf } from '../lib/chain.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { BlockEvent, ChainState } from '../lib/pipeline.ts';
import type { SubmissionState } from '../store/certificates.ts';
import { ALREADY_TRIPPED, createObstacles, obstacleIn } from './obstacles.ts';
import { turnOf } from './order.ts';
import type { Call, Sender, Sent } from './sender.ts';
import { createWaker } from './waker.ts';

/** Sends certificates to the registry, once for the whole committee where it can. */
export type Submitter = Readonly<{
  /** Takes care of a certificate that is already persisted; a second offer of it changes nothing. */
  offer: (certificate: Certificate, committee: Committee) => void;
  /** Tells what the chain says: new heads, trips, reorgs. */
  note: (event: BlockEvent) => void;
  /** Gives up every certificate in hand and waits until nothing runs. */
  close: () => Promise<void>;
}>;

/** What the submitter works with. `keyHash` finds the own seat. */
export type SubmitterDeps = Readonly<{
  client: PublicClient;
  sender: Sender;
  domain: Domain;
  hub: Hex;
  keyHash: Hex;
  log: Log;
  metrics: Metrics;
  /** Keeps how far a certificate has come; what it says is never read back here. */
  record?: (digest: Hex, state: SubmissionState) => Promise<void>;
}>;

/** How often and how long. Blocks are of the home chain. */
export type SubmitterOptions = Readonly<{
  delayMs: number;
  maxAgeBlocks?: bigint;
  replaceAfterBlocks?: bigint;
  retryMs?: number;
  gas?: bigint;
}>;

type Job = {
  readonly digest: Hex;
  readonly certificate: Certificate;
  readonly call: Call;
  readonly turn: number;
  sent: Sent | null;
  sentAt: bigint;
  readonly transactions: Hex[];
  trippedAt: bigint | null;
  quiet: string | null;
};

/** The registry gives a target 1,000,000 gas; verifying 256 seats and recording take the rest. */
const SUBMIT_GAS = 1_800_000n;

/** One task a certificate; every task ends when its certificate is too old for the registry. */
export function createSubmitter(deps: SubmitterDeps, options: SubmitterOptions): Submitter {
  const { client, sender, domain, hub, log, metrics } = deps;
  const {
    delayMs,
    maxAgeBlocks = 32n,
    replaceAfterBlocks = 2n,
    retryMs = 500,
    gas = SUBMIT_GAS,
  } = options;
  const jobs = new Map<Hex, Job>();
  const tasks = new Set<Promise<void>>();
  const obstacles = createObstacles(client, {
    registry: domain.registry,
    hub,
    sender: sender.address,
    gas,
  });
  const waker = createWaker();
  let head = 0n;
  let state: ChainState | null = null;

  const isOver = (job: Job) =>
    waker.closed() || head > job.certificate.verdict.height + maxAgeBlocks;

  const record = (job: Job, state: SubmissionState) => {
    deps.record?.(job.digest, state).catch((error: unknown) => {
      log.error('submission not recorded', { digest: job.digest, code: reasonOf(error) });
    });
  };

  const keepQuiet = (job: Job, code: string) => {
    if (job.quiet !== code) {
      metrics.reverts.inc({ code });
      log.info('certificate not sent', { digest: job.digest, code });
    }
    job.quiet = code;
  };

  /** Why this certificate should not be sent now, or null. */
  const reasonToWait = async (job: Job): Promise<string | null> => {
    const { certificate, quiet } = job;
    const { coverageId, rung } = certificate.verdict;
    const seen = obstacleIn(state, certificate.verdict);
    if (seen !== null) return seen;
    if (quiet === ALREADY_TRIPPED && (await obstacles.rungAt(coverageId, head)) >= rung)
      return quiet;
    return await obstacles.find(certificate, 'pending');
  };

  const send = async (job: Job) => {
    const code = await reasonToWait(job);
    if (code !== null || job.trippedAt !== null) return keepQuiet(job, code ?? ALREADY_TRIPPED);
    job.sent = await sender.send(job.call);
    job.sentAt = head;
    job.quiet = null;
    job.transactions.push(job.sent.hash);
    record(job, {
      kind: 'sent',
      nonce: job.sent.nonce,
      transactions: job.transactions,
      height: head,
    });
    metrics.transactions.inc({ kind: 'submit' });
    log.info('certificate sent', {
      digest: job.digest,
      transaction: job.sent.hash,
      nonce: job.sent.nonce,
    });
  };

  const follow = async (job: Job, sent: Sent) => {
    if (head < job.sentAt + replaceAfterBlocks) return;
    const mined =
      (await client.getTransactionCount({ address: sender.address, blockTag: 'latest' })) >
      sent.nonce;
    // Against the latest block: the pending one contains the very transaction that is to be replaced.
    const code = await obstacles.find(job.certificate, 'latest');
    if (mined) {
      sender.forget(sent);
      job.sent = null;
      return;
    }
    if (code !== null) return keepQuiet(job, code);
    job.sent = await sender.replace(job.call, sent);
    job.sentAt = head;
    job.transactions.push(job.sent.hash);
    record(job, { kind: 'sent', nonce: sent.nonce, transactions: job.transactions, height: head });
    metrics.transactions.inc({ kind: 'replace' });
    log.info('certificate sent again', {
      digest: job.digest,
      transaction: job.sent.hash,
      nonce: sent.nonce,
    });
  };

  const step = async (job: Job): Promise<'done' | 'retry'> => {
    if (job.trippedAt !== null) return 'done';
    try {
      await (job.sent === null ? send(job) : follow(job, job.sent));
      return 'done';
    } catch (error) {
      metrics.rpc.inc({ code: 'SUBMIT' });
      log.warn('submission failed', { digest: job.digest, code: reasonOf(error) });
      return 'retry';
    }
  };

  const work = async (job: Job): Promise<void> => {
    const until = Date.now() + job.turn * delayMs;
    while (!isOver(job) && job.trippedAt === null && Date.now() < until)
      await waker.wait(waker.count(), until - Date.now());
    while (!isOver(job)) {
      const since = waker.count();
      const outcome = await step(job);
      if (!isOver(job)) await waker.wait(since, outcome === 'retry' ? retryMs : null);
    }
    if (job.sent !== null) sender.forget(job.sent);
    jobs.delete(job.digest);
    if (waker.closed()) return;
    if (job.trippedAt === null)
      record(job, { kind: 'dropped', code: job.quiet ?? 'EXPIRED', height: head });
    const outcome = job.trippedAt === null ? 'expired' : 'tripped';
    metrics.submissions.inc({ outcome });
    log.debug('certificate let go', { digest: job.digest, outcome });
  };

  return {
    offer(certificate, committee) {
      const digest = verdictDigest(domain, certificate.verdict);
      if (jobs.has(digest) || waker.closed()) return;
      const data = encodeFunctionData({
        abi: registryAbi,
        functionName: 'submit',
        args: evmCertificate(certificate),
      });
      const job: Job = {
        digest,
        certificate,
        call: { to: domain.registry, data, gas },
        turn: turnOf(digest, committee, deps.keyHash),
        sent: null,
        sentAt: 0n,
        transactions: [],
        trippedAt: null,
        quiet: null,
      };
      if (certificate.verdict.height > head) head = certificate.verdict.height;
      if (isOver(job)) return;
      jobs.set(digest, job);
      metrics.submissions.inc({ outcome: 'offered' });
      const task = work(job);
      tasks.add(task);
      void task.finally(() => tasks.delete(task));
    },
    note(event) {
      if (event.kind === 'reorg')
        for (const job of jobs.values())
          if (job.trippedAt !== null && job.trippedAt > event.common.height) job.trippedAt = null;
      if (event.kind === 'block') {
        head = event.block.height;
        state = event.state;
        for (const trip of event.trips) {
          const job = jobs.get(trip.digest);
          if (job === undefined) continue;
          job.trippedAt = head;
          record(job, { kind: 'tripped', transaction: trip.transaction, height: head });
        }
      }
      waker.wake();
    },
    async close() {
      waker.close();
      await Promise.all(tasks);
    },
  };
}
