import { CERTIFICATE_AGE } from '../protocol/quorum.ts';
import type { Attestation, Certificate } from '../protocol/types.ts';
import { isRollCall } from '../protocol/roll-call.ts';
import { verdictDigest } from '../protocol/verdict.ts';
import { type Ground, openGround } from './ground.ts';
import { reasonOf } from './lib/chain.ts';
import { createBackground } from './lib/background.ts';
import { createClosers } from './lib/closers.ts';
import type { NodeConfig } from './lib/config.ts';
import { noteBlock } from './lib/metrics.ts';
import type { Abstention, BlockEvent, Fact, Finding, QuorumReached } from './lib/pipeline.ts';
import { clearRoll } from './roll-call/leaves.ts';
import { createTally, serve, type Tally } from './serving.ts';
import { openStages, type Stages } from './stages.ts';
import type { SubmissionState } from './store/certificates.ts';

/** Blocks behind the head after which nothing of a block can matter any more: no certificate of it is accepted. */
const MEMORY = 64n;

/** Findings on their way from proof to signature at once, of one coverage and in all: a proof takes as long as a provider likes. */
const SPEAKING = { perOwner: 32, inAll: 1024 } as const;

/** Longest that the rules of one block are judged, in milliseconds: costly coverages must not make a node fall behind. */
const JUDGE_MS = 800;

/** What must be shown of a finding before it is signed; null where nothing can be. */
type Proof = (() => Promise<Abstention | null>) | null;
type BlockSeen = Extract<BlockEvent, { kind: 'block' }>;
type Parts = Ground & Stages & Tally & Readonly<{ signal: AbortSignal }>;

/**
 * A watcher: the only place that knows the order of the stages. A start that fails closes what it had opened before it
 * throws; `stopped` resolves once everything is closed.
 */
