import { bytesToHex } from 'viem';
import type { Attestation, Certificate } from '../../protocol/types.ts';
import { createQueue } from '../lib/queue.ts';
import type { AttestationJudgement } from './attestation-judge.ts';
import type { CertificateJudgement } from './certificate-judge.ts';
import { createHeld } from './held.ts';
import type { Channel, Code, OnOutcome, Outcome } from './outcome.ts';
import { ignore } from './outcome.ts';

/** Blocks after which a message that a block not yet seen may explain is tried no more. */
const TRIES = 4;

/** What another honest watcher may know a block earlier, and what nobody had time for. */
const early: ReadonlySet<Code> = new Set(['AHEAD', 'EPOCH', 'RULE', 'OTHER_BLOCK', 'OVERLOADED']);

/** Whether a message is held until later. It is held under the name of who brought it, and must be heard of others too. */
export const isEarly = ({ code }: Outcome): boolean => early.has(code);

const unheard = ignore('STRANGER');

/**
 * Bears what gossipsub took of a peer that has left or lied since: it shows no other copy. Nobody is blamed for it, and
 * all of it has the room of one peer.
 */
export const ORPHANS = 'orphans';

type Kind = 'attestation' | 'certificate';

/** What messages do to the name of who brings them. */
export type Reputation = Readonly<{
  isHeard(peer: string): boolean;
  /** A false signature. */
  blame(peer: string): void;
  /** A held message proved false: gossipsub and catch-up have answered for it long ago. */
  strike(peer: string): void;
}>;

/** An outcome, and the attestation when it is news. */
type Judgement = Outcome & Readonly<{ attestation?: Attestation | null }>;
type Message = Readonly<{ kind: Kind; bytes: Uint8Array; peer: string; tries: number }>;

/** The way of every foreign message: judged, counted, and delivered when it is news. */
export type Channels = ReturnType<typeof createChannels>;

/** Two bounded queues behind the two judges. */
export function createChannels(
  judges: Readonly<{
    attestation(bytes: Uint8Array, peer: string): Promise<AttestationJudgement>;
    certificate(bytes: Uint8Array): CertificateJudgement;
  }>,
  onOutcome: OnOutcome,
  reputation: Reputation,
  capacity: number,
) {
  const attestations = createQueue<Attestation>(capacity, () =>
    onOutcome('attestation', 'ignore', 'OVERLOADED'),
  );
  const certificates = createQueue<Certificate>(capacity, () =>
    onOutcome('certificate', 'ignore', 'OVERLOADED'),
  );
  const held = createHeld<Message>();

  const judge = async (channel: Channel, message: Message): Promise<Judgement> => {
    const isLost = channel !== 'catchup' && !reputation.isHeard(message.peer);
    const peer = isLost ? ORPHANS : message.peer;
    const judged = reputation.isHeard(peer) ? await deliver({ ...message, peer }) : unheard;
    onOutcome(channel, judged.outcome, judged.code);
    if (judged.code === 'SIGNATURE') reputation.blame(peer);
    if (isEarly(judged) && message.tries < TRIES)
      held.add({ ...message, peer, tries: message.tries + 1 });
    return judged;
  };

  const deliver = async ({ kind, bytes, peer }: Message): Promise<Judgement> => {
    if (kind === 'certificate') {
      const judgement = judges.certificate(bytes);
      if (judgement.certificate !== null) certificates.push(judgement.certificate);
      return judgement;
    }
    const judgement = await judges.attestation(bytes, peer);
    if (judgement.attestation !== null) attestations.push(judgement.attestation);
    return judgement;
  };

  /** One of the copies that several brought is enough: what is false of one is false of all. */
  const again = async (copies: readonly Message[]): Promise<void> => {
    for (const [index, message] of copies.entries()) {
      const { outcome, code } = await judge(message.kind, message);
      if (outcome === 'accept') return;
      if (outcome === 'ignore') continue;
      for (const { peer } of copies) reputation.strike(peer);
      for (const { peer } of copies.slice(index + 1))
        if (code === 'SIGNATURE') reputation.blame(peer);
      return;
    }
  };

  return {
    attestations,
    certificates,
    /** Copies the bytes: a view would keep the whole buffer of the connection alive. */
    judge: (channel: Channel, kind: Kind, bytes: Uint8Array, peer: string) =>
      judge(channel, { kind, bytes: Uint8Array.from(bytes), peer, tries: 0 }),
    /** Tries again what came too early. */
    retry: async (): Promise<void> => {
      const copies = Map.groupBy(held.take(), ({ kind, bytes }) => `${kind}${bytesToHex(bytes)}`);
      await Promise.all([...copies.values()].map(again));
    },
    close: () => {
      held.take();
      attestations.close();
      certificates.close();
    },
  };
}
