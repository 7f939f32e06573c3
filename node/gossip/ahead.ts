import type { Attestation } from '../../protocol/types.ts';
import { seatKey } from './recent.ts';

/** Claims about blocks still to come that are verified until the next one has come. */
const AT_ONCE = 16;

/**
 * Bounds what a peer may bring in one seat's name about blocks nobody here can compare with. By both: a seat that
 * invents blocks shall not use up what honest neighbours may bring of other seats.
 */
export function createAhead() {
  const brought = new Map<string, number>();
  let newest = -1n;

  return {
    /** Counts the time it says yes; the rest is tried again once this node has seen the block. */
    may: (head: bigint, peer: string, attestation: Attestation): boolean => {
      if (attestation.verdict.height <= head) return true;
      if (head !== newest) brought.clear();
      newest = head;
      const key = `${peer}:${seatKey(attestation)}`;
      const before = brought.get(key) ?? 0;
      if (before >= AT_ONCE) return false;
      brought.set(key, before + 1);
      return true;
    },
  };
}
