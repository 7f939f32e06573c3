import { type Hex, keccak256 } from 'viem';
import { committeeAbi } from '../../protocol/abi.ts';
import { childAddress, decodeRoster, rosterPages } from '../../protocol/committee.ts';
import { faults } from '../../protocol/fault.ts';
import type { Committee } from '../../protocol/types.ts';
import { keepNewest } from '../lib/keep-newest.ts';
import type { Block } from '../lib/pipeline.ts';
import type { Reads } from './reads.ts';

const fault = faults<{ ROSTER_INVALID: { epoch: bigint; reason: string } }>();

/** Rosters kept decoded. */
const KEPT = 16;

/** Rosters with their keys. */
export type Committees = ReturnType<typeof createCommittees>;

/** Keys are read from pages and checked; a roster is decoded once, named by its epoch and its code. */
export function createCommittees({ call, code }: Reads, address: Hex) {
  const known = new Map<string, Committee>();
  const contract = { address, abi: committeeAbi } as const;

  const keep = (key: string, committee: Committee) => {
    known.set(key, committee);
    keepNewest(known, KEPT);
    return committee;
  };

  const epochAt = (block: Block): Promise<bigint> =>
    call(block, contract, 'epochInForce', [block.height]);

  /** The roster of an epoch; null of epoch 0, which nobody opened. */
  const at = async (block: Block, epoch: bigint): Promise<Committee | null> => {
    if (epoch === 0n) return null;
    const { nonce } = await call(block, contract, 'roster', [epoch]);
    const roster = await code(block, childAddress(address, nonce));
    const key = `${epoch}:${keccak256(roster)}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const needed = rosterPages(roster);
    if (!needed.ok) throw fault('ROSTER_INVALID', { epoch, reason: needed.code });
    const pages = await Promise.all(
      needed.value.map(
        async (page) => [page, await code(block, childAddress(address, page))] as const,
      ),
    );
    const decoded = decodeRoster({ epoch, code: roster, pages: new Map(pages) });
    if (!decoded.ok) throw fault('ROSTER_INVALID', { epoch, reason: decoded.code });
    return keep(key, decoded.value);
  };

  return { epochAt, at };
}
