import { isDue } from '../protocol/roll-call.ts';
import { verdictDigest } from '../protocol/verdict.ts';
import { createAggregator } from './aggregate/aggregator.ts';
import { createAttester } from './attest/attester.ts';
import { createBarring } from './challenge/barring.ts';
import { createChallenger } from './challenge/challenger.ts';
import { createClaims } from './challenge/claims.ts';
import { createScrutiny } from './challenge/scrutiny.ts';
import { createSilences } from './challenge/silences.ts';
import { createCourt } from './challenge/court.ts';
import { createDocket } from './challenge/docket.ts';
import { createFolds } from './detect/folds.ts';
import { createPredicates } from './detect/predicates.ts';
import { createSentinels } from './detect/sentinels.ts';
import { createGossip, type GossipDeps } from './gossip/gossip.ts';
import { loadPeerKey } from './gossip/peer-key.ts';
import type { Ground } from './ground.ts';
import { reasonOf } from './lib/chain.ts';
import type { Closers } from './lib/closers.ts';
import type { NodeConfig } from './lib/config.ts';
import { createLandings } from './lib/landings.ts';
import { createLog, type Log } from './lib/log.ts';
import type { Abstention, Equivocation, QuorumReached } from './lib/pipeline.ts';
import { createQueue } from './lib/queue.ts';
import { createRecentStates } from './lib/recent-states.ts';
import { withSeat } from './lib/seat-log.ts';
import { submitterOf } from './lib/submitter-of.ts';
import { createObserver, type ObserverDeps } from './observe/observer.ts';
import { createOpinions } from './opinions.ts';
import { createBookkeeper } from './pay/bookkeeper.ts';
import { createBooker } from './roll-call/booker.ts';
import { createCaller } from './roll-call/caller.ts';
import { createIsPaid } from './roll-call/paid.ts';
import { createEpochKeeper } from './submit/epoch-keeper.ts';
import { orderOfSeats } from './lib/order.ts';
import { createSender } from './wallet/sender.ts';
import { createSubmitter } from './submit/submitter.ts';
import { createSuspects } from './submit/suspects.ts';
import { createTripper } from './submit/tripper.ts';

/** Quorums reached that wait to be kept; more than a node ever has open. */
const QUORUMS = 1_024;

/** Every stage, wired to what it stands on and to nothing else. */
export type Stages = Awaited<ReturnType<typeof openStages>>;

