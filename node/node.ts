import { loadFast } from '../protocol/bls-fast.ts';
import { CERTIFICATE_AGE } from '../protocol/quorum.ts';
import type { Certificate, Domain } from '../protocol/types.ts';
import { verdictDigest } from '../protocol/verdict.ts';
import { createAggregator } from './aggregate/aggregator.ts';
import { createApi } from './api/server.ts';
import { createAttester } from './attest/attester.ts';
import { checkBls } from './attest/self-check.ts';
import { createDetector } from './detect/detector.ts';
import { createGossip } from './gossip/gossip.ts';
import { loadPeerKey } from './gossip/peer-key.ts';
import { unlockBls, unlockHot } from './keys/unlock.ts';
import { openChain, reasonOf } from './lib/chain.ts';
import type { NodeConfig } from './lib/config.ts';
import { readDeployment } from './lib/deployment.ts';
import { createLog } from './lib/log.ts';
import { createMetrics, createRegister, noteBlock } from './lib/metrics.ts';
import type { Abstention, BlockEvent, Fact, QuorumReached } from './lib/pipeline.ts';
import { createRecentStates } from './lib/recent-states.ts';
import { withSeat } from './lib/seat-log.ts';
import { createSightings } from './lib/sightings.ts';
import { statusOf } from './lib/status.ts';
import { submitterOf } from './lib/submitter-of.ts';
import { createObserver } from './observe/observer.ts';
import { openAnchors } from './store/anchors.ts';
import { openCertificates } from './store/certificates.ts';
import { openDatabase } from './store/database.ts';
import { openProtection } from './store/protection.ts';
import { createEpochKeeper } from './submit/epoch-keeper.ts';
import { createSender } from './submit/sender.ts';
import { createSubmitter } from './submit/submitter.ts';

/** Blocks behind the head after which nothing of a block can matter any more: no certificate of it is accepted. */
const MEMORY = 64n;

type BlockSeen = Extract<BlockEvent, { kind: 'block' }>;

/** A watcher: the only place that knows the order of the stages. `stopped` resolves once everything is closed. */
export async function startNode(
  config: NodeConfig,
  signal: AbortSignal,
): Promise<{ stopped: Promise<void> }> {
  const failed = new AbortController();
  const parts = await open(config, AbortSignal.any([signal, failed.signal]));
  const pipeline = createPipeline(parts);
  const api =
    config.api === null
      ? null
      : await createApi(
          { register: parts.register, status: () => statusOf(stateOf(parts), parts.counts) },
          config.api,
        );
  const running = [pipeline.blocks(), pipeline.attestations(), pipeline.certificates()];
  const stopped = (async () => {
    try {
      await Promise.all(running);
    } finally {
      failed.abort();
      await api?.close();
      await parts.submitter.close();
      await parts.keeper.close();
      await parts.gossip.close();
      await Promise.allSettled(running);
      await parts.database.close();
      parts.log.info('stopped');
    }
  })();
  return { stopped };
}

type Parts = Awaited<ReturnType<typeof open>>;

function stateOf({ recent, sightings, attester, gossip }: Parts) {
  const newest = recent.newest();
  const age = newest === null ? null : sightings.since(newest.block.hash);
  return { newest, age, seat: attester.seatOf(newest?.committee ?? null), peers: gossip.peers() };
}

