import { equivocationEvidence } from '../../protocol/evidence.ts';
import type { Offence } from '../lib/pipeline.ts';
import type { Evidence } from '../store/evidence.ts';

/** What the court has not been shown as far as this node knows; whether it has is for whoever asks. */
export type Docket = ReturnType<typeof createDocket>;

/** `seatCountOf` gives the seats of an epoch's roster, zero where there was none. */
export function createDocket(evidence: Evidence, seatCountOf: (epoch: bigint) => Promise<number>) {
  let read = 0;
  let offences: readonly Offence[] = [];

  /** The first contradiction of each seat in each epoch: a second one takes no more of its stake. */
  const contradictions = async (): Promise<readonly Offence[]> => {
    const first = new Map((await evidence.all()).toReversed().map((one) => [seatKey(one), one]));
    const found = [...first.values()].map(async ({ epoch, seat, first: one, second }) => {
      const seatCount = await seatCountOf(epoch);
      if (seat >= seatCount) return [];
      const words = equivocationEvidence(one, second, seatCount);
      return [{ judge: 'equivocation', epoch, seats: [seat], landed: false, evidence: words }];
    });
    return (await Promise.all(found)).flat() as Offence[];
  };

  return {
    /** Changes whenever there is more. */
    size: () => evidence.size(),
    all: async (): Promise<readonly Offence[]> => {
      const size = evidence.size();
      if (size !== read) [offences, read] = [await contradictions(), size];
      return offences;
    },
  };
}

const seatKey = ({ epoch, seat }: Readonly<{ epoch: bigint; seat: number }>) => `${epoch}:${seat}`;
