import type { Attestation, Certificate } from '../../protocol/types.ts';
import { createQueue } from '../lib/queue.ts';
import type { AttestationJudgement } from './attestation-judge.ts';
import type { CertificateJudgement } from './certificate-judge.ts';
import type { Channel, Code, OnOutcome, Outcome } from './outcome.ts';

/** Messages kept that a block not yet seen may explain, and how many blocks they are tried again. */
const HELD = 512;
const TRIES = 4;

/** What another honest watcher may know a block earlier. */
const early: ReadonlySet<Code> = new Set(['AHEAD', 'EPOCH', 'RULE']);

type Kind = 'attestation' | 'certificate';
type Message = Readonly<{ kind: Kind; bytes: Uint8Array; tries: number }>;

/** The way of every foreign message: judged, counted, and delivered when it is news. */
export type Channels = ReturnType<typeof createChannels>;

/** Two bounded queues behind the two judges. */
export function createChannels(
  judges: Readonly<{
    attestation(bytes: Uint8Array): Promise<AttestationJudgement>;
    certificate(bytes: Uint8Array): CertificateJudgement;
  }>,
  onOutcome: OnOutcome,
  capacity: number,
) {
  const attestations = createQueue<Attestation>(capacity, () =>
    onOutcome('attestation', 'ignore', 'OVERLOADED'),
  );
  const certificates = createQueue<Certificate>(capacity, () =>
    onOutcome('certificate', 'ignore', 'OVERLOADED'),
  );
  let held: Message[] = [];

  const judge = async (channel: Channel, message: Message): Promise<Outcome> => {
    const { outcome, code } = await deliver(message);
    onOutcome(channel, outcome, code);
    if (early.has(code) && message.tries < TRIES)
      held = [...held.slice(1 - HELD), { ...message, tries: message.tries + 1 }];
    return { outcome, code };
  };

  const deliver = async ({ kind, bytes }: Message): Promise<Outcome> => {
    if (kind === 'certificate') {
      const judgement = judges.certificate(bytes);
      if (judgement.certificate !== null) certificates.push(judgement.certificate);
      return judgement;
    }
    const judgement = await judges.attestation(bytes);
    if (judgement.attestation !== null) attestations.push(judgement.attestation);
    return judgement;
  };

  return {
    attestations,
    certificates,
    /** Copies the bytes: a view would keep the whole buffer of the connection alive. */
    judge: (channel: Channel, kind: Kind, bytes: Uint8Array) =>
      judge(channel, { kind, bytes: Uint8Array.from(bytes), tries: 0 }),
    /** Tries again what came too early; gossipsub would not show it a second time. */
    retry: async (): Promise<void> => {
      const again = held;
      held = [];
      await Promise.all(again.map((message) => judge(message.kind, message)));
    },
    close: () => {
      held = [];
      attestations.close();
      certificates.close();
    },
  };
}
