import { type Hex, keccak256, numberToHex } from 'viem';
import type { Abstention, Block, ChainState, CoveredRule, Finding } from '../lib/pipeline.ts';
import { bindDetector } from './detectors.ts';
import type { View } from './detectors/detector.ts';
import { foldedBefore, type FoldedRule, keep, originOf, unfolded } from './folded.ts';
import { createRebuilding, type OldBlocks } from './rebuilding.ts';

/** Class B and C rules that a detector of the node judges. */
export type Folds = ReturnType<typeof createFolds>;

/** What a rule reads of a block. */
export type Asked = Readonly<{ covered: CoveredRule; views: readonly View[] }>;

/** A rule is judged once its fold has seen all that it looks back to; until then it abstains, and is rebuilt. */
export function createFolds(old: OldBlocks) {
  const rules = new Map<string, FoldedRule>();
  const rebuilding = createRebuilding(old);

  const ruleOf = (covered: CoveredRule): FoldedRule | string => {
    const known = rules.get(keyOf(covered));
    if (known !== undefined) return known;
    const bound = bindDetector(covered.rule);
    if (!bound.ok) return bound.code;
    const rule = unfolded(covered, bound.value);
    rules.set(keyOf(covered), rule);
    return rule;
  };

  /** What is to be read of a block for a rule, or why nothing is. */
  const ask = (block: Block, covered: CoveredRule): Asked | Abstention => {
    const { coverageId, ruleId } = covered;
    const rule = ruleOf(covered);
    if (typeof rule === 'string') return { block, coverageId, ruleId, code: rule };
    if (rule.startBlock > block.height) return { block, coverageId, ruleId, code: 'NOT_STARTED' };
    return { covered, views: rule.bound.views };
  };

  /** Takes the answers of a block in, and judges them by what the block before left. Call it block after block. */
  const judge = (
    { block, epoch }: ChainState,
    covered: CoveredRule,
    answers: readonly (Hex | null)[],
  ): Finding | Abstention | null => {
    const { coverageId, ruleId } = covered;
    const abstain = (code: string): Abstention => ({ block, coverageId, ruleId, code });
    const rule = ruleOf(covered);
    if (typeof rule === 'string') return abstain(rule);
    const { height, timestamp, hash } = block;
    const { fold, from } = foldedBefore(rule, block);
    const reading = { height, timestamp, answers };
    keep(rule, hash, { fold: fold.next(reading), from });
    const origin = originOf(rule, height);
    if (from > origin) {
      rebuilding.want(rule, origin);
      return abstain('FOLD_BEHIND');
    }
    rebuilding.forget(rule);
    const judgement = fold.judge(reading);
    if (judgement === 'unknown') return abstain('ANSWER_UNUSABLE');
    if (judgement === 'quiet') return null;
    return { block, epoch, covered, values: claimsOf(answers, judgement), measure: judgement };
  };

  /** Forgets rules that are covered no longer, and rebuilds a bounded part of what is behind. */
  const advance = async ({ block, rules: live }: ChainState): Promise<void> => {
    const covered = new Set(live.map(keyOf));
    for (const [key, rule] of rules)
      if (!covered.has(key)) {
        rules.delete(key);
        rebuilding.forget(rule);
      }
    await rebuilding.advance(block);
  };

  return { ask, judge, advance };
}

const keyOf = ({ coverageId, ruleId }: CoveredRule) => `${coverageId}${ruleId}`;

/** The hash of each answer, and the measure. */
const claimsOf = (answers: readonly (Hex | null)[], measure: bigint): readonly Hex[] => [
  ...answers.map((answer) => keccak256(answer ?? '0x')),
  numberToHex(measure, { size: 32 }),
];
