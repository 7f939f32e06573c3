import type { Devnet } from '../devnet.ts';
import type { HeldSeat } from './held.ts';
import { enterRoom } from './room.ts';

/** Seats that are there and never say a word; they leave with the answer. */
export async function sitMute(
  devnet: Devnet,
  held: readonly HeldSeat[],
): Promise<() => Promise<void>> {
  const rooms = await Promise.all(held.map((seat) => enterRoom(devnet, seat)));
  return async () => {
    for (const room of rooms) await room.close();
  };
}
