import { encodeAbiParameters, encodeFunctionData, getAbiItem, type Hex } from 'viem';
import {
  equivocationJudgeAbi,
  falseClaimJudgeAbi,
  falseSilenceJudgeAbi,
  nonSequiturJudgeAbi,
} from './abi.ts';
import { createCertificate, evmCertificate } from './certificate.ts';
import type { IncidentRecord } from './incident.ts';
import type { Leaf } from './roll-call.ts';
import type { Attestation, Certificate, Rule, Verdict } from './types.ts';
import { evmRule } from './verdict.ts';

/** What the judge of equivocation takes: the arguments of its comparison but the registry. */
const [, ...COMPARED] = getAbiItem({ abi: equivocationJudgeAbi, name: 'compare' }).inputs;

/** Evidence that the seat of both attestations contradicts itself; `seatCount` is that of their roster. */
export const equivocationEvidence = (
  first: Attestation,
  second: Attestation,
  seatCount: number,
): Hex =>
  encodeAbiParameters(COMPARED, [
    ...evmCertificate(signedAlone(first, seatCount)),
    ...evmCertificate(signedAlone(second, seatCount)),
  ]);

/** A certificate of one seat. */
export const signedAlone = (
  { verdict, seat, signature }: Attestation,
  seatCount: number,
): Certificate => createCertificate({ verdict, seatCount, signers: [seat], signature });

/** The incident that a verdict made: the running hash before it, its record, and those that have followed it. */
export type Landed = Readonly<{
  previous: Hex;
  record: IncidentRecord;
  trail: readonly IncidentRecord[];
}>;

/** Whose word a verdict is: a certificate of it, or the incident that it made. */
export type Vouched =
  | Readonly<{ kind: 'certificate'; certificate: Certificate }>
  | Readonly<{ kind: 'incident'; verdict: Verdict; landed: Landed }>;

/** Evidence that a verdict of class A claims other values than those that `proof` shows. */
export const falseClaimEvidence = (
  registry: Hex,
  vouched: Vouched,
  rule: Rule,
  proof: Hex,
): Hex => {
  const verdict = verdictOf(vouched);
  const said = [registry, occasionOf(verdict), verdict.claimsRoot] as const;
  const shown = [evmRule(rule), proof] as const;
  return vouched.kind === 'incident'
    ? encodeFunctionData({
        abi: falseClaimJudgeAbi,
        functionName: 'ofIncident',
        args: [...said, evmLanded(vouched.landed), ...shown],
      })
    : encodeFunctionData({
        abi: falseClaimJudgeAbi,
        functionName: 'ofCertificate',
        args: [...said, evmCertificate(vouched.certificate)[1], ...shown],
      });
};

/** Evidence that a verdict of class A does not follow from `values`, which it claims. */
export const nonSequiturEvidence = (
  registry: Hex,
  vouched: Vouched,
  rule: Rule,
  values: readonly Hex[],
): Hex => {
  const said = [registry, occasionOf(verdictOf(vouched)), values] as const;
  return vouched.kind === 'incident'
    ? encodeFunctionData({
        abi: nonSequiturJudgeAbi,
        functionName: 'ofIncident',
        args: [...said, evmLanded(vouched.landed), evmRule(rule)],
      })
    : encodeFunctionData({
        abi: nonSequiturJudgeAbi,
        functionName: 'ofCertificate',
        args: [...said, evmCertificate(vouched.certificate)[1], evmRule(rule)],
      });
};

/** Evidence that the leaf at `place` of a roll call is not what the rule says of the values that `proof` shows. */
export const falseSilenceEvidence = (
  registry: Hex,
  certificate: Certificate,
  leaves: readonly Leaf[],
  place: number,
  rule: Rule,
  proof: Hex,
): Hex => {
  const [verdict, evm] = evmCertificate(certificate);
  return encodeFunctionData({
    abi: falseSilenceJudgeAbi,
    functionName: 'ofCertificate',
    args: [registry, occasionOf(verdict), leaves, BigInt(place), evm, evmRule(rule), proof],
  });
};

const verdictOf = (vouched: Vouched): Verdict =>
  vouched.kind === 'incident' ? vouched.verdict : vouched.certificate.verdict;

const occasionOf = ({ coverageId, blockHash, height, epoch }: Verdict) => ({
  coverageId,
  blockHash,
  height,
  epoch,
});

const evmLanded = ({ previous, record, trail }: Landed) => {
  const { signers, signed, total, trippedAt, end } = record;
  return { previous, signers, signed, total, trippedAt, end, trail };
};
