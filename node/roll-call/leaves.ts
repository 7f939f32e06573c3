import { type Hex, zeroHash } from 'viem';
import {
  isDue,
  isRollCall,
  type Leaf,
  rollCallRoot,
  type State,
  STATES,
} from '../../protocol/roll-call.ts';
import type { Verdict } from '../../protocol/types.ts';
import type { Abstention, ChainState, CoveredRule, Finding, Roll } from '../lib/pipeline.ts';

/** Why nothing was found where the rule itself is to blame: every honest node says the same. */
const FAULTS: ReadonlySet<string> = new Set(['FAULTED', 'FAULTED_CODE', 'ANSWER_UNUSABLE']);

/** Something was said of a rule at a block; of what is clear nothing is. */
type Said = Finding | Abstention;

/** The coverages that are called at a block; where nothing is armed there is nothing to say. */
export function calledAt({ block, rules }: ChainState, period: bigint): readonly Hex[] {
  const armed = new Set(rules.filter(isArmed).map(({ coverageId }) => coverageId));
  return [...armed].filter((coverageId) => isDue(coverageId, block.hash, period));
}

/** What a roll call says by all that was said of its block: missing data is never all-clear. Null where that is not known. */
export function rollOf(
  { block, epoch, rules }: ChainState,
  coverageId: Hex,
  said: readonly Said[] | null,
): Roll | Abstention {
  if (said === null) return missed(block, coverageId, zeroHash);
  const ours = rules.filter((rule) => rule.coverageId === coverageId);
  const leaves: Leaf[] = [];
  for (const { ruleId } of ours.filter(isArmed)) {
    const state = stateOf(said.find((each) => isOf(each, coverageId, ruleId)));
    if (state === null) return missed(block, coverageId, ruleId);
    leaves.push({ ruleId, state: STATES[state] });
  }
  return { block, epoch, coverageId, ruleIds: ours.map(({ ruleId }) => ruleId), leaves };
}

/**
 * What a roll call says that an earlier run has signed, if that all is clear; null where it says otherwise, or rules have
 * been armed since. Only what names its block is the block's.
 */
export function clearRoll(state: ChainState, verdict: Verdict): Roll | null {
  const { coverageId, blockHash: hash, height, epoch, claimsRoot } = verdict;
  const block = { ...state.block, hash, height };
  const roll = rollOf({ ...state, block, epoch }, coverageId, []);
  const isSaid = isRollCall(verdict) && 'leaves' in roll;
  return isSaid && rollCallRoot(roll.leaves) === claimsRoot ? roll : null;
}

/** Why a roll call is not signed, and the rule for which. */
export const missed = (block: Roll['block'], coverageId: Hex, ruleId: Hex): Abstention => ({
  block,
  coverageId,
  ruleId,
  code: 'ROLL_CALL_MISSED',
});

/** Whether a rule has a leaf. */
export const isArmed = ({ phase }: CoveredRule): boolean => phase === 'armed';

const stateOf = (said: Said | undefined): State | null => {
  if (said === undefined) return 'clear';
  if ('covered' in said) return 'firing';
  return FAULTS.has(said.code) ? 'faulted' : null;
};

const isOf = (said: Said, coverageId: Hex, ruleId: Hex): boolean => {
  const named = 'covered' in said ? said.covered : said;
  return named.coverageId === coverageId && named.ruleId === ruleId;
};
