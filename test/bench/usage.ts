import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Devnet } from '../../devnet/devnet.ts';

const MEGABYTE = 1024 * 1024;
/** Linux counts in hundredths of a second for everybody. */
const TICK_MS = 10;

/** Proportional set size of a process in MB: what is its own and its part of what it shares; null without /proc. */
export async function memoryOf(pid: number): Promise<number | null> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}

/** Milliseconds of processor a process has used; null without /proc. */
export async function processorOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  // The second field is the program's name, which may hold anything but ends with the last bracket.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined ? null : (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** The chain's process first, then those of the nodes that run. */
export const pidsOf = ({ chain, watchers }: Devnet): readonly number[] => [
  chain.pid,
  ...watchers.alive().map(({ number }) => watchers.running[number]!.pid),
];

/** Memory of the chain and all nodes together in MB; null without /proc. */
export async function memoryOfAll(devnet: Devnet): Promise<number | null> {
  const parts = await Promise.all(pidsOf(devnet).map(memoryOf));
  return parts.some((part) => part === null)
    ? null
    : parts.reduce<number>((sum, part) => sum + part!, 0);
}

/** Disk that the files under a folder take, in MB; a file that vanishes meanwhile takes none. */
export async function diskOf(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    files.map((file) =>
      stat(join(folder, file)).then(
        (found) => (found.isFile() ? found.blocks * 512 : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0) / MEGABYTE;
}
