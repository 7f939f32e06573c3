import type { Hex } from 'viem';
import type { Committee, Seat } from '../../protocol/types.ts';

/**
 * Hashes of the keys that a node signs with: one, or two while it is rotated. A roster seats one of them at most, since
 * a watcher's former key has no weight.
 */
export type OwnKeys = ReadonlySet<Hex>;

/** The seat that a roster gives this node; null without one. */
export const ownSeat = (committee: Committee | null, own: OwnKeys): Seat | null =>
  committee?.seats.find(({ keyHash }) => own.has(keyHash)) ?? null;
