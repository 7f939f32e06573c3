import type { Hex } from 'viem';

/** Blocks nothing is sent for a target after its first failure; twice as many after each further one. */
const FIRST_HOLD = 32n;

/**
 * Targets that made transactions fail which succeed when simulated: their escrow pays for one a block, and hot wallets
 * for the rest. A new coverage of the same target starts no new count.
 */
export function createSuspects() {
  const held = new Map<Hex, { until: bigint; hold: bigint }>();
  return {
    isHeld: (target: Hex, head: bigint): boolean => head < (held.get(target)?.until ?? 0n),
    hold: (target: Hex, head: bigint): void => {
      const hold = 2n * (held.get(target)?.hold ?? FIRST_HOLD / 2n);
      held.set(target, { until: head + hold, hold });
    },
  };
}
