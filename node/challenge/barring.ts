import type { Hex, PublicClient } from 'viem';
import { watchersAbi } from '../../protocol/abi.ts';
import type { Committee } from '../../protocol/types.ts';
import type { ChainState } from '../lib/pipeline.ts';

/** Finds the seats that slashed watchers still have. */
export type Barring = ReturnType<typeof createBarring>;

/** Who is slashed leaves, but a roster that was opened before keeps a seat for him, perhaps under another key. */
export function createBarring(
  client: PublicClient,
  watchers: Hex,
  committeeOf: (epoch: bigint) => Committee | null,
) {
  const read = { address: watchers, abi: watchersAbi } as const;

  /** The key that the watcher of a seat has now, where that watcher was slashed. */
  const slashedKey = async (keyHash: Hex): Promise<Hex | null> => {
    const [slashed, operator] = await Promise.all([
      client.readContract({ ...read, functionName: 'slashedOf', args: [keyHash] }),
      client.readContract({ ...read, functionName: 'operatorOfKey', args: [keyHash] }),
    ]);
    if (slashed === 0n) return null;
    const watcher = await client.readContract({
      ...read,
      functionName: 'watcher',
      args: [operator],
    });
    return watcher.keyHash;
  };

  /** Seats of the roster in force that are to be barred for what was proven of another epoch. */
  return async ({ committee, struck }: ChainState): Promise<readonly number[]> => {
    if (committee === null) return [];
    const offenders = struck
      .filter(({ epoch }) => epoch !== committee.epoch)
      .flatMap(({ epoch, seats }) => seats.map((seat) => committeeOf(epoch)?.seats[seat]?.keyHash))
      .filter((keyHash) => keyHash !== undefined);
    const now = await Promise.all(offenders.map(slashedKey));
    const theirs = new Set([...offenders.filter((_, index) => now[index] !== null), ...now]);
    const barred = struck.find(({ epoch }) => epoch === committee.epoch)?.seats ?? [];
    return committee.seats
      .filter(({ index, keyHash }) => theirs.has(keyHash) && !barred.includes(index))
      .map(({ index }) => index);
  };
}
