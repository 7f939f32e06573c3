import type { Attestation, Certificate, Verdict } from '../../../../protocol/types.ts';
import { encodeAttestation, encodeCertificate } from '../../../../protocol/wire.ts';
import { aggregate } from '../../../../protocol/bls.ts';
import { createCertificate } from '../../../../protocol/certificate.ts';
import { loadFast } from '../../../../protocol/bls-fast.ts';
import { createAttestationJudge } from '../../../../node/gossip/attestation-judge.ts';
import { createCertificateJudge } from '../../../../node/gossip/certificate-judge.ts';
import type { Context } from '../../../../node/gossip/context.ts';
import { createKnownCertificates } from '../../../../node/gossip/known-certificates.ts';
import { createRecent } from '../../../../node/gossip/recent.ts';
import { createStrays } from '../../../../node/gossip/strays.ts';
import { createVerification } from '../../../../node/gossip/verification.ts';
import { createKeyring } from '../../../../node/lib/keyring.ts';
import type { Equivocation } from '../../../../node/lib/pipeline.ts';
import {
  attestationOf,
  blockAt,
  committeeOf,
  covered,
  domain,
  secretsOf,
  verdictAt,
} from './committee.ts';

/** The block at which the coverage is called. */
const CALLED = blockAt(100n).hash;

/** Secrets of the four seats. */
export const secrets = secretsOf(4);
const strong = committeeOf(secrets);
const weak = { ...committeeOf(secrets, undefined, 2n), maxRung: 1 };
const context = (changes: Partial<Context> = {}): Context => ({
  head: 100n,
  committees: [strong, weak],
  ruleOf: (coverage, rule) =>
    coverage === covered.coverageId && rule === covered.ruleId ? covered : null,
  isCalled: (coverage, block) => (coverage === covered.coverageId ? block === CALLED : null),
  isStruck: () => false,
  hashesAt: () => [],
  ...changes,
});
/** Verifies what the judges ask. */
export const keyring = createKeyring(await loadFast());

/** Both judges, and what they remember; `changes` are of the context. */
export const judges = (changes: Partial<Context> = {}) => {
  const [recent, known, evidence] = [
    createRecent(),
    createKnownCertificates(),
    [] as Equivocation[],
  ];
  const verification = createVerification(keyring, { windowMs: 1, batch: 32 });
  const now = () => context(changes);
  const judge = createAttestationJudge({
    domain,
    context: now,
    recent,
    strays: createStrays(),
    verification,
    onEquivocation: (found) => evidence.push(found),
  });
  return {
    recent,
    evidence,
    attestation: (bytes: Uint8Array, peer = 'peer') => judge(bytes, peer),
    certificate: createCertificateJudge({ domain, context: now, known, verification }),
  };
};

/** The bytes of what a seat says about a block. */
export const attestationBytes = (
  verdict: Partial<Verdict> = {},
  seat = 0,
  changes: Partial<Attestation> = {},
  height = 100n,
) => {
  const said = verdictAt(height, verdict);
  return encodeAttestation({ ...attestationOf(secrets, seat % 4, said), seat, ...changes });
};

/** One byte changed. */
export const put = (bytes: Uint8Array, at: number, value: number) =>
  Uint8Array.from(bytes, (byte, i) => (i === at ? value : byte));

/** The bytes of a certificate with the given signers. */
export const certificateBytes = (
  signers: readonly number[],
  verdict: Partial<Verdict> = {},
  changes: Partial<Certificate> = {},
) => {
  const said = verdictAt(100n, verdict);
  const signature = aggregate(signers.map((seat) => attestationOf(secrets, seat, said).signature));
  return encodeCertificate({
    ...createCertificate({ verdict: said, seatCount: 4, signers, signature }),
    ...changes,
  });
};
