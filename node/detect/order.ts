import type { Fact } from '../lib/pipeline.ts';

/**
 * The order in which facts are judged, so that whoever runs out of time leaves out what matters least: rules that can
 * trip first, then those of the coverage with the most escrow. To push a coverage out costs more escrow than it has.
 */
export const inOrder = (facts: readonly Fact[]): readonly Fact[] =>
  facts.toSorted(({ covered: a }, { covered: b }) => {
    if (a.phase !== b.phase) return a.phase === 'armed' ? -1 : 1;
    return a.escrow === b.escrow ? 0 : a.escrow > b.escrow ? -1 : 1;
  });
