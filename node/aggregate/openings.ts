import type { Verdict } from '../../protocol/types.ts';

/** Verdicts of one coverage a single seat may have open at once. */
const OPEN_PER_COVERAGE = 1024;

/** How many verdicts each seat has opened of each coverage, in each epoch. */
export function createOpenings() {
  const open = new Map<string, number>();
  const keyOf = ({ epoch, coverageId }: Verdict, seat: number) => `${epoch}:${seat}:${coverageId}`;

  return {
    /** Counts one more; false where a seat has too many already. */
    add: (verdict: Verdict, seat: number): boolean => {
      const key = keyOf(verdict, seat);
      const count = open.get(key) ?? 0;
      if (count >= OPEN_PER_COVERAGE) return false;
      open.set(key, count + 1);
      return true;
    },
    /** Counts one less. */
    remove: (verdict: Verdict, seat: number): void => {
      const key = keyOf(verdict, seat);
      const left = (open.get(key) ?? 0) - 1;
      if (left > 0) open.set(key, left);
      else open.delete(key);
    },
  };
}
