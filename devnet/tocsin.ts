import { fileURLToPath } from 'node:url';
import type { Processes } from './processes.ts';

const main = fileURLToPath(new URL('../node/main.ts', import.meta.url));

/** Megabytes of heap a node is given: many of them share one machine. */
const HEAP = { 'max-semi-space-size': 4, 'max-old-space-size': 200 } as const;

/** Flags of Node's heap; what `nodeOptions` says of one of them goes before. */
export const heapFlags = (nodeOptions = process.env.NODE_OPTIONS ?? ''): readonly string[] =>
  Object.entries(HEAP).map(([name, megabytes]) => {
    const said = new RegExp(`--${name.replaceAll('-', '[-_]')}[= ](\\d+)`).exec(nodeOptions);
    return `--${name}=${said?.[1] ?? megabytes}`;
  });

/** One run of the shipped CLI that stays. */
export const startTocsin = (
  processes: Processes,
  name: string,
  args: readonly string[],
  onLine: (line: string) => void,
) =>
  processes.start({
    name,
    command: process.execPath,
    args: [...heapFlags(), main, ...args],
    onLine,
  });

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
