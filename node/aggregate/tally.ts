import type { FastSignature } from '../../protocol/bls-fast.ts';
import type { Certificate, Seat, Verdict } from '../../protocol/types.ts';

/** What is known of who has signed one verdict. */
export type Tally = {
  readonly verdict: Verdict;
  readonly partials: Map<number, Opened>;
  readonly refused: Set<number>;
  /** The newest certificate; null before the first. */
  certificate: Certificate | null;
};
/** `point` is opened when it comes, so that the last one to come waits for nothing but the sum. */
type Opened = Readonly<{ signature: Uint8Array; point: FastSignature }>;

export const emptyTally = (verdict: Verdict): Tally => ({
  verdict,
  partials: new Map(),
  refused: new Set(),
  certificate: null,
});

export const weightOf = (seats: readonly Seat[]): bigint =>
  seats.reduce((sum, { weight }) => sum + weight, 0n);
