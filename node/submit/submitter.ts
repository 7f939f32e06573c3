import { encodeFunctionData, type Hex, type PublicClient } from 'viem';
import { registryAbi } from '../../protocol/abi.ts';
import { evmCertificate } from '../../protocol/certificate.ts';
import type { Certificate, Committee, Domain } from '../../protocol/types.ts';
import { verdictDigest } from '../../protocol/verdict.ts';
import { reasonOf } from '../lib/chain.ts';
import type { Log } from '../lib/log.ts';
import { aimOf } from '../lib/opinion.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { BlockEvent, ChainState, CoveredRule } from '../lib/pipeline.ts';
import type { SubmissionState } from '../store/certificates.ts';
import { createDelivery, type Job } from './delivery.ts';
import { createObstacles } from './obstacles.ts';
import { turnOf } from '../lib/order.ts';
import type { OwnKeys } from '../lib/own-keys.ts';
import type { Sender } from '../wallet/sender.ts';
import type { Suspects } from './suspects.ts';
import { createWaker } from '../lib/waker.ts';

/** Sends certificates to the registry, once for the whole committee where it can. */
export type Submitter = Readonly<{
  /**
   * Takes care of a certificate that is already persisted; a second offer of it changes nothing. `former` is how far an
   * earlier run had come with it.
   */
  offer: (certificate: Certificate, committee: Committee, former?: SubmissionState) => void;
  /** Tells what the chain says: new heads, trips, reorgs. */
  note: (event: BlockEvent) => void;
  /** Gives up every certificate in hand and waits until nothing runs. */
  close: () => Promise<void>;
}>;

/** What the submitter works with. `own` finds the own seat. */
export type SubmitterDeps = Readonly<{
  client: PublicClient;
  sender: Sender;
  domain: Domain;
  hub: Hex;
  own: OwnKeys;
  suspects: Suspects;
  ruleOf?: (coverageId: Hex, ruleId: Hex) => CoveredRule | null;
  log: Log;
  metrics: Metrics;
  /** Keeps how far a certificate has come; answers once it is on disk. */
  record?: (digest: Hex, state: SubmissionState) => Promise<void>;
}>;

/** How often and how long. Blocks are of the home chain. */
export type SubmitterOptions = Readonly<{
  delayMs: number;
  maxAgeBlocks?: bigint;
  replaceAfterBlocks?: bigint;
  retryMs?: number;
}>;

/** The hub wants 1,290,000 gas before it calls a target and asks what came of it; verifying and recording take the rest. */
export const TRIP_GAS = 1_700_000n;

/** More for each seat that is listed. */
const gasOf = ({ seats }: Certificate): bigint => TRIP_GAS + 5_000n * BigInt(seats.length);

