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
  const contradictions = new Map<string, Offence>();
  let read = 0;

  /** All of a seat's: a judge may take one and not another. They are read again where a provider knows no such seat. */
  const readContradictions = async (): Promise<void> => {
    const size = evidence.size();
    for (const { epoch, seat, first, second } of await evidence.all()) {
      const name = [epoch, seat, first.signature, second.signature].join();
      const seatCount = contradictions.has(name) ? 0 : await seatCountOf(epoch);
      if (seat >= seatCount) continue;
      const words = equivocationEvidence(first, second, seatCount);
      const about = { judge: 'equivocation', epoch, seats: [seat], landed: null } as const;
      contradictions.set(name, { ...about, evidence: words });
    }
    if (contradictions.size >= size) read = size;
  };

  return {
    /** Whether `all` has told of everything. */
    isRead: () => evidence.size() === read,
    /** Changes whenever there is more. */
    size: () => sources.reduce((sum, { size }) => sum + size(), evidence.size()),
    /** Takes note of what no judge takes. */
    refuse: (offence: Offence): void => {
      for (const { refuse } of sources) refuse(offence);
    },
    /** Landed lies first: they cost the most, and what they have tripped is to be ended. */
    all: async (): Promise<readonly (Offence | Unbooked)[]> => {
      if (evidence.size() !== read) await readContradictions();
      const others = await Promise.all(sources.map(({ all }) => all()));
      return [...others.flat(), ...contradictions.values()];
    },
  };
}
