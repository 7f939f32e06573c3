/** Arrivals that are remembered, and how many of them must be there before anything is expected. */
const REMEMBERED = 9;
const ENOUGH = 5;
/** Arrivals that say when the next block is due, the earliest of what they say: a late one moves nothing. */
const LATEST = 3;
/** Longest pause in milliseconds, whatever is expected: what is expected may be wrong. */
const LONGEST_MS = 3_000;

/** When to look for a block. */
export type Rhythm = ReturnType<typeof createRhythm>;

/**
 * Learns how far apart blocks come, in milliseconds of one clock. On a steady chain a look shortly before the next block
 * is due finds nothing and one shortly after finds it: two looks a block, and each says anew when blocks come. Where they
 * come irregularly it is looked from the earliest moment on that a block can come at, every `pollMs`.
 */
export function createRhythm(pollMs: number) {
  const lead = Math.max(pollMs / 5, 1);
  let arrivals: readonly number[] = [];
  /** The newest look that found nothing since a block came; null before any. */
  let missed: number | null = null;
  /** Looks that found their block at once: the next is so much earlier. */
  let ahead = 0;
  let looks = 0;

  /** The shortest interval and the one in the middle; null while nothing is known. */
  const intervals = (): Readonly<{ shortest: number; usual: number }> | null => {
    if (arrivals.length < ENOUGH) return null;
    const sorted = arrivals
      .slice(1)
      .map((at, index) => at - arrivals[index]!)
      .sort((a, b) => a - b);
    return { shortest: sorted[0]!, usual: sorted[sorted.length >> 1]! };
  };

  /** When to begin to look; null while nothing is known. */
  const due = (): Readonly<{ at: number; isSteady: boolean }> | null => {
    const last = arrivals.at(-1);
    const known = intervals();
    if (last === undefined || known === null) return null;
    const { shortest, usual } = known;
    const spread = usual - shortest;
    if (spread > pollMs) return { at: last + shortest - spread, isSteady: false };
    const said = arrivals
      .slice(-LATEST)
      .map((at, index, latest) => at + (latest.length - index) * usual);
    return { at: Math.min(...said) - lead, isSteady: true };
  };

  return {
    /** A look begun at `at` found `blocks` new ones, or was told of them; of several nobody knows when each came. */
    note: (at: number, blocks: number, isTold = false): void => {
      const looked = missed === null ? at - Math.max(2 * ahead, lead) : (missed + at) / 2;
      const came = isTold ? at : looked;
      ahead = missed === null ? at - came : 0;
      arrivals = blocks === 1 ? [...arrivals, came].slice(-REMEMBERED) : [came];
      [missed, looks] = [null, 0];
    },
    /** Milliseconds until the next look, after one begun at `at` that found something or nothing. */
    pause: (at: number, now: number, found: boolean): number => {
      if (!found) missed = at;
      const next = due();
      if (next === null) return pollMs;
      if (now < next.at) return Math.min(next.at - now, LONGEST_MS);
      if (found) return 0;
      return next.isSteady && looks++ === 0 ? 2 * lead : pollMs;
    },
    /** Milliseconds until the next look where heads are told. */
    patience: (): number => {
      const known = intervals();
      // A provider may fall silent.
      return known === null
        ? pollMs
        : known.usual + Math.min(Math.max(known.usual, pollMs), LONGEST_MS);
    },
  };
}
