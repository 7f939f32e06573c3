import type { Hex, PublicClient } from 'viem';
import { watchersAbi } from '../protocol/abi.ts';
import { loadFast } from '../protocol/bls-fast.ts';
import type { Domain } from '../protocol/types.ts';
import { keyDigest, verdictDigest } from '../protocol/verdict.ts';
import { createAggregator } from './aggregate/aggregator.ts';
import { createApi } from './api/server.ts';
import { createAttester } from './attest/attester.ts';
import { createDetector } from './detect/detector.ts';
import { createGossip } from './gossip/gossip.ts';
import { loadPeerKey } from './gossip/peer-key.ts';
import { unlockBls, unlockHot } from './keys/unlock.ts';
import { openChain, reasonOf } from './lib/chain.ts';
import type { NodeConfig } from './lib/config.ts';
import { readDeployment } from './lib/deployment.ts';
import { createLog, type Log } from './lib/log.ts';
import { createMetrics, createRegister } from './lib/metrics.ts';
import type { Abstention, BlockEvent, Fact, QuorumReached } from './lib/pipeline.ts';
import { createRecentStates } from './lib/recent-states.ts';
import { createSightings } from './lib/sightings.ts';
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

type Block = Extract<BlockEvent, { kind: 'block' }>;

/** A watcher: the only place that knows the order of the stages. `stopped` resolves once everything is closed. */
export async function startNode(config: NodeConfig, signal: AbortSignal): Promise<{ stopped: Promise<void> }> {
  const root = createLog({ level: config.logLevel, format: config.logFormat });
  const register = createRegister();
  const metrics = createMetrics(register);
  const deployment = await readDeployment(config.deployment, 'deployment');
  const { client } = await openChain(config.rpc, deployment.chainId);
  const domain: Domain = { chainId: BigInt(deployment.chainId), registry: deployment.registry };
  const bls = await unlockBls({ keystore: config.blsKeystore, passwordFile: config.blsPasswordFile });
  const account = await unlockHot({ keystore: config.hotKeystore, passwordFile: config.hotPasswordFile });
  const database = await openDatabase(config.dataDir);
  const protection = await openProtection(database, domain);
  const certificates = await openCertificates(database, domain);
  const fast = await loadFast();

  const recent = createRecentStates();
  const sightings = createSightings();
  const counts = { blocks: 0, findings: 0, attested: 0, certificates: 0, trips: 0 };

  // OBSERVE, DETECT
  const observer = createObserver(
    { rpc: config.rpc, deployment, anchors: openAnchors(database), onFault: (code) => metrics.rpc.inc({ code }) },
    { pollMs: config.pollMs },
  );
  const detector = createDetector({ codeOf: observer.codeOf });

  // ATTEST
  const attester = createAttester({
    domain,
    secretKey: bls.secret,
    protection,
    committeeOf: recent.committeeOf,
    onOutcome: (outcome) => metrics.verdicts.inc({ outcome }),
  });
  const seat = () => {
    const committee = recent.newest()?.committee ?? null;
    return attester.seatOf(committee);
  };
  const log: Log = withSeat(root, seat);

  // GOSSIP
  const gossip = await createGossip(
    {
      domain,
      fast,
      privateKey: await loadPeerKey(config.dataDir),
      seat: { keyHash: attester.keyHash, account },
      context: () => ({
        head: recent.newest()?.block.height ?? 0n,
        committees: recent.committees(),
        ruleOf: recent.ruleOf,
        isStruck: recent.isStruck,
      }),
      submitterOf: (keyHash) => submitterOf(client, deployment.watchers, keyHash),
      certificates: () => certificates.all().map(({ certificate }) => certificate),
      onOutcome: (topic, outcome, code) => metrics.gossip.inc({ topic, outcome, code }),
      onEquivocation: ({ seat: offender }) => log.warn('equivocation seen', { offender }),
      onFault: (where, peer, error) => log.debug('peer failed', { where, peer, code: reasonOf(error) }),
    },
    { listen: config.listen, peers: config.peers },
    signal,
  );

  // AGGREGATE, SUBMIT
  const aggregator = createAggregator({
    domain,
    committeeOf: recent.committeeOf,
    isStruck: recent.isStruck,
    onRefused: (digest, offender) => log.error('partial refused by the reference', { digest, offender }),
  });
  aggregator.restore(certificates.all().map(({ certificate }) => certificate));
  const sender = createSender({ client, account, chainId: deployment.chainId });
  const submitter = createSubmitter(
    {
      client,
      sender,
      domain,
      hub: deployment.hub,
      keyHash: attester.keyHash,
      log,
      metrics,
      record: certificates.setState,
    },
    { delayMs: config.submitDelayMs },
  );
  const keeper = createEpochKeeper({ client, sender, committee: deployment.committee, keyHash: attester.keyHash, log, metrics });

  const offer = ({ certificate, verdict }: QuorumReached) => {
    const committee = recent.committeeOf(verdict.epoch);
    // A shadow rule is attested and certified; only an armed one is worth the registry's time.
    const covered = recent.ruleOf(verdict.coverageId, verdict.ruleId);
    if (committee !== null && covered?.phase === 'armed') submitter.offer(certificate, committee);
  };

  const certify = async (reached: QuorumReached | null, origin: 'own' | 'peer') => {
    if (reached === null) return;
    const { digest, verdict, certificate, signed, total } = reached;
    if ((await certificates.put(digest, certificate)) === 'known') return;
    counts.certificates++;
    metrics.certificates.inc({ origin });
    const ms = sightings.since(verdict.blockHash);
    if (ms !== null) metrics.blockToCertificate.observe(ms);
    const message = origin === 'own' ? 'certificate formed' : 'certificate received';
    log.info(message, { digest, height: verdict.height, signed, total, ms });
    offer(reached);
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
    counts.findings++;
    metrics.findings.inc();
    const { block, covered, measure } = found;
    log.info('finding', { ruleId: covered.ruleId, rule: covered.name, height: block.height, measure });
    const refused = await observer.prove(fact);
    if (refused !== null) return abstain(refused);
    const attestation = await attester.attest(found);
    if (attestation === null) return;
    counts.attested++;
    const ms = sightings.since(block.hash);
    if (ms !== null) metrics.blockToAttestation.observe(ms);
    const digest = verdictDigest(domain, attestation.verdict);
    await gossip.publishAttestation(attestation);
    log.info('attestation sent', { digest, height: block.height, key: keyDigest(domain, attestation.verdict), ms });
  };

  const noteTrips = ({ block, trips }: Block) => {
    for (const trip of trips) {
      counts.trips++;
      metrics.trips.inc();
      const hash = certificates.get(trip.digest)?.certificate.verdict.blockHash;
      const ms = hash === undefined ? null : sightings.since(hash);
      if (ms !== null) metrics.blockToTrip.observe(ms);
      log.info('trip seen', { digest: trip.digest, height: block.height, rung: trip.rung, submitter: trip.submitter, ms });
    }
  };

  const enter = async (event: Block): Promise<void> => {
    const { block, state } = event;
    sightings.note(block.hash, event.seenAt);
    recent.add(state);
    counts.blocks++;
    metrics.blocks.inc();
    metrics.head.set(Number(block.height));
    metrics.epoch.set(Number(state.epoch));
    metrics.rules.set({ phase: 'armed' }, state.rules.filter(({ phase }) => phase === 'armed').length);
    metrics.rules.set({ phase: 'shadow' }, state.rules.filter(({ phase }) => phase === 'shadow').length);
    const { connected, seated } = gossip.peers();
    metrics.peers.set({ kind: 'connected' }, connected);
    metrics.peers.set({ kind: 'seated' }, seated);
    log.debug('block seen', { height: block.height, hash: block.hash });
    noteTrips(event);
    const { facts, abstentions } = await observer.facts(state);
    metrics.facts.inc(facts.length);
    for (const abstention of abstentions) abstain(abstention);
    for (const fact of facts) await judge(fact);
    await gossip.advance();
    aggregator.prune(block.height);
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

  const blocks = async () => {
    let started = false;
    for await (const event of observer.events(signal)) {
      if (event.kind === 'block' && !started) {
        started = true;
        // What a lost data folder may have signed lies at or below the first block seen.
        await protection.start(event.block.height);
        recent.add(event.state);
        for (const attestation of await attester.resume(event.block.height - MEMORY / 2n))
          await gossip.publishAttestation(attestation);
        for (const { certificate } of certificates.all()) {
          const committee = recent.committeeOf(certificate.verdict.epoch);
          if (committee !== null) submitter.offer(certificate, committee);
        }
        recent.dropAbove(event.block.height - 1n);
        log.info('watching', { height: event.block.height, epoch: event.state.epoch, peer: gossip.peerId() });
      }
      await follow(event);
    }
  };

  const attestations = async () => {
    for await (const attestation of gossip.attestations) await certify(aggregator.add(attestation), 'own');
  };
  const received = async () => {
    for await (const certificate of gossip.certificates) await certify(aggregator.addCertificate(certificate), 'peer');
  };

  const api =
    config.api === null
      ? null
      : await createApi(
          {
            register,
            status: () => {
              const newest = recent.newest();
              return {
                healthy: newest !== null && newest.committee !== null && (sightings.since(newest.block.hash) ?? 0) < 60_000,
                head: newest === null ? null : { height: newest.block.height, hash: newest.block.hash },
                epoch: newest?.epoch ?? 0n,
                seat: seat(),
                peers: gossip.peers(),
                rules: (newest?.rules ?? []).map(({ coverageId, ruleId, name, phase }) => ({ coverageId, ruleId, name, phase })),
                counts,
              };
            },
          },
          config.api,
        );

  const stopped = (async () => {
    try {
      await Promise.all([blocks(), attestations(), received()]);
    } finally {
      await api?.close();
      await submitter.close();
      await keeper.close();
      await gossip.close();
      await database.close();
      log.info('stopped', {});
    }
  })();
  return { stopped };
}

/** The submitter registered for the operator of a key. */
async function submitterOf(client: PublicClient, watchers: Hex, keyHash: Hex): Promise<Hex | null> {
  const read = { address: watchers, abi: watchersAbi } as const;
  const operator = await client.readContract({ ...read, functionName: 'operatorOfKey', args: [keyHash] });
  if (BigInt(operator) === 0n) return null;
  return (await client.readContract({ ...read, functionName: 'watcher', args: [operator] })).submitter;
}

/** A log whose lines carry the own seat; it changes with the roster. */
function withSeat(log: Log, seat: () => number | null): Log {
  const fields = (extra: object = {}) => ({ seat: seat(), ...extra });
  return {
    debug: (message, extra) => log.debug(message, fields(extra)),
    info: (message, extra) => log.info(message, fields(extra)),
    warn: (message, extra) => log.warn(message, fields(extra)),
    error: (message, extra) => log.error(message, fields(extra)),
    child: (extra) => withSeat(log.child(extra), seat),
  };
}
