import { TopicValidatorResult } from '@chainsafe/libp2p-gossipsub';
import type { PrivateKey } from '@libp2p/interface';
import type { Hex } from 'viem';
import type { Attestation, Certificate, Domain, Seat, Verdict } from '../../protocol/types.ts';
import { keyDigest, verdictDigest } from '../../protocol/verdict.ts';
import type { Keyring } from '../lib/keyring.ts';
import { type OwnKeys, ownSeat } from '../lib/own-keys.ts';
import type { Equivocation } from '../lib/pipeline.ts';
import { createSubmitters } from '../lib/submitter-of.ts';
import { createAnnouncing } from './announcing.ts';
import { createAttestationJudge } from './attestation-judge.ts';
import { createBindings } from './bindings.ts';
import { createCertificateJudge } from './certificate-judge.ts';
import { createChannels, isEarly, ORPHANS } from './channels.ts';
import type { Context } from './context.ts';
import { committeeOf, hasSeat, keyToShow, mayHaveSeat } from './context.ts';
import { keepDialling } from './dial.ts';
import type { OwnSeat } from './handshake.ts';
import { createHost } from './host.ts';
import { createKnownCertificates } from './known-certificates.ts';
import type { OnOutcome } from './outcome.ts';
import { forget, isGraylisted, publishAgain, pubsub, tell } from './pubsub.ts';
import { createRecent } from './recent.ts';
import { openSessions } from './sessions.ts';
import { createStrays } from './strays.ts';
import { createTelling, FIRST } from './telling.ts';
import { topicsOf } from './topics.ts';
import { type Claim, createVerification } from './verification.ts';

/** What gossip stands on. */
export type GossipDeps = Readonly<{
  domain: Domain;
  keyring: Keyring;
  privateKey: PrivateKey;
  /** Null for an observer: it hears seats, and no seat hears it. */
  seat: OwnSeat | null;
  /** Asked for each message; what it says of a roster that passed is remembered by nobody here. */
  context(): Context;
  submitterOf(keyHash: Hex): Promise<Hex | null>;
  /** Certificates kept from before this start that are not final. */
  certificates(): readonly Certificate[];
  /** What is counted already, so that signatures are looked at when they matter. */
  tally?: Readonly<{
    wouldCarry(verdict: Verdict, digest: Hex, seats: readonly Seat[]): boolean;
    /** Makes a certificate of what is counted and of these, if their sum is one. */
    carry(verdict: Verdict, digest: Hex, claims: readonly Claim[]): boolean;
    isCarried(verdict: Verdict, digest: Hex): boolean;
  }>;
  /** The keys of all seats in the order in which they act on a verdict; none where the roster is not known. */
  orderOf?(verdict: Verdict, digest: Hex): readonly Hex[];
  onOutcome?: OnOutcome;
  /** Told of each message that comes, repeats included, and of its bytes. */
  onReceived?(bytes: number): void;
  onEquivocation?(evidence: Equivocation): void;
  onFault?(where: string, peer: string, error: unknown): void;
}>;

/** Multiaddrs and bounds. */
export type GossipOptions = Readonly<{
  listen: string;
  peers: readonly string[];
  /** Items of each queue before the oldest gives way. */
  capacity?: number;
  /** Connections of peers without a seat kept at once; above, the oldest go. */
  strangers?: number;
  /** Milliseconds signatures are gathered for. */
  windowMs?: number;
}>;

/** Attestations of one verdict come within tens of milliseconds, and each check of some of them costs six. */
const GATHER_MS = 500;
/** Those that come after its certificate are only kept. */
const LATE_MS = 400;

/** What a node leaves to the seats before it, once it has heard enough: it was told since those had not acted. */
const LEAVE_MS = 150;
/** Each seat behind the first leaves it so much longer to those before to make a certificate and to tell of it. */
const STEP_MS = 50;

const patience = (behind: number, ms: number): number =>
  behind === 0 ? 0 : ms + Math.min(behind * STEP_MS, LATE_MS);

/** The watchers' common room. */
export type Gossip = Awaited<ReturnType<typeof createGossip>>;

