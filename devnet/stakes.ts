import { hasQuorum } from '../protocol/quorum.ts';

/** A whole token in its smallest unit. */
export const TOKEN = 10n ** 18n;
/** Stake is handed out in whole tokens of this total. */
export const TOTAL_STAKE = 1_000_000n;

const SEVEN = [16n, 16n, 15n, 14n, 14n, 13n, 12n];

/** Stakes of `count` watchers, largest first: of seven the settled ones, else as gently uneven. */
export function stakesOf(count: number): readonly bigint[] {
  if (count === 7) return SEVEN.map((percent) => (TOTAL_STAKE * percent) / 100n);
  const watchers = BigInt(count);
  // From 8/7 of an even share down to 6/7 of it.
  const stakes = Array.from({ length: count }, (_, index) => {
    const eighths = 8n * (watchers - 1n) - 2n * BigInt(index);
    return (TOTAL_STAKE * eighths) / (7n * watchers * (watchers - 1n));
  });
  const rest = TOTAL_STAKE - stakes.reduce((sum, stake) => sum + stake, 0n);
  return stakes.map((stake, index) => (index === 0 ? stake + rest : stake));
}

/** Whether a rung's quorum can still form when the seats of `killed` are silent. */
export function canReach(
  rung: number,
  stakes: readonly bigint[],
  killed: readonly number[],
): boolean {
  const alive = stakes.reduce(
    (sum, stake, seat) => (killed.includes(seat) ? sum : sum + stake),
    0n,
  );
  const total = stakes.reduce((sum, stake) => sum + stake, 0n);
  return hasQuorum(rung, alive, total);
}

/** The fewest seats, largest stake first, that carry a rung without the others. */
export function fewestFor(rung: number, watchers: number): readonly number[] {
  const stakes = stakesOf(watchers);
  const total = stakes.reduce((sum, stake) => sum + stake, 0n);
  let signed = 0n;
  return stakes.flatMap((stake, seat) => {
    if (hasQuorum(rung, signed, total)) return [];
    signed += stake;
    return [seat];
  });
}
