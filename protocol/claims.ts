import type { Rule } from './types.ts';

/** A block whose values a verdict of class A claims: one on the way back from its height, or the rule's anchor. */
export type ClaimedBlock = bigint | 'anchor';

/** Blocks that the claimed values are of, in order: the height, its reference, then both again `hold` blocks earlier. */
export function claimedBlocks(
  { reference, hold }: Pick<Rule, 'reference' | 'hold'>,
  height: bigint,
): readonly ClaimedBlock[] {
  const askedAt = hold === 0 ? [height] : [height, height - BigInt(hold)];
  return askedAt.flatMap((at): readonly ClaimedBlock[] => {
    switch (reference.kind) {
      case 'none':
        return [at];
      case 'lookback':
        return [at, at - BigInt(reference.blocks)];
      case 'anchor':
        return [at, 'anchor'];
    }
  });
}

/** The same, each once: the blocks that a proof of all the values consists of. */
export const provenBlocks = (
  rule: Pick<Rule, 'reference' | 'hold'>,
  height: bigint,
): readonly ClaimedBlock[] => [...new Set(claimedBlocks(rule, height))];
