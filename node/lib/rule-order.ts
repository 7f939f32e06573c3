import type { CoveredRule } from './pipeline.ts';

/**
 * The order in which rules are read, judged and proven, so that a node that runs out of time leaves out what matters
 * least: rules that can trip first, and of those every coverage's first before any one's second; the one with the most
 * escrow goes first. Escrow can be taken back: to come first costs capital, and pushes nobody out by number of rules.
 */
export function inOrder(rules: readonly CoveredRule[]): readonly CoveredRule[] {
  const counts = new Map<string, number>();
  const ranked = rules.map((covered) => {
    const key = `${covered.coverageId}${covered.phase}`;
    const rank = counts.get(key) ?? 0;
    counts.set(key, rank + 1);
    return { covered, rank };
  });
  return ranked
    .toSorted(
      (a, b) =>
        Number(a.covered.phase !== 'armed') - Number(b.covered.phase !== 'armed') ||
        a.rank - b.rank ||
        descending(a.covered.escrow, b.covered.escrow),
    )
    .map(({ covered }) => covered);
}

const descending = (a: bigint, b: bigint) => (a === b ? 0 : a > b ? -1 : 1);
