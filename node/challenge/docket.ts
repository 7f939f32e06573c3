import { equivocationEvidence } from '../../protocol/evidence.ts';
import type { Offence } from '../lib/pipeline.ts';
import type { Evidence } from '../store/evidence.ts';
import type { Claims, Unbooked } from './claims.ts';

/** What the court has not been shown as far as this node knows; whether it has is for whoever asks. */
export type Docket = ReturnType<typeof createDocket>;

/** `sources` are of lies; `seatCountOf` gives the seats of an epoch's roster, zero where there was none. */
export function createDocket(
  evidence: Evidence,
  sources: readonly Pick<Claims, 'size' | 'all' | 'refuse'>[],
  seatCountOf: (epoch: bigint) => Promise<number>,
) {
  let read = 0;
  let contradictions: readonly Offence[] = [];

  /** All of a seat's: a judge may take one and not another. They are read again where a provider knows no such seat. */
  const readContradictions = async (): Promise<readonly Offence[]> => {
    const found: Offence[] = [];
    const size = evidence.size();
    let isWhole = true;
    for (const { epoch, seat, first, second } of await evidence.all()) {
      const seatCount = await seatCountOf(epoch);
      if (seat >= seatCount) {
        isWhole = false;
        continue;
      }
      const words = equivocationEvidence(first, second, seatCount);
      found.push({ judge: 'equivocation', epoch, seats: [seat], landed: null, evidence: words });
    }
    if (isWhole) read = size;
    return found;
  };

  return {
    /** Changes whenever there is more. */
    size: () => sources.reduce((sum, { size }) => sum + size(), evidence.size()),
    /** Takes note of what no judge takes. */
    refuse: (offence: Offence): void => {
      for (const { refuse } of sources) refuse(offence);
    },
    /** Landed lies first: they cost the most, and what they have tripped is to be ended. */
    all: async (): Promise<readonly (Offence | Unbooked)[]> => {
      if (evidence.size() !== read) contradictions = await readContradictions();
      const others = await Promise.all(sources.map(({ all }) => all()));
      return [...others.flat(), ...contradictions];
    },
  };
}