/** Opens everything in the order in which it is needed. */
async function open(config: NodeConfig, signal: AbortSignal) {
  const register = createRegister();
  const metrics = createMetrics(register);
  const deployment = await readDeployment(config.deployment, 'deployment');
  const { client } = await openChain(config.rpc, deployment.chainId);
  const domain: Domain = { chainId: BigInt(deployment.chainId), registry: deployment.registry };
  const bls = await unlockBls({
    keystore: config.blsKeystore,
    passwordFile: config.blsPasswordFile,
  });
  const account = await unlockHot({
    keystore: config.hotKeystore,
    passwordFile: config.hotPasswordFile,
  });
  const database = await openDatabase(config.dataDir);
  const protection = await openProtection(database, domain);
  const certificates = await openCertificates(database, domain);
  const fast = await loadFast();
  checkBls(fast);
  const recent = createRecentStates();
  const { committeeOf, isStruck, ruleOf } = recent;

  const attester = createAttester({
    domain,
    secretKey: bls.secret,
    protection,
    committeeOf,
    onOutcome: (outcome) => metrics.verdicts.inc({ outcome }),
  });
  const { keyHash } = attester;
  const log = withSeat(createLog({ level: config.logLevel, format: config.logFormat }), () =>
    attester.seatOf(recent.newest()?.committee ?? null),
  );

  const observer = createObserver(
    {
      rpc: config.rpc,
      deployment,
      anchors: openAnchors(database),
      onFault: (code) => {
        metrics.rpc.inc({ code });
        log.debug('provider failed', { code });
      },
      onIgnored: (coverageId, code) => log.warn('coverage ignored', { coverageId, code }),
    },
    { pollMs: config.pollMs },
  );
  const gossip = await createGossip(
    {
      domain,
      fast,
      privateKey: await loadPeerKey(config.dataDir),
      seat: { keyHash, account },
      context: () => ({
        head: recent.newest()?.block.height ?? 0n,
        committees: recent.committees(),
        ruleOf,
        isStruck,
      }),
      submitterOf: (holder) => submitterOf(client, deployment.watchers, holder),
      certificates: () => certificates.all().map(({ certificate }) => certificate),
      onOutcome: (topic, outcome, code) => metrics.gossip.inc({ topic, outcome, code }),
      onEquivocation: (evidence) => log.warn('equivocation seen', { offender: evidence.seat }),
      onFault: (where, peer, error) =>
        log.debug('peer failed', { where, peer, code: reasonOf(error) }),
    },
    { listen: config.listen, peers: config.peers },
    signal,
  );
  const aggregator = createAggregator({
    domain,
    committeeOf,
    isStruck,
    onRefused: (digest, offender) =>
      log.error('partial refused by the reference', { digest, offender }),
  });
  const sender = createSender({ client, account, chainId: deployment.chainId });
  const acting = { client, sender, keyHash, log, metrics };
  const submitter = createSubmitter(
    { ...acting, domain, hub: deployment.hub, record: certificates.setState },
    { delayMs: config.submitDelayMs },
  );
  return {
    signal,
    domain,
    register,
    metrics,
    log,
    database,
    protection,
    certificates,
    recent,
    observer,
    attester,
    gossip,
    aggregator,
    submitter,
    detector: createDetector({ codeOf: observer.codeOf }),
    keeper: createEpochKeeper({ ...acting, committee: deployment.committee }),
    sightings: createSightings(),
    counts: { blocks: 0, findings: 0, attested: 0, certificates: 0, trips: 0 },
  };
}

