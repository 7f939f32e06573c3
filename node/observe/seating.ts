import type { Hex } from 'viem';
import { registryAbi } from '../../protocol/abi.ts';
import { seatsOfWords } from '../../protocol/certificate.ts';
import type { Block, ChainState } from '../lib/pipeline.ts';
import type { Committees } from './committees.ts';
import type { Reads } from './reads.ts';

/** Who may sign, and who is barred from it. */
export type Seating = Pick<ChainState, 'epoch' | 'committee' | 'struck'>;

/** What a block can have changed of it. */
export type SeatingChange = Readonly<{ roster: boolean; struck: boolean }>;

/** Follows rosters and strikes. */
export function createSeating({ call }: Reads, committees: Committees, address: Hex) {
  const registry = { address, abi: registryAbi } as const;

  const struckIn = async (block: Block, epoch: bigint, seatCount: number) => {
    const words = await call(block, registry, 'struck', [epoch]);
    return { epoch, seats: seatsOfWords(words, seatCount) };
  };

  const rosterAt = async (block: Block): Promise<Omit<Seating, 'struck'>> => {
    const epoch = await committees.epochAt(block);
    return { epoch, committee: await committees.at(block, epoch) };
  };

  /** Certificates may still be about blocks of the epoch before, however long this one has been open. */
  const struckAt = (
    block: Block,
    { epoch, committee }: Omit<Seating, 'struck'>,
    former: Seating | null,
  ) => {
    const known = [epoch, ...(former?.struck ?? []).map((entry) => entry.epoch)];
    const epochs = [...new Set([...known, former?.epoch ?? epoch])]
      .filter((number) => number !== 0n)
      .slice(0, 2);
    const seatCount = Math.max(committee?.seats.length ?? 0, former?.committee?.seats.length ?? 0);
    return Promise.all(epochs.map((number) => struckIn(block, number, seatCount)));
  };

  /** Asks only for what can have changed since the block before. */
  return async (block: Block, former: Seating | null, change: SeatingChange): Promise<Seating> => {
    const roster = former === null || change.roster ? await rosterAt(block) : former;
    const { epoch, committee } = roster;
    const kept = roster === former && !change.struck ? former.struck : null;
    return { epoch, committee, struck: kept ?? (await struckAt(block, roster, former)) };
  };
}
