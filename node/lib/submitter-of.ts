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
