import type { Hex } from 'viem';

/** Blocks nothing is sent for a coverage after its first failure; twice as many after each further one. */
const FIRST_HOLD = 32n;

/** Coverages whose targets have made transactions fail that succeed when simulated: they could empty a hot wallet. */
export function createSuspects() {
  const held = new Map<Hex, { until: bigint; hold: bigint }>();
  return {
    isHeld: (coverageId: Hex, head: bigint): boolean => head < (held.get(coverageId)?.until ?? 0n),
    hold: (coverageId: Hex, head: bigint): void => {
      const hold = 2n * (held.get(coverageId)?.hold ?? FIRST_HOLD / 2n);
      held.set(coverageId, { until: head + hold, hold });
    },
  };
}