/** One task a certificate; every task ends when its certificate is too old for the registry. */
export function createSubmitter(deps: SubmitterDeps, options: SubmitterOptions): Submitter {
  const { client, sender, domain, hub, suspects, log, metrics } = deps;
  const { delayMs, maxAgeBlocks = 32n, replaceAfterBlocks = 2n, retryMs = 500 } = options;
  const jobs = new Map<Hex, Job>();
  const tasks = new Set<Promise<void>>();
  const obstacles = createObstacles(client, {
    registry: domain.registry,
    hub,
    sender: sender.address,
  });
  const waker = createWaker();
  let head = 0n;
  let state: ChainState | null = null;

  const deliver = createDelivery(
    { sender, obstacles, suspects, log, metrics, record: deps.record ?? (async () => undefined) },
    replaceAfterBlocks,
  );

  /** Too old for the registry; one whose nonce nothing has taken yet stays as long again. */
  const isOver = ({ certificate, sent, trippedAt }: Job) => {
    const last = certificate.verdict.height + maxAgeBlocks;
    const isFree = sent === null || trippedAt !== null || head > last + maxAgeBlocks;
    return waker.closed() || (head > last && isFree);
  };

  const record = (job: Job, state: SubmissionState) => {
    deps.record?.(job.digest, state).catch((error: unknown) => {
      log.error('submission not recorded', { digest: job.digest, code: reasonOf(error) });
    });
  };

  /** Another watcher's loss is a warning. */
  const suspect = (coverageId: Hex, height: bigint) => {
    obstacles.targetOf(coverageId).then(
      (target) => suspects.hold(target, height),
      (error: unknown) => log.warn('failure not noted', { coverageId, code: reasonOf(error) }),
    );
  };

  const step = async (job: Job): Promise<'done' | 'retry'> => {
    if (job.trippedAt !== null) return 'done';
    try {
      return (await deliver(job, { head, state })) ? 'done' : 'retry';
    } catch (error) {
      metrics.rpc.inc({ code: 'SUBMIT' });
      log.warn('submission failed', { digest: job.digest, code: reasonOf(error) });
      return 'retry';
    }
  };

  const work = async (job: Job): Promise<void> => {
    const until = Date.now() + (job.sent === null ? job.turn * delayMs : 0);
    while (!isOver(job) && job.trippedAt === null && Date.now() < until)
      await waker.wait(waker.count(), until - Date.now());
    while (!isOver(job)) {
      const since = waker.count();
      const outcome = await step(job);
      if (!isOver(job)) await waker.wait(since, outcome === 'retry' ? retryMs : null);
    }
    if (job.sent !== null) sender.forget(job.sent);
    job.sent = null;
    jobs.delete(job.digest);
    if (waker.closed()) return;
    if (job.trippedAt === null)
      record(job, { kind: 'dropped', code: job.quiet ?? 'EXPIRED', height: head });
    const outcome = job.trippedAt === null ? 'expired' : 'tripped';
    metrics.submissions.inc({ outcome });
    log.debug('certificate let go', { digest: job.digest, outcome });
  };

  return {
    offer(certificate, committee, former) {
      const digest = verdictDigest(domain, certificate.verdict);
      const { coverageId, ruleId } = certificate.verdict;
      if (waker.closed()) return;
      const data = encodeFunctionData({
        abi: registryAbi,
        functionName: 'submit',
        args: evmCertificate(certificate),
      });
      const aim = aimOf(certificate, committee, deps.ruleOf?.(coverageId, ruleId) ?? null);
      const known = jobs.get(digest);
      if (known !== undefined) {
        // One that a strike made worthless gives way; what was sent of it is raised as this one.
        known.certificate = certificate;
        // What fewer have tripped does not say what more have signed.
        if (aim > known.aim) known.trippedAt = null;
        known.aim = aim;
        known.call = { ...known.call, data, gas: gasOf(certificate) };
        known.lookAt = 0n;
        waker.wake();
        return;
      }
      const job: Job = {
        digest,
        certificate,
        aim,
        call: { to: domain.registry, data, gas: gasOf(certificate) },
        turn: turnOf(digest, committee, deps.own),
        ...resumed(former),
        sentAt: null,
        isVoid: false,
        trippedAt: null,
        quiet: null,
        quietSince: 0n,
        lookAt: 0n,
        patience: 0n,
      };
      if (certificate.verdict.height > head) head = certificate.verdict.height;
      if (isOver(job)) return;
      if (job.sent !== null) sender.hold(job.sent);
      jobs.set(digest, job);
      metrics.submissions.inc({ outcome: 'offered' });
      const task = work(job);
      tasks.add(task);
      void task.finally(() => tasks.delete(task));
    },
    note(event) {
      if (event.kind === 'reorg')
        for (const job of jobs.values()) {
          job.lookAt = 0n;
          if (job.trippedAt !== null && job.trippedAt > (event.common?.height ?? -1n))
            job.trippedAt = null;
        }
      if (event.kind === 'block') {
        head = event.block.height;
        state = event.state;
        for (const coverageId of event.failures) suspect(coverageId, head);
        for (const trip of event.trips) {
          const job = jobs.get(trip.digest);
          if (job === undefined) continue;
          // Fewer have tripped it than this certificate names.
          if (job.aim > job.certificate.verdict.rung && !trip.isFull) continue;
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

/** What an earlier run signed may wait in a pool: its nonce is gone on with, and no other. */
function resumed(former: SubmissionState | undefined): Pick<Job, 'sent' | 'transactions'> {
  const hash = former?.kind === 'sent' ? former.transactions.at(-1) : undefined;
  if (former?.kind !== 'sent' || hash === undefined) return { sent: null, transactions: [] };
  const { nonce, maxFeePerGas, maxPriorityFeePerGas, transactions } = former;
  return {
    sent: { hash, nonce, maxFeePerGas, maxPriorityFeePerGas },
    transactions: [...transactions],
  };
}