/** Joins the other watchers; one reader for each of the two queues. */
export async function createGossip(deps: GossipDeps, options: GossipOptions, signal: AbortSignal) {
  const { domain, context } = deps;
  const onOutcome: OnOutcome = deps.onOutcome ?? (() => undefined);
  const onFault = deps.onFault ?? (() => undefined);
  const topics = topicsOf(domain);
  const stop = new AbortController();
  const signals = AbortSignal.any([signal, stop.signal]);

  const recent = createRecent();
  const strays = createStrays();
  const known = createKnownCertificates();
  const bindings = createBindings((keyHash) => hasSeat(context(), keyHash));
  const own: OwnKeys = deps.seat?.own ?? new Set();
  const orderOf = (verdict: Verdict, digest: Hex) => deps.orderOf?.(verdict, digest) ?? [];
  /** How many seats too many go before this node's own. */
  const behind = (verdict: Verdict, digest: Hex): number => {
    const order = orderOf(verdict, digest);
    const turn = order.findIndex((keyHash) => own.has(keyHash));
    return Math.max(0, (turn < 0 ? order.length : turn) + 1 - FIRST);
  };
  const isCarried = (verdict: Verdict, digest: Hex): boolean =>
    deps.tally?.isCarried(verdict, digest) ?? false;
  const isEnough = (claims: readonly Claim[]): boolean => {
    const [first] = claims;
    const seats = claims.map(({ seat }) => seat);
    return (
      first !== undefined && (deps.tally?.wouldCarry(first.verdict, first.digest, seats) ?? false)
    );
  };
  const verification = createVerification(deps.keyring, {
    windowMs: options.windowMs ?? GATHER_MS,
    lateMs: LATE_MS,
    isLate: ({ verdict, digest }) => isCarried(verdict, digest),
    isEnough,
    carry: (claims) => deps.tally?.carry(claims[0]!.verdict, claims[0]!.digest, claims) ?? false,
    patience: ({ verdict, digest }) => patience(behind(verdict, digest), LEAVE_MS),
    batch: 32,
    isHeard: (peer) => isHeard(peer),
  });
  const onEquivocation = deps.onEquivocation ?? (() => undefined);
  const channels = createChannels(
    {
      attestation: createAttestationJudge({
        domain,
        context,
        recent,
        strays,
        verification,
        onEquivocation: (found) => {
          onEquivocation(found);
          void telling.reveal(found.first).catch((error: unknown) => onFault('telling', '', error));
        },
      }),
      certificate: createCertificateJudge({ domain, context, known, verification }),
    },
    onOutcome,
    { isHeard: (peer) => isHeard(peer), blame: bindings.blame, strike: bindings.strike },
    options.capacity ?? 8192,
  );
  const strangers = (messages: number) => {
    for (let i = 0; i < messages; i++) onOutcome('attestation', 'ignore', 'STRANGER');
  };
  const host = await createHost(
    deps.privateKey,
    options.listen,
    pubsub(topics, bindings, strangers, deps.onReceived),
  );
  const gossipsub = host.services.pubsub;
  const isHeard = (peer: string) =>
    peer === ORPHANS || (bindings.isHeard(peer) && !isGraylisted(gossipsub, peer));

  /** Bytes as they are; the actors of a devnet lie with it. */
  const publishBytes = async (kind: keyof typeof topics, bytes: Uint8Array): Promise<void> => {
    await gossipsub.publish(topics[kind], bytes);
  };
  const telling = createTelling(
    {
      head: () => context().head,
      orderOf,
      isCarried,
      tell: (bytes, keys) =>
        tell(gossipsub, topics.attestation, bytes, keys.flatMap(bindings.peersOf)),
      publish: (bytes) => publishAgain(gossipsub, topics.attestation, bytes),
      onFault: (error) => onFault('telling', '', error),
    },
    signals,
  );
  const mayPass = (attestation: Attestation, peer: string): Promise<boolean> => {
    const { verdict, seat } = attestation;
    const committee = committeeOf(context(), verdict.epoch);
    const signer = committee?.seats[seat]?.keyHash;
    const isOfSigner = bindings.keyHashOf(peer) === signer;
    const digest = verdictDigest(domain, verdict);
    const hearer = ownSeat(committee, own)?.keyHash ?? null;
    return telling.mayPass(attestation, digest, hearer, isOfSigner);
  };

  for (const kind of ['attestation', 'certificate'] as const) {
    gossipsub.topicValidators.set(topics[kind], async (from, { data }) => {
      const peer = from.toString();
      try {
        const judged = await channels.judge(kind, kind, data, peer);
        if (isEarly(judged)) forget(gossipsub, topics[kind], data);
        const { outcome, attestation = null } = judged;
        const isPassed = attestation === null || (await mayPass(attestation, peer));
        return isPassed ? verdicts[outcome] : TopicValidatorResult.Ignore;
      } catch (error) {
        onFault('validator', peer, error);
        return TopicValidatorResult.Ignore;
      }
    });
    gossipsub.subscribe(topics[kind]);
  }

  const announcing = createAnnouncing(
    {
      domain,
      context,
      known,
      kept: deps.certificates,
      patience: (verdict, digest) => patience(behind(verdict, digest), LATE_MS),
      publish: (bytes) => publishBytes('certificate', bytes),
    },
    signals,
  );
  const submitters = createSubmitters(deps.submitterOf);
  const handshake = {
    domain,
    self: host.peerId.toString(),
    account: deps.seat?.account ?? null,
    keyHash: () => keyToShow(context(), own),
    submitterOf: submitters.submitterOf,
    mayHaveSeat: (keyHash: Hex) => mayHaveSeat(context(), keyHash),
  };
  const most = options.strangers ?? 64;
  const source = { attestations: recent.since, certificates: announcing.all };
  const sessions = await openSessions(
    { host, bindings, channels, handshake, source, strangers: most, context, onOutcome, onFault },
    signals,
  ).catch(async (error: unknown) => {
    await host.stop();
    throw error;
  });
  const dialling = keepDialling(host, options.peers, signals, (address, error) => {
    if (error !== null) onFault('dial', address, error);
  });

  /** Own attestations come out of `attestations` as well: gossipsub shows nobody its own messages. */
  const publishAttestation = async (attestation: Attestation): Promise<void> => {
    const { verdict } = attestation;
    const heard = {
      attestation,
      digest: verdictDigest(domain, verdict),
      keyDigest: keyDigest(domain, verdict),
    };
    if (recent.relation(heard) === 'new') {
      recent.keep(heard);
      channels.attestations.push(attestation);
    }
    await telling.say(attestation, heard.digest);
  };

  /** To be called at each new block, which shall not wait for it: judges again what came too early, forgets what is too old. */
  const advance = async (): Promise<void> => {
    const { head } = context();
    recent.prune(head);
    strays.prune(head);
    known.prune(head);
    submitters.forget();
    await telling.advance();
    void sessions.advance().catch((error: unknown) => onFault('catchup', '', error));
    await channels.retry();
  };

  let closing: Promise<void> | null = null;
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      stop.abort();
      await dialling;
      await host.stop();
      channels.close();
    })());
  signal.addEventListener(
    'abort',
    () => void close().catch((error: unknown) => onFault('close', '', error)),
    { once: true },
  );

  return {
    publishAttestation,
    publishCertificate: announcing.say,
    publishBytes,
    advance,
    attestations: channels.attestations as AsyncIterable<Attestation>,
    certificates: channels.certificates as AsyncIterable<Certificate>,
    /** Peers with a connection, seats among them that proved themselves, and peers that take our attestations. */
    peers: () => ({
      connected: host.getPeers().length,
      seated: bindings.seated().length,
      subscribed: gossipsub.getSubscribers(topics.attestation).length,
    }),
    peerId: () => host.peerId.toString(),
    addresses: (): readonly string[] => host.getMultiaddrs().map(String),
    /** Attestations and signatures held in memory. */
    load: () => ({ remembered: recent.size(), unverified: verification.pending() }),
    close,
  };
}

const verdicts = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
};
