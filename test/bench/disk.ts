import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** About as long as a record of protection against slashing. */
const BYTES = 200;

/** What the disk itself takes for what a node does before each signature: a few bytes more, synced. */
export async function openDisk(folder: string) {
  const file = await open(join(folder, 'synced'), 'w');
  const times: number[] = [];
  return {
    /** In milliseconds. */
    times,
    sync: async (): Promise<void> => {
      const since = performance.now();
      await file.write(Buffer.alloc(BYTES));
      await file.datasync();
      times.push(performance.now() - since);
    },
    close: () => file.close(),
  };
}
