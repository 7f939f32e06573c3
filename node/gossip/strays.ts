import { WINDOW } from './context.ts';
import type { Heard } from './recent.ts';
import { seatKey } from './recent.ts';

/** Strays kept in the name of one seat; the oldest goes first. */
const PER_SEAT = 16;

/** What was said in each seat's name about blocks this node does not know. */
export type Strays = ReturnType<typeof createStrays>;

/**
 * A small memory of attestations whose signature nobody looked at yet: one alone is worth no pairing, two of one key
 * may be evidence. Whoever forges a name can push out what that name really said: nothing here is guaranteed.
 */
export function createStrays() {
  const bySeat = new Map<string, readonly Heard[]>();
  const of = ({ attestation }: Heard) => bySeat.get(seatKey(attestation)) ?? [];

  return {
    /** Another digest in the same name under the same key. */
    rival: (heard: Heard): Heard | null =>
      of(heard).find(
        ({ keyDigest, digest }) => keyDigest === heard.keyDigest && digest !== heard.digest,
      ) ?? null,
    keep: (heard: Heard) => {
      if (of(heard).some(({ digest }) => digest === heard.digest)) return;
      bySeat.set(seatKey(heard.attestation), [...of(heard), heard].slice(-PER_SEAT));
    },
    drop: (heard: Heard) => {
      bySeat.set(
        seatKey(heard.attestation),
        of(heard).filter(({ digest }) => digest !== heard.digest),
      );
    },
    prune: (head: bigint) => {
      for (const [seat, heard] of bySeat) {
        const left = heard.filter(({ attestation }) => attestation.verdict.height + WINDOW >= head);
        if (left.length > 0) bySeat.set(seat, left);
        else bySeat.delete(seat);
      }
    },
  };
}
