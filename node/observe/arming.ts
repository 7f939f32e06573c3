import { reachOf } from '../../protocol/verdict.ts';
import type { Abstention, Block, CoveredRule } from '../lib/pipeline.ts';

/** Whether a verdict of this block would rest on blocks before the rule was armed or its last trip ended: the registry refuses it. */
export function isBeforeArming(block: Block, { rule, phase, armedAt, notBefore }: CoveredRule) {
  const first = block.height - BigInt(reachOf(rule));
  return phase === 'armed' && (first < armedAt || first <= notBefore);
}

/** Why a rule is not judged at a block. */
export const abstention = (
  block: Block,
  { coverageId, ruleId }: Pick<CoveredRule, 'coverageId' | 'ruleId'>,
  code: string,
): Abstention => ({ block, coverageId, ruleId, code });

/** The code of a fault, as a metric has it. */
export const codeOfFault = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
