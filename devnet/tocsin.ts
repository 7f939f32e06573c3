import { fileURLToPath } from 'node:url';
import type { Processes } from './processes.ts';

const main = fileURLToPath(new URL('../node/main.ts', import.meta.url));

/** One run of the shipped CLI that stays. */
export const startTocsin = (
  processes: Processes,
  name: string,
  args: readonly string[],
  onLine: (line: string) => void,
) => processes.start({ name, command: process.execPath, args: [main, ...args], onLine });

/** One run of the shipped CLI to its end; its --json answer. */
export async function tocsin<T = Readonly<Record<string, unknown>>>(
  processes: Processes,
  args: readonly string[],
): Promise<T> {
  const name = `tocsin ${args
    .filter((arg) => !arg.startsWith('-'))
    .slice(0, 2)
    .join(' ')}`;
  return JSON.parse(
    await processes.run({ name, command: process.execPath, args: [main, ...args, '--json'] }),
  ) as T;
}
