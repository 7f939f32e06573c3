import type { Hex, PublicClient } from 'viem';
import { watchersAbi } from '../../protocol/abi.ts';

/** The submitter registered for the operator of a key. */
export async function submitterOf(
  client: PublicClient,
  watchers: Hex,
  keyHash: Hex,
): Promise<Hex | null> {
  const read = { address: watchers, abi: watchersAbi } as const;
  const operator = await client.readContract({
    ...read,
    functionName: 'operatorOfKey',
    args: [keyHash],
  });
  if (BigInt(operator) === 0n) return null;
  return (await client.readContract({ ...read, functionName: 'watcher', args: [operator] }))
    .submitter;
}

/** Answers kept at once. */
const KEYS = 512;

/** Remembers submitters until the next block: keys are public, and whoever names one shall not make a node read. */
export function createSubmitters(read: (keyHash: Hex) => Promise<Hex | null>) {
  const known = new Map<Hex, Promise<Hex | null>>();

  const ask = (keyHash: Hex): Promise<Hex | null> => {
    const [oldest] = known.keys();
    if (known.size >= KEYS && oldest !== undefined) known.delete(oldest);
    const answer = read(keyHash).catch((error: unknown) => {
      // What could not be read is asked again.
      if (known.get(keyHash) === answer) known.delete(keyHash);
      throw error;
    });
    known.set(keyHash, answer);
    return answer;
  };

  return {
    submitterOf: (keyHash: Hex): Promise<Hex | null> => known.get(keyHash) ?? ask(keyHash),
    forget: () => known.clear(),
  };
}
