import { signedWeight } from '../../protocol/certificate.ts';
import { hasQuorum } from '../../protocol/quorum.ts';
import type { Certificate, Committee } from '../../protocol/types.ts';
import type { CoveredRule } from './pipeline.ts';

/** The rung to which two opinions of different families raise one target. */
export const RAISED = 3;

/** Whether more than two thirds behind a verdict of this rule can do more than its quorum: class B at rung 2. */
export const isOpinion = (covered: Pick<CoveredRule, 'rule'> | null): boolean =>
  covered?.rule.class === 'B' && covered.rule.rung === 2;

/** Whether this weight would do for the raised rung. */
export const isFull = ({ totalWeight, maxRung }: Committee, signed: bigint): boolean =>
  maxRung >= RAISED && hasQuorum(RAISED, signed, totalWeight);

/** Highest rung that a certificate can bring about. */
export const aimOf = (
  certificate: Certificate,
  committee: Committee,
  covered: Pick<CoveredRule, 'rule'> | null,
): number =>
  isOpinion(covered) && isFull(committee, signedWeight(committee, certificate))
    ? RAISED
    : certificate.verdict.rung;
