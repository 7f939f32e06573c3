import type { Certificate } from '../../protocol/types.ts';
import { reasonOf } from '../lib/chain.ts';
import type { Log } from '../lib/log.ts';
import type { Block, BlockEvent, Booking } from '../lib/pipeline.ts';
import type { Claims } from './claims.ts';
import type { Silences } from './silences.ts';

/** Holds others to all that they sign: claims of class A, and roll calls. */
export type Scrutiny = ReturnType<typeof createScrutiny>;

/** What it works with. */
export type ScrutinyDeps = Readonly<{
  claims: Claims;
  silences: Silences;
  /** Roll calls booked from a height up to a block. */
  bookingsSince(from: bigint, block: Block): Promise<readonly Booking[]>;
  log: Log;
}>;

/** Blocks whose bookings are looked back at: providers keep their states. What fails is tried again while they do. */
const LOOK_BACK = 64n;
const AGAIN = 16n;

type Seen = Pick<Extract<BlockEvent, { kind: 'block' }>, 'block' | 'trips' | 'bookings'>;

export function createScrutiny({ claims, silences, bookingsSince, log }: ScrutinyDeps) {
  /** The newest height up to which bookings are not known, as before the start; null where all are. */
  let unread: bigint | null = 0n;
  let areTripsRead = false;
  let lookAt = 0n;

  const lookBack = async (block: Block): Promise<void> => {
    const { height } = block;
    if (unread === null || height < lookAt) return;
    lookAt = height + AGAIN;
    try {
      if (!areTripsRead) await claims.lookBack(height);
      areTripsRead = true;
      const from = height > LOOK_BACK ? height - LOOK_BACK : 0n;
      for (const booking of await bookingsSince(from, block)) silences.noteBooking(booking);
      // Unless a later block has not told of its own meanwhile.
      if (unread <= height) unread = null;
    } catch (error) {
      log.warn('former trips and roll calls not looked at', { code: reasonOf(error) });
    }
  };

  return {
    /** A claim that this node has signed itself needs no second look. */
    trust: claims.trust,

    /** Looks at what others have signed, by and by. */
    hear: (certificate: Certificate): void => {
      claims.note({ kind: 'certificate', certificate });
      silences.noteCertificate(certificate);
    },

    /** Takes note of what a block says that others have signed, and looks at what is due. */
    enter: ({ block, trips, bookings }: Seen): void => {
      const { height } = block;
      // A trip by proof is nobody's word.
      for (const { verdict, signed } of trips)
        if (signed > 0n) claims.note({ kind: 'incident', verdict, height });
      if (bookings === null) unread = height;
      for (const booking of bookings ?? []) silences.noteBooking(booking);
      void lookBack(block);
      for (const held of [claims, silences]) void held.advance(height);
    },
  };
}
