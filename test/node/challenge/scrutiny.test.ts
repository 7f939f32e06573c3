import assert from 'node:assert/strict';
import type { Claims } from '../../../node/challenge/claims.ts';
import { createScrutiny } from '../../../node/challenge/scrutiny.ts';
import type { Silences } from '../../../node/challenge/silences.ts';
import { createLog } from '../../../node/lib/log.ts';
import type { Block, Booking } from '../../../node/lib/pipeline.ts';

/** Heights for bookings: nothing else of them matters here. */
const bookingAt = (height: bigint) => ({ verdict: { height } }) as unknown as Booking;

describe('scrutiny', () => {
  /** Roll calls booked at these heights; `fails` while a provider does not tell of any. */
  const createScene = (booked: readonly bigint[]) => {
    const scene = { fails: false, noted: new Set<bigint>(), looks: 0, start: 0 };
    const tell = (from: bigint, to: bigint) => {
      if (scene.fails) return null;
      return booked.filter((height) => height >= from && height <= to).map(bookingAt);
    };
    const scrutiny = createScrutiny({
      claims: {
        advance: async () => undefined,
        lookBack: async () => void scene.start++,
      } as unknown as Claims,
      silences: {
        advance: async () => undefined,
        noteBooking: ({ verdict }: Booking) => scene.noted.add(verdict.height),
      } as unknown as Silences,
      bookingsSince: async (from, { height }) => {
        scene.looks++;
        const told = tell(from, height);
        if (told === null) throw new RangeError('no logs');
        return told;
      },
      log: createLog({ level: 'silent', format: 'json' }),
    });
    const pass = async (from: bigint, to: bigint) => {
      for (let height = from; height <= to; height++) {
        const block = { height } as unknown as Block;
        scrutiny.enter({ block, trips: [], bookings: tell(height, height) });
        await new Promise(setImmediate);
      }
    };
    return { scene, pass };
  };

  it('looks back once at what was booked before the start', async () => {
    const { scene, pass } = createScene([60n, 99n]);
    await pass(100n, 300n);
    assert.deepEqual([...scene.noted], [60n, 99n]);
    assert.deepEqual([scene.looks, scene.start], [1, 1]);
  });

  it('reads again what a block did not tell of, once providers answer', async () => {
    const { scene, pass } = createScene([200n, 201n]);
    await pass(100n, 199n);
    scene.fails = true;
    await pass(200n, 240n);
    assert.deepEqual([...scene.noted], []);
    scene.fails = false;
    await pass(241n, 260n);
    assert.deepEqual([...scene.noted], [200n, 201n]);
    const { looks, start } = scene;
    await pass(261n, 400n);
    assert.deepEqual([scene.looks, start], [looks, 1]);
  });
});
