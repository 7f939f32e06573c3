import type { Hex } from 'viem';

/** Blocks nothing is sent for a target that failed; twice as many each time it fails again soon, up to so many. */
const FIRST_HOLD = 32n;
const LONGEST_HOLD = 512n;

/**
 * Targets that made transactions fail which succeed when simulated: their escrow pays for one in 32 blocks, and hot
 * wallets for the rest. A new coverage of the same target starts no new count.
 */
export type Suspects = ReturnType<typeof createSuspects>;

/** None yet. */
export function createSuspects() {
  const held = new Map<Hex, { until: bigint; hold: bigint }>();
  return {
    isHeld: (target: Hex, head: bigint): boolean => head < (held.get(target)?.until ?? 0n),
    /** Once for all that failed at about the same time. */
    hold: (target: Hex, head: bigint): void => {
      if (head < (held.get(target)?.until ?? 0n)) return;
      const former = held.get(target);
      const isRecent = former !== undefined && head <= former.until + LONGEST_HOLD;
      const next = isRecent ? 2n * former.hold : FIRST_HOLD;
      const hold = next < LONGEST_HOLD ? next : LONGEST_HOLD;
      held.set(target, { until: head + hold, hold });
    },
  };
}