export async function startNode(
  config: NodeConfig,
  signal: AbortSignal,
): Promise<{ stopped: Promise<void> }> {
  const closers = createClosers();
  const failed = new AbortController();
  const running: Promise<void>[] = [];
  const stop = async () => {
    failed.abort();
    await closers.close();
  };
  try {
    const both = AbortSignal.any([signal, failed.signal]);
    const ground = await openGround(config, closers);
    // Before the store closes, and after gossip has: the loops write until its queues end.
    closers.add(async () => void (await Promise.allSettled(running)));
    const stages = await openStages(config, ground, closers, both);
    const parts: Parts = { ...ground, ...stages, ...createTally(), signal: both };
    if (config.api !== null) closers.add((await serve(parts, config.api)).close);
    const pipeline = createPipeline(parts);
    running.push(
      pipeline.blocks(),
      pipeline.attestations(),
      pipeline.quorums(),
      pipeline.certificates(),
    );
    const end = async () => {
      try {
        await Promise.all(running);
      } finally {
        await stop();
        stages.log.info('stopped');
      }
    };
    return { stopped: end() };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

/** The loops of a node: blocks to attestations, attestations to certificates by ones or by sums, certificates to trips. */
function createPipeline(parts: Parts) {
  const { signal, domain, keyring, metrics, log, protection, recent, sightings, counts } = parts;
  const { observer, predicates, opinions, attester, gossip, aggregator, certificates } = parts;
  const { submitter, keeper, scrutiny, challenger, bookkeeper, tripper, booker, caller, abstain } =
    parts;

  let forgotten = 0n;
  /** Observation has started again: nothing connects the next block with those before. */
  let isAnew = false;
  const speaking = createBackground(SPEAKING);
  const telling = createBackground(SPEAKING);

  const offer = (certificate: Certificate, former?: SubmissionState) => {
    const { epoch, coverageId, ruleId } = certificate.verdict;
    const committee = recent.committeeOf(epoch);
    // A shadow rule is attested and certified; only an armed one is worth the registry's time.
    if (committee !== null && recent.ruleOf(coverageId, ruleId)?.phase === 'armed')
      submitter.offer(certificate, committee, former);
  };

  const certify = async (reached: QuorumReached | null, origin: 'own' | 'peer') => {
    if (reached === null || !aggregator.isNewest(reached)) return;
    const { digest, verdict, certificate, signed, total } = reached;
    await certificates.put(digest, certificate);
    if (isRollCall(verdict)) return tell(certificate, origin);
    counts.certificates++;
    metrics.certificates.inc({ origin });
    const ms = sightings.since(verdict.blockHash);
    if (ms !== null) metrics.blockToCertificate.observe(ms);
    log.info('certificate formed', { digest, height: verdict.height, origin, signed, total, ms });
    offer(certificate);
    await tell(certificate, origin);
  };

  const tell = async (certificate: Certificate, origin: 'own' | 'peer'): Promise<void> => {
    if (origin === 'peer') return;
    const publish = () => gossip.publishCertificate(certificate);
    if (!telling.begin(certificate.verdict.coverageId, publish)) await publish();
  };

  /** What is found goes on its way at once: no proof, and no later block, waits for another's proof. */
  const judge = async (fact: Fact): Promise<readonly (Finding | Abstention)[]> => {
    const found = await predicates.detect(fact);
    if (found === null) return [];
    say(found, () => observer.prove(fact));
    return [found];
  };

  const say = (found: Finding | Abstention, prove: Proof): void => {
    if ('code' in found) return abstain(found);
    const { block, covered } = found;
    if (!speaking.begin(covered.coverageId, () => speak(found, prove)))
      abstain({ ...covered, block, code: 'OVERLOADED' });
  };

  const speak = async (found: Finding, prove: Proof): Promise<void> => {
    const { block, covered, measure } = found;
    counts.findings++;
    metrics.findings.inc();
    log.info('finding', {
      ruleId: covered.ruleId,
      rule: covered.name,
      height: block.height,
      measure,
    });
    const refused = (await prove?.()) ?? null;
    if (refused !== null) return abstain(refused);
    const attestation = await attester.attest(found);
    if (attestation === null) return;
    tripper.offer(covered, block.height);
    scrutiny.trust(verdictDigest(domain, attestation.verdict));
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
    // A head that was invented must not go on refusing what is really signed for the first time.
    if (isAnew) await protection.start(block.height);
    isAnew = false;
    sightings.note(block.hash, event.seenAt);
    recent.add(state);
    // Decoded before they are needed: the first verdict waits for no key.
    for (const seat of state.committee?.seats ?? []) keyring.keyOf(seat);
    counts.blocks++;
    noteBlock(metrics, state);
    log.debug('block seen', { height: block.height, hash: block.hash });
    noteTrips(event);
    scrutiny.enter(event);
    aggregator.prune(block.height);
    for (const reached of aggregator.reconsider()) await certify(reached, 'own');
    // No block waits for signatures that came too early.
    void gossip.advance().catch((error: unknown) => {
      log.error('gossip failed', { code: reasonOf(error) });
    });
    const { facts, abstentions } = await observer.facts(state);
    const opined = opinions.begin(state, (found) => say(found, null));
    metrics.facts.inc(facts.length);
    for (const abstention of abstentions) abstain(abstention);
    const overloaded = ({ covered }: Fact): Abstention => {
      const { coverageId, ruleId } = covered;
      const abstention = { block, coverageId, ruleId, code: 'OVERLOADED' };
      abstain(abstention);
      return abstention;
    };
    const until = Date.now() + JUDGE_MS;
    const said: (Finding | Abstention)[] = [...abstentions];
    for (const fact of facts)
      if (Date.now() < until) said.push(...(await judge(fact)));
      else said.push(overloaded(fact));
    caller.begin({ state, facts, said, opined });
    for (const part of [speaking, telling, opinions, caller]) part.check();
  };

  /** It may never have been published, nor what it says tripped or booked. */
  const revive = async (attestation: Attestation, state: BlockSeen['state']): Promise<void> => {
    const { coverageId, ruleId, height } = attestation.verdict;
    const covered = recent.ruleOf(coverageId, ruleId);
    if (covered !== null) tripper.offer(covered, height);
    const roll = clearRoll(state, attestation.verdict);
    if (roll !== null) booker.offer(roll, attestation.verdict);
    await gossip.publishAttestation(attestation);
  };

  /** Before the first block is judged: what an earlier run may have left half done. */
  const resume = async ({ block, state }: BlockSeen): Promise<void> => {
    // What a lost data folder may have signed lies at or below the first block seen.
    await protection.start(block.height);
    recent.add(state);
    aggregator.restore(certificates.all().map(({ certificate }) => certificate));
    for (const attestation of await attester.resume(block.height - CERTIFICATE_AGE))
      await revive(attestation, state);
    for (const { certificate, state: former } of certificates.all()) {
      scrutiny.hear(certificate);
      offer(certificate, former);
    }
    recent.dropAbove(block.height - 1n);
    // The first facts are proven whether they fire or not: the way to a signature is walked once before it is needed.
    for (const fact of (await observer.facts(state)).facts) await observer.prove(fact);
    log.info('watching', { height: block.height, epoch: state.epoch, peer: gossip.peerId() });
  };

  const follow = async (event: BlockEvent): Promise<void> => {
    submitter.note(event);
    for (const lookout of [keeper, challenger, bookkeeper, tripper, booker])
      void lookout.note(event);
    switch (event.kind) {
      case 'block':
        return enter(event);
      case 'reorg':
        metrics.reorgs.inc();
        log.warn('reorg', { common: event.common?.height ?? null, dropped: event.dropped.length });
        if (event.common === null) [isAnew, forgotten] = [true, 0n];
        return recent.dropAbove(event.common?.height ?? -1n);
      case 'final': {
        const height = event.height - MEMORY;
        // Seldom: each time is a write, and the disk of a quiet node shall be quiet.
        if (height < forgotten + MEMORY) return;
        forgotten = height;
        await protection.prune(height);
        await certificates.prune(height);
      }
    }
  };

  return {
    blocks: async () => {
      try {
        for await (const event of observer.events(signal)) {
          if (event.kind === 'block' && counts.blocks === 0) await resume(event);
          await follow(event);
        }
      } finally {
        await opinions.settled();
        await speaking.settled();
        await caller.settled();
        await telling.settled();
      }
    },
    attestations: async () => {
      for await (const attestation of gossip.attestations)
        await certify(aggregator.add(attestation), 'own');
    },
    quorums: async () => {
      for await (const reached of parts.quorums) await certify(reached, 'own');
    },
    certificates: async () => {
      for await (const certificate of gossip.certificates) {
        scrutiny.hear(certificate);
        await certify(aggregator.addCertificate(certificate), 'peer');
      }
    },
  };
}
