import type { Hex } from 'viem';
import type { Committee } from '../../protocol/types.ts';
import type { Block, ChainState, CoveredRule } from './pipeline.ts';

/** States whose blocks a certificate can still be about, and a few more for reorgs. */
const KEPT = 48;

/** What the chain decided lately, as of the newest blocks this node has seen. */
export type RecentStates = ReturnType<typeof createRecentStates>;

/** A short memory of chain states; a reorg takes back what it dropped. */
export function createRecentStates() {
  let states: readonly ChainState[] = [];
  /** Asked for at each message. */
  let committees: readonly Committee[] = [];
  /** Of either side of a reorg: honest watchers may still speak of what this node has left. */
  let blocks: readonly Block[] = [];

  const become = (next: readonly ChainState[]): void => {
    states = next;
    const byEpoch = new Map<bigint, Committee>();
    for (const { committee } of states.toReversed())
      if (committee !== null && !byEpoch.has(committee.epoch))
        byEpoch.set(committee.epoch, committee);
    committees = [...byEpoch.values()];
  };

  return {
    add: (state: ChainState) => {
      become([...states, state].slice(-KEPT));
      blocks = [...blocks, state.block].slice(-2 * KEPT);
    },
    dropAbove: (height: bigint) => {
      become(states.filter(({ block }) => block.height <= height));
    },
    /** Blocks seen at a height, canonical or not; none when the height was not seen. */
    hashesAt: (height: bigint): readonly Hex[] =>
      blocks.filter((block) => block.height === height).map(({ hash }) => hash),
    newest: (): ChainState | null => states.at(-1) ?? null,
    committees: (): readonly Committee[] => committees,
    committeeOf: (epoch: bigint): Committee | null =>
      committees.find((committee) => committee.epoch === epoch) ?? null,
    ruleOf: (coverageId: Hex, ruleId: Hex): CoveredRule | null =>
      ruleIn(states.at(-1), coverageId, ruleId),
    /** As the newest state has it that has it at all. */
    formerRuleOf: (coverageId: Hex, ruleId: Hex): CoveredRule | null => {
      const last = states.findLast((state) => ruleIn(state, coverageId, ruleId) !== null);
      return ruleIn(last, coverageId, ruleId);
    },
    /** Whether anything of a coverage is armed. */
    isArmed: (coverageId: Hex): boolean =>
      states
        .at(-1)
        ?.rules.some((rule) => rule.coverageId === coverageId && rule.phase === 'armed') ?? false,
    isStruck: (epoch: bigint, seat: number): boolean =>
      states.at(-1)?.struck.some((entry) => entry.epoch === epoch && entry.seats.includes(seat)) ??
      false,
  };
}

const ruleIn = (state: ChainState | undefined, coverageId: Hex, ruleId: Hex): CoveredRule | null =>
  state?.rules.find((rule) => rule.coverageId === coverageId && rule.ruleId === ruleId) ?? null;