/** The three loops of a node: blocks to attestations, attestations to certificates, certificates to trips. */
function createPipeline(parts: Parts) {
  const { signal, domain, metrics, log, protection, recent, sightings, counts } = parts;
  const { observer, detector, attester, gossip, aggregator, submitter, keeper, certificates } =
    parts;

  const offer = (certificate: Certificate) => {
    const { epoch, coverageId, ruleId } = certificate.verdict;
    const committee = recent.committeeOf(epoch);
    // A shadow rule is attested and certified; only an armed one is worth the registry's time.
    if (committee !== null && recent.ruleOf(coverageId, ruleId)?.phase === 'armed')
      submitter.offer(certificate, committee);
  };

  const certify = async (reached: QuorumReached | null, origin: 'own' | 'peer') => {
    if (reached === null) return;
    const { digest, verdict, certificate, signed, total } = reached;
    if ((await certificates.put(digest, certificate)) === 'known') return;
    counts.certificates++;
    metrics.certificates.inc({ origin });
    const ms = sightings.since(verdict.blockHash);
    if (ms !== null) metrics.blockToCertificate.observe(ms);
    log.info('certificate formed', { digest, height: verdict.height, origin, signed, total, ms });
    offer(certificate);
    if (origin === 'own') await gossip.publishCertificate(certificate);
  };

  const abstain = ({ block, ruleId, code }: Abstention) => {
    metrics.abstentions.inc({ code });
    log.debug('abstained', { height: block.height, ruleId, code });
  };

  const judge = async (fact: Fact): Promise<void> => {
    const found = await detector.detect(fact);
    if (found === null) return;
    if ('code' in found) return abstain(found);
    const { block, covered, measure } = found;
    counts.findings++;
    metrics.findings.inc();
    log.info('finding', {
      ruleId: covered.ruleId,
      rule: covered.name,
      height: block.height,
      measure,
    });
    const refused = await observer.prove(fact);
    if (refused !== null) return abstain(refused);
    const attestation = await attester.attest(found);
    if (attestation === null) return;
    counts.attested++;
    const ms = sightings.since(block.hash);
    if (ms !== null) metrics.blockToAttestation.observe(ms);
    await gossip.publishAttestation(attestation);
    log.info('attestation sent', {
      digest: verdictDigest(domain, attestation.verdict),
      height: block.height,
      ms,
    });
  };

  const noteTrips = ({ block, trips }: BlockSeen) => {
    for (const { digest, rung, submitter: by, transaction } of trips) {
      counts.trips++;
      metrics.trips.inc();
      const hash = certificates.get(digest)?.certificate.verdict.blockHash;
      const ms = hash === undefined ? null : sightings.since(hash);
      if (ms !== null) metrics.blockToTrip.observe(ms);
      log.info('trip seen', { digest, height: block.height, rung, submitter: by, transaction, ms });
    }
  };

  const enter = async (event: BlockSeen): Promise<void> => {
    const { block, state } = event;
    sightings.note(block.hash, event.seenAt);
    recent.add(state);
    counts.blocks++;
    noteBlock(metrics, state, gossip.peers());
    log.debug('block seen', { height: block.height, hash: block.hash });
    noteTrips(event);
    await gossip.advance();
    aggregator.prune(block.height);
    const { facts, abstentions } = await observer.facts(state);
    metrics.facts.inc(facts.length);
    for (const abstention of abstentions) abstain(abstention);
    for (const fact of facts) await judge(fact);
  };

  /** Before the first block is judged: what an earlier run may have left half done. */
  const resume = async ({ block, state }: BlockSeen): Promise<void> => {
    // What a lost data folder may have signed lies at or below the first block seen.
    await protection.start(block.height);
    recent.add(state);
    aggregator.restore(certificates.all().map(({ certificate }) => certificate));
    for (const attestation of await attester.resume(block.height - CERTIFICATE_AGE))
      await gossip.publishAttestation(attestation);
    for (const { certificate } of certificates.all()) offer(certificate);
    recent.dropAbove(block.height - 1n);
    // The first facts are proven whether they fire or not: the way to a signature is walked once before it is needed.
    for (const fact of (await observer.facts(state)).facts) await observer.prove(fact);
    log.info('watching', { height: block.height, epoch: state.epoch, peer: gossip.peerId() });
  };

  const follow = async (event: BlockEvent): Promise<void> => {
    submitter.note(event);
    keeper.note(event);
    switch (event.kind) {
      case 'block':
        return enter(event);
      case 'reorg':
        metrics.reorgs.inc();
        log.warn('reorg', { common: event.common.height, dropped: event.dropped.length });
        return recent.dropAbove(event.common.height);
      case 'final': {
        const height = event.height - MEMORY;
        if (height <= 0n) return;
        await protection.prune(height);
        await certificates.prune(height);
      }
    }
  };

  return {
    blocks: async () => {
      for await (const event of observer.events(signal)) {
        if (event.kind === 'block' && counts.blocks === 0) await resume(event);
        await follow(event);
      }
    },
    attestations: async () => {
      for await (const attestation of gossip.attestations)
        await certify(aggregator.add(attestation), 'own');
    },
    certificates: async () => {
      for await (const certificate of gossip.certificates)
        await certify(aggregator.addCertificate(certificate), 'peer');
    },
  };
}
