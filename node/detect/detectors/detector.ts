import type { Hex } from 'viem';
import type { z } from 'zod';

/** A view call, its input at most a selector and two words. */
export type View = Readonly<{ to: Hex; data: Hex }>;

/** The answers to a detector's views at one block; null for a call that failed. */
export type Reading = Readonly<{
  height: bigint;
  timestamp: bigint;
  answers: readonly (Hex | null)[];
}>;

/** By how much it fires; `unknown` where nothing can be said, which is never all-clear. */
export type Judgement = bigint | 'quiet' | 'unknown';

/**
 * A detector of the node: parameters P, a block's fact F, and the state S that it keeps of earlier blocks. Pure, integers
 * only, and total: whatever a contract answers, nothing throws. What it says of a block follows from `lookback` blocks
 * before it alone or, when that is 0 and the rule names a start block, from all since then; a state may remember less
 * than that, never more.
 */
export type Detector<P, F, S> = Readonly<{
  name: string;
  version: string;
  class: 'B' | 'C';
  family: string;
  /** Each with its unit in its name or description; amounts are decimal text in the token's smallest unit. */
  parameters: z.ZodType<P>;
  lookback: (parameters: P) => number;
  /** What it reads of each block. */
  reads: (parameters: P) => readonly View[];
  /** Null when the answers make no sense. */
  fact: (reading: Reading, parameters: P) => F | null;
  start: S;
  fold: (state: S, fact: F, parameters: P) => S;
  /** `state` is that of the block before. */
  detect: (state: S, fact: F, parameters: P) => Judgement;
}>;
