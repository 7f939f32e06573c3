import type { Attestation, Domain } from '../../protocol/types.ts';
import { keyDigest, verdictDigest } from '../../protocol/verdict.ts';
import { ATTESTATION_BYTES, decodeAttestation } from '../../protocol/wire.ts';
import type { Equivocation } from '../lib/pipeline.ts';
import type { Context } from './context.ts';
import { checkVerdict, committeeOf } from './context.ts';
import type { Outcome } from './outcome.ts';
import { accept, ignore, reject } from './outcome.ts';
import type { Heard, Recent } from './recent.ts';
import type { Verification } from './verification.ts';

/** An outcome, and the attestation when it is news to the aggregator. */
export type AttestationJudgement = Outcome & Readonly<{ attestation: Attestation | null }>;

/** What attestations are judged by. */
export type AttestationJudgeDeps = Readonly<{
  domain: Domain;
  context(): Context;
  recent: Recent;
  verification: Pick<Verification, 'verify'>;
  onEquivocation(evidence: Equivocation): void;
}>;

/** Judges the bytes of an attestation, cheap questions first and its signature last. */
export const createAttestationJudge =
  ({ domain, context, recent, verification, onEquivocation }: AttestationJudgeDeps) =>
  async (bytes: Uint8Array): Promise<AttestationJudgement> => {
    const silent = (outcome: Outcome): AttestationJudgement => ({ ...outcome, attestation: null });
    if (bytes.length !== ATTESTATION_BYTES) return silent(reject('SIZE'));
    const decoded = decodeAttestation(bytes);
    if (!decoded.ok) return silent(reject(decoded.code === 'VERSION' ? 'VERSION' : 'DECODE'));
    const attestation = decoded.value;
    const { verdict, seat: index, signature } = attestation;
    const now = context();
    const wrong = checkVerdict(domain, now, verdict);
    if (wrong !== null) return silent(wrong);
    const seat = committeeOf(now, verdict.epoch)?.seats[index];
    if (seat === undefined) return silent(reject('SEAT'));
    if (now.isStruck(verdict.epoch, index)) return silent(ignore('STRUCK'));

    const digest = verdictDigest(domain, verdict);
    const heard: Heard = { attestation, digest, keyDigest: keyDigest(domain, verdict) };
    const before = recent.relation(heard);
    if (before === 'duplicate') return silent(ignore('DUPLICATE'));
    if (before === 'excess') return silent(ignore('TOO_MANY'));

    const valid = await verification.verify({ digest, seat, signature });
    if (valid === null) return silent(ignore('OVERLOADED'));
    if (!valid) return silent(reject('SIGNATURE'));

    // Asked again: others were judged while this one waited.
    const after = recent.relation(heard);
    if (after === 'duplicate') return silent(ignore('DUPLICATE'));
    if (after === 'excess') return silent(ignore('TOO_MANY'));
    const first = recent.keep(heard);
    if (first === null) return { ...accept, attestation };
    // Forwarded, so that every watcher holds the evidence, but it counts for nothing.
    onEquivocation({ epoch: verdict.epoch, seat: index, first, second: attestation });
    return { outcome: 'accept', code: 'EQUIVOCATION', attestation: null };
  };
