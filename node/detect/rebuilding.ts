import type { Hex } from 'viem';
import type { Block } from '../lib/pipeline.ts';
import type { View } from './detectors/detector.ts';
import { type Folded, type FoldedRule, keep, KEPT } from './folded.ts';

/** Blocks folded again for each new block, of all rules together. */
const SLICE = 32;
/** Longest rest after a provider has failed, in blocks. */
const LONGEST_REST = 256n;

/** Reads blocks that have passed; both throw what a provider does wrong. */
export type OldBlocks = Readonly<{
  /** The canonical block of a height, null above the head; only parent hashes show that two belong together. */
  blockAt: (height: bigint) => Promise<Block | null>;
  read: (block: Block, views: readonly View[]) => Promise<readonly (Hex | null)[]>;
}>;

/** How far a fold has come: `last` is the newest block in it. */
type Progress = Readonly<{ folded: Folded; next: bigint; last: Hex | null }>;

type Work = {
  readonly rule: FoldedRule;
  progress: Progress;
  /** Where no reorg reaches. */
  safe: Progress;
  /** A provider did not give what comes next, or a reorg took more than was ever safe. */
  isStuck: boolean;
  notBefore: bigint;
  rest: bigint;
};

/** Folds from a rule's origin on, a slice a block, until it has caught up. Coverages take turns. */
export type Rebuilding = ReturnType<typeof createRebuilding>;

/** A provider that has forgotten old states is asked again seldom: a rule is judged all the same once it was watched for its memory. */
export function createRebuilding({ blockAt, read }: OldBlocks) {
  const works = new Map<FoldedRule, Work>();
  const turns = new Map<Hex, number>();
  /** Turns of the coverage that had the last one. */
  let latest = 0;
  let isBusy = false;

  /** Begins to fold a rule from `origin` on, unless that is under way: what was forgotten may lie before a later origin. */
  const want = (rule: FoldedRule, origin: bigint): void => {
    const known = works.get(rule);
    if (known !== undefined && !known.isStuck) return;
    const begin = { folded: { fold: rule.bound.start, from: origin }, next: origin, last: null };
    const { notBefore, rest } = known ?? { notBefore: 0n, rest: 1n };
    if (!turns.has(rule.coverageId)) turns.set(rule.coverageId, latest);
    works.set(rule, { rule, progress: begin, safe: begin, isStuck: false, notBefore, rest });
  };

  /** What has caught up, or is covered no longer. */
  const forget = (rule: FoldedRule): void => {
    if (!works.delete(rule)) return;
    if (![...works.keys()].some(({ coverageId }) => coverageId === rule.coverageId))
      turns.delete(rule.coverageId);
  };

  const turnOf = ({ rule }: Work) => turns.get(rule.coverageId) ?? 0;

  /** Of the coverage that had the fewest turns; a newcomer has had as many as the one that had the last. */
  const nextWork = (head: bigint): Work | undefined => {
    const ready = [...works.values()].filter(
      ({ notBefore, progress }) => notBefore <= head && progress.next <= head,
    );
    return ready.toSorted((a, b) => turnOf(a) - turnOf(b))[0];
  };

  /** The blocks from `from` to `to` in their order; null when they do not follow `last` and each other. */
  const chainOf = async (from: bigint, to: bigint, last: Hex | null) => {
    const heights = Array.from(
      { length: Number(to - from) + 1 },
      (_, index) => from + BigInt(index),
    );
    const found = await Promise.all(heights.map(blockAt));
    const blocks = found.filter((block) => block !== null);
    const isLinked = ({ height, parentHash }: Block, index: number) => {
      const before = index === 0 ? last : blocks[index - 1]!.hash;
      return height === heights[index] && (before === null || parentHash === before);
    };
    return blocks.length === heights.length && blocks.every(isLinked) ? blocks : null;
  };

  const step = async (work: Work, { height: head }: Block): Promise<void> => {
    const { rule, progress } = work;
    const settled = head - BigInt(KEPT);
    const end = progress.next + BigInt(SLICE - 1);
    const blocks = await chainOf(progress.next, end < head ? end : head, progress.last);
    if (blocks === null) {
      work.isStuck = progress === work.safe;
      work.progress = work.safe;
      return;
    }
    const answers = await Promise.all(blocks.map((block) => read(block, rule.bound.views)));
    const { from } = progress.folded;
    for (const [index, { height, timestamp, hash }] of blocks.entries()) {
      const fold = work.progress.folded.fold.next({ height, timestamp, answers: answers[index]! });
      work.progress = { folded: { fold, from }, next: height + 1n, last: hash };
      if (height <= settled) work.safe = work.progress;
      else keep(rule, hash, work.progress.folded);
    }
  };

  /** One slice of one rule. A failure of a provider is told to nobody: the rule abstains meanwhile. */
  const advance = async (head: Block): Promise<void> => {
    const work = isBusy ? undefined : nextWork(head.height);
    if (work === undefined) return;
    isBusy = true;
    const { coverageId } = work.rule;
    latest = turnOf(work) + 1;
    turns.set(coverageId, latest);
    try {
      await step(work, head);
      work.rest = 1n;
    } catch {
      work.isStuck = true;
      work.notBefore = head.height + work.rest;
      work.rest = work.rest * 2n > LONGEST_REST ? LONGEST_REST : work.rest * 2n;
    } finally {
      isBusy = false;
    }
  };

  return { want, forget, advance };
}
