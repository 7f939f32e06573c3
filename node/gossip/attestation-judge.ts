import type { Attestation, Domain, Seat } from '../../protocol/types.ts';
import { keyDigest, verdictDigest } from '../../protocol/verdict.ts';
import { ATTESTATION_BYTES, decodeAttestation } from '../../protocol/wire.ts';
import type { Equivocation } from '../lib/pipeline.ts';
import type { Context } from './context.ts';
import { checkVerdict, committeeOf, isOtherBlock } from './context.ts';
import { createAhead } from './ahead.ts';
import type { Outcome } from './outcome.ts';
import { accept, ignore, reject } from './outcome.ts';
import type { Heard, Recent } from './recent.ts';
import type { Strays } from './strays.ts';
import type { Verification } from './verification.ts';

/** An outcome, and the attestation when it is news to the aggregator. */
export type AttestationJudgement = Outcome & Readonly<{ attestation: Attestation | null }>;

/** What attestations are judged by. */
export type AttestationJudgeDeps = Readonly<{
  domain: Domain;
  context(): Context;
  recent: Recent;
  strays: Strays;
  verification: Pick<Verification, 'verify'>;
  onEquivocation(evidence: Equivocation): void;
}>;

/** Judges the bytes of an attestation a peer brought, cheap questions first and its signature last. */
export const createAttestationJudge = ({
  domain,
  context,
  recent,
  strays,
  verification,
  onEquivocation,
}: AttestationJudgeDeps) => {
  const ahead = createAhead();

  const judge = async (bytes: Uint8Array, peer: string): Promise<AttestationJudgement> => {
    if (bytes.length !== ATTESTATION_BYTES) return silent(reject('SIZE'));
    const decoded = decodeAttestation(bytes);
    if (!decoded.ok) return silent(reject(decoded.code === 'VERSION' ? 'VERSION' : 'DECODE'));
    const attestation = decoded.value;
    const { verdict, seat: index } = attestation;
    const now = context();
    const wrong = checkVerdict(domain, now, verdict);
    if (wrong !== null) return silent(wrong);
    const seat = committeeOf(now, verdict.epoch)?.seats[index];
    if (seat === undefined) return silent(reject('SEAT'));
    if (now.isStruck(verdict.epoch, index)) return silent(ignore('STRUCK'));

    const heard: Heard = {
      attestation,
      digest: verdictDigest(domain, verdict),
      keyDigest: keyDigest(domain, verdict),
    };
    const known = old(heard);
    if (known !== null) return silent(known);
    // What contradicts a verdict already heard is evidence, whatever block it speaks of.
    if (recent.relation(heard) === 'new' && isOtherBlock(now, verdict))
      return stray(heard, seat, peer);
    if (!ahead.may(now.head, peer, attestation)) return silent(ignore('AHEAD'));
    const valid = await verify(heard, seat, peer, recent.relation(heard) === 'new');
    if (valid === null) return silent(ignore('OVERLOADED'));
    return valid ? take(heard) : silent(reject('SIGNATURE'));
  };

  const verify = (
    { digest, attestation: { verdict, signature } }: Heard,
    seat: Seat,
    peer: string,
    isCounted: boolean,
  ): Promise<boolean | null> =>
    verification.verify({ verdict, digest, seat, signature, isCounted }, peer);

  const old = (heard: Heard): Outcome | null => {
    const relation = recent.relation(heard);
    if (relation === 'duplicate') return ignore('DUPLICATE');
    return relation === 'excess' ? ignore('TOO_MANY') : null;
  };

  /** Of a block this node does not know: no curve is asked unless the same seat spoke otherwise of it. */
  const stray = async (heard: Heard, seat: Seat, peer: string): Promise<AttestationJudgement> => {
    const rival = strays.rival(heard);
    strays.keep(heard);
    if (rival === null) return silent(ignore('OTHER_BLOCK'));
    const [valid, rivalValid] = await Promise.all([
      verify(heard, seat, peer, false),
      verify(rival, seat, peer, false),
    ]);
    if (valid === null || rivalValid === null) return silent(ignore('OVERLOADED'));
    for (const [each, isValid] of [
      [heard, valid],
      [rival, rivalValid],
    ] as const)
      if (!isValid) strays.drop(each);
    if (!valid) return silent(reject('SIGNATURE'));
    if (!rivalValid) return silent(ignore('OTHER_BLOCK'));
    if (recent.relation(rival) === 'new') recent.keep(rival);
    // A bound may have kept the rival out: then there is no pair, and this one alone is still a stray.
    return recent.relation(heard) === 'conflict' ? take(heard) : silent(ignore('TOO_MANY'));
  };

  /** Keeps what is verified. Asked again whether it is old: others were judged while this one waited. */
  const take = (heard: Heard): AttestationJudgement => {
    const { attestation } = heard;
    const known = old(heard);
    if (known !== null) return silent(known);
    const first = recent.keep(heard);
    if (first === null) return { ...accept, attestation };
    // Forwarded, so that every watcher holds the evidence, but it counts for nothing.
    const { verdict, seat } = attestation;
    onEquivocation({ epoch: verdict.epoch, seat, first, second: attestation });
    return silent({ outcome: 'accept', code: 'EQUIVOCATION' });
  };

  return judge;
};

const silent = (outcome: Outcome): AttestationJudgement => ({ ...outcome, attestation: null });
