import { quorumRung, signedWeight, signersOf } from '../../protocol/certificate.ts';
import { hasQuorum } from '../../protocol/quorum.ts';
import type { Certificate, Committee, Domain } from '../../protocol/types.ts';
import { verdictDigest } from '../../protocol/verdict.ts';
import { decodeCertificate, MAX_CERTIFICATE_BYTES } from '../../protocol/wire.ts';
import { isFull, isOpinion } from '../lib/opinion.ts';
import type { Context } from './context.ts';
import { checkVerdict, committeeOf, isOtherBlock } from './context.ts';
import type { Outcome } from './outcome.ts';
import { accept, ignore, reject } from './outcome.ts';
import type { KnownCertificates } from './known-certificates.ts';
import type { Verification } from './verification.ts';

/** An outcome, and the certificate when it is news. */
export type CertificateJudgement = Outcome & Readonly<{ certificate: Certificate | null }>;

/** What certificates are judged by. */
export type CertificateJudgeDeps = Readonly<{
  domain: Domain;
  context(): Context;
  known: KnownCertificates;
  verification: Pick<Verification, 'verifyAggregate'>;
}>;

/**
 * Judges the bytes of a certificate, the pairing last; one certificate of a digest is enough while it carries. The
 * first that another brings of an own one is looked at too: it shows that nobody needs to be told.
 */
export const createCertificateJudge =
  ({ domain, context, known, verification }: CertificateJudgeDeps) =>
  (bytes: Uint8Array): CertificateJudgement => {
    const silent = (outcome: Outcome): CertificateJudgement => ({ ...outcome, certificate: null });
    if (bytes.length > MAX_CERTIFICATE_BYTES) return silent(reject('SIZE'));
    const decoded = decodeCertificate(bytes);
    if (!decoded.ok) return silent(reject(decoded.code === 'VERSION' ? 'VERSION' : 'DECODE'));
    const certificate = decoded.value;
    const { verdict, signature } = certificate;
    const now = context();
    const wrong = checkVerdict(domain, now, verdict);
    if (wrong !== null) return silent(wrong);
    if (isOtherBlock(now, verdict)) return silent(ignore('OTHER_BLOCK'));
    const committee = committeeOf(now, verdict.epoch);
    if (committee === null) return silent(ignore('EPOCH'));
    if (certificate.seatCount !== committee.seats.length) return silent(reject('SEAT'));
    if (verdict.rung > committee.maxRung) return silent(reject('RUNG'));
    const signed = signedWeight(committee, certificate);
    const rung = quorumRung(verdict, committee);
    if (!hasQuorum(rung, signed, committee.totalWeight)) return silent(reject('QUORUM'));
    if (!carries(now, committee, certificate)) return silent(ignore('STRUCK'));
    const digest = verdictDigest(domain, verdict);
    const isOld = !isNews(now, committee, certificate, known.get(digest));
    if (isOld && known.isAnnounced(digest)) return silent(ignore('DUPLICATE'));
    const seats = signersOf(certificate).map((index) => committee.seats[index]!);
    if (!verification.verifyAggregate(digest, seats, signature)) return silent(reject('SIGNATURE'));
    if (!isOld) known.keep(digest, certificate);
    known.announce(digest);
    return isOld ? silent(ignore('DUPLICATE')) : { ...accept, certificate };
  };

/** Whether a certificate is to be told behind a former one of its verdict. */
export const isNews = (
  now: Context,
  committee: Committee,
  certificate: Certificate,
  former: Certificate | null,
): boolean => {
  if (former === null || !carries(now, committee, former)) return true;
  const { coverageId, ruleId } = certificate.verdict;
  const isFullOf = (each: Certificate) => isFull(committee, counted(now, committee, each));
  // Of an opinion one of more than two thirds is news behind one of fewer.
  return isOpinion(now.ruleOf(coverageId, ruleId)) && isFullOf(certificate) && !isFullOf(former);
};

/** Whether the registry would take it: a struck seat counts for nothing there. */
const carries = (now: Context, committee: Committee, certificate: Certificate): boolean =>
  hasQuorum(
    quorumRung(certificate.verdict, committee),
    counted(now, committee, certificate),
    committee.totalWeight,
  );

const counted = (now: Context, committee: Committee, certificate: Certificate): bigint =>
  signedWeight(committee, certificate, (seat) => now.isStruck(committee.epoch, seat));
