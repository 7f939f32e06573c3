import type { Hex } from 'viem';
import { keepNewest } from './keep-newest.ts';

/** Blocks whose sighting is remembered. */
const KEPT = 128;

/** When this node first saw a block: for logs and metrics only, never for a verdict. */
export function createSightings() {
  const seen = new Map<Hex, number>();
  return {
    note: (hash: Hex, at: number) => {
      seen.set(hash, at);
      keepNewest(seen, KEPT);
    },
    /** Milliseconds since the block was seen, null when it was not. */
    since: (hash: Hex): number | null => {
      const at = seen.get(hash);
      return at === undefined ? null : Date.now() - at;
    },
  };
}