/** Opens them in the order in which a block travels; gossip speaks to peers from here on. */
export async function openStages(
  config: NodeConfig,
  ground: Ground,
  closers: Closers,
  signal: AbortSignal,
) {
  const { deployment, client, domain, account, keyring, metrics, certificates } = ground;
  const recent = createRecentStates();
  const { committeeOf, isStruck, ruleOf } = recent;
  const attester = createAttester({
    domain,
    secretKeys: ground.secretKeys,
    hash: keyring.fast.hash,
    protection: ground.protection,
    committeeOf,
    onOutcome: (outcome) => metrics.verdicts.inc({ outcome }),
  });
  const { own } = attester;
  const log = withSeat(createLog({ level: config.logLevel, format: config.logFormat }), () =>
    attester.seatOf(recent.newest()?.committee ?? null),
  );
  const observer = createObserver(
    { rpc: config.rpc, deployment, anchors: ground.anchors, ...observerEvents(ground, log) },
    { pollMs: config.pollMs },
  );
  closers.add(async () => observer.close());
  const period = await observer.period();
  const aggregator = createAggregator({
    domain,
    keyring,
    committeeOf,
    isStruck,
    ruleOf,
    onRefused: (digest, offender) =>
      log.error('partial refused by the reference', { digest, offender }),
  });
  const quorums = createQueue<QuorumReached>(QUORUMS, aggregator.lose);
  const gossip = await createGossip(
    {
      domain,
      keyring,
      privateKey: await loadPeerKey(config.dataDir),
      seat: { own, account },
      context: () => ({
        head: recent.newest()?.block.height ?? 0n,
        committees: recent.committees(),
        ruleOf,
        isCalled: (coverageId, blockHash) =>
          recent.isArmed(coverageId) ? isDue(coverageId, blockHash, period) : null,
        isStruck,
        hashesAt: recent.hashesAt,
      }),
      tally: {
        ...aggregator,
        carry: (...claims) => {
          const reached = aggregator.carry(...claims);
          if (reached !== null) quorums.push(reached);
          return reached !== null;
        },
      },
      orderOf: ({ epoch }, digest) => {
        const committee = committeeOf(epoch);
        if (committee === null) return [];
        return orderOfSeats(digest, committee)
          .filter((seat) => !isStruck(epoch, seat))
          .map((seat) => committee.seats[seat]!.keyHash);
      },
      submitterOf: (holder) => submitterOf(client, deployment.watchers, holder),
      certificates: () => certificates.all().map(({ certificate }) => certificate),
      ...gossipEvents(ground, log),
    },
    { listen: config.listen, peers: config.peers },
    signal,
  );
  signal.addEventListener('abort', quorums.close, { once: true });
  closers.add(() => gossip.close());
  const sender = createSender({ client, account, chainId: deployment.chainId });
  const acting = { client, sender, own, log, metrics };
  const keeper = await createEpochKeeper({
    ...acting,
    committee: deployment.committee,
    pending: ground.pending('openings'),
  });
  closers.add(() => keeper.close());
  const predicates = createPredicates({ codeOf: observer.codeOf });
  const court = createCourt(client, deployment, account);
  const landings = createLandings(client, deployment);
  const claims = createClaims({
    domain,
    formerRuleOf: recent.formerRuleOf,
    truth: observer.trueClaims,
    mayBe: predicates.mayBe,
    landings,
    log,
  });
  const silences = createSilences({
    domain,
    formerRuleOf: recent.formerRuleOf,
    truth: observer.trueClaims,
    mayBe: predicates.mayBe,
    seatCountOf: court.seatCountOf,
    log,
  });
  const challenger = await createChallenger({
    ...acting,
    pending: ground.pending('challenges'),
    docket: createDocket(ground.evidence, [claims, silences], court.seatCountOf),
    court,
    barring: createBarring(client, deployment.watchers, committeeOf),
    address: deployment.court,
    book: deployment.book,
  });
  closers.add(() => challenger.close());
  const bookkeeper = await createBookkeeper({
    ...acting,
    pending: ground.pending('pay'),
    deployment,
    landings,
    formerRuleOf: recent.formerRuleOf,
    committeeOf,
    gathered: aggregator.gathered,
    least: ground.leastPay,
  });
  closers.add(() => bookkeeper.close());
  const suspects = createSuspects();
  const submitter = createSubmitter(
    { ...acting, suspects, domain, hub: deployment.hub, ruleOf, record: certificates.setState },
    { delayMs: config.submitDelayMs },
  );
  closers.add(() => submitter.close());
  const tripper = await createTripper({
    ...acting,
    suspects,
    hub: deployment.hub,
    prover: deployment.prover,
    pending: ground.pending('proofs'),
    proofOf: observer.proofOf,
    isOn: config.tripByProof,
  });
  closers.add(() => tripper.close());
  const booker = await createBooker({
    ...acting,
    domain,
    pending: ground.pending('bookings'),
    deployment,
    committeeOf,
    isStruck,
    gathered: aggregator.gathered,
    least: ground.leastPay,
  });
  closers.add(() => booker.close());
  const abstain = ({ block, ruleId, code }: Abstention) => {
    metrics.abstentions.inc({ code });
    log.debug('abstained', { height: block.height, ruleId, code });
  };
  const caller = createCaller({
    period,
    isSeated: ({ committee }) => attester.seatOf(committee) !== null,
    isPaid: createIsPaid(client, deployment.terms),
    prove: observer.prove,
    sign: attester.answer,
    tell: async (roll, attestation) => {
      const { verdict } = attestation;
      const digest = verdictDigest(domain, verdict);
      silences.trust(digest);
      booker.offer(roll, verdict);
      await gossip.publishAttestation(attestation);
      log.info('roll call signed', { digest, height: verdict.height });
    },
    abstain,
  });
  return {
    recent,
    log,
    observer,
    predicates,
    opinions: createOpinions({
      observer,
      sentinels: createSentinels({ chainId: deployment.chainId }),
      folds: createFolds({ blockAt: observer.blockAt, read: observer.allViews }),
    }),
    attester,
    gossip,
    aggregator,
    quorums,
    keeper,
    scrutiny: createScrutiny({
      claims,
      silences,
      bookingsSince: observer.bookingsSince,
      log,
    }),
    challenger,
    bookkeeper,
    submitter,
    tripper,
    booker,
    abstain,
    caller,
  };
}

const observerEvents = (
  { metrics }: Ground,
  log: Log,
): Pick<ObserverDeps, 'onCall' | 'onRequest' | 'onFault' | 'onIgnored' | 'onMissing'> => ({
  onCall: (method) => metrics.calls.inc({ method }),
  onRequest: () => metrics.requests.inc(),
  onFault: (code) => {
    metrics.rpc.inc({ code });
    log.debug('provider failed', { code });
  },
  onIgnored: (coverageId, code) => log.warn('coverage ignored', { coverageId, code }),
  onMissing: (height, found, made) =>
    log.warn('providers hold coverages back: nothing is signed until they give all', {
      height,
      found,
      made,
    }),
});

function gossipEvents(
  { metrics, evidence }: Ground,
  log: Log,
): Pick<GossipDeps, 'onOutcome' | 'onReceived' | 'onEquivocation' | 'onFault'> {
  const count = () => metrics.evidence.set(evidence.size());
  const keep = async (found: Equivocation): Promise<void> => {
    await evidence.put(found);
    count();
  };
  count();
  return {
    onOutcome: (topic, outcome, code) => metrics.gossip.inc({ topic, outcome, code }),
    onReceived: (bytes) => {
      metrics.received.inc();
      metrics.receivedBytes.inc(bytes);
    },
    onEquivocation: (found) => {
      const offence = { offender: found.seat, epoch: found.epoch };
      log.warn('equivocation seen', offence);
      keep(found).catch((error: unknown) =>
        log.error('evidence not stored', { ...offence, code: reasonOf(error) }),
      );
    },
    onFault: (where, peer, error) =>
      log.debug('peer failed', { where, peer, code: reasonOf(error) }),
  };
}
