import type { Hex } from 'viem';
import { keepNewest } from '../lib/keep-newest.ts';
import type { Block, CoveredRule } from '../lib/pipeline.ts';
import type { Bound, Fold } from './detectors.ts';

/** Blocks whose folds are kept: a deeper reorg begins anew. */
export const KEPT = 64;

/** What a detector remembers of the blocks from height `from` up to one. */
export type Folded = Readonly<{ fold: Fold; from: bigint }>;

/** A rule's detector, and what it remembers by block hash: a state never changes, so a reorg finds that of its fork. */
export type FoldedRule = Readonly<{
  coverageId: Hex;
  startBlock: bigint;
  bound: Bound;
  states: Map<Hex, Folded>;
}>;

/** Nothing is folded for a rule yet. */
export const unfolded = ({ coverageId, rule }: CoveredRule, bound: Bound): FoldedRule => ({
  coverageId,
  startBlock: rule.startBlock,
  bound,
  states: new Map(),
});

/** The height from which a fold must have seen every block to judge the one at `height`; later than it where nothing is kept. */
export function originOf({ startBlock, bound }: FoldedRule, height: bigint): bigint {
  if (bound.memory === 0) return startBlock > 0n ? startBlock : height;
  const first = height - BigInt(bound.memory);
  return first > startBlock ? first : startBlock;
}

/** What the block before left; a fold that begins here where it left nothing, or nothing is kept. */
export const foldedBefore = (rule: FoldedRule, { height, parentHash }: Block): Folded => {
  const isStateless = rule.bound.memory === 0 && rule.startBlock === 0n;
  const known = isStateless ? undefined : rule.states.get(parentHash);
  return known ?? { fold: rule.bound.start, from: height };
};

/** Keeps the longer of two folds of a block. */
export function keep({ states }: FoldedRule, hash: Hex, folded: Folded): void {
  const known = states.get(hash);
  if (known !== undefined && known.from <= folded.from) return;
  states.delete(hash);
  states.set(hash, folded);
  keepNewest(states, KEPT);
}
