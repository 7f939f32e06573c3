import { type Hex, zeroAddress } from 'viem';
import { bountiesAbi } from '../../protocol/abi.ts';
import { refuse } from '../lib/refusal.ts';
import { timeOf } from './cover-words.ts';
import { accountOf, ledgerAt } from './ledgers.ts';
import type { Network } from './options.ts';
import { type Token, tokensOf } from './tokens.ts';

const STATES = ['none', 'open', 'disputed', 'upheld', 'dismissed', 'lapsed'] as const;
const CLASSES = ['-', 'A', 'B', 'C'] as const;
/** Entries that are listed, the newest. */
const LISTED = 32;

/** An incident that was booked. `owed` is what all of its signers are owed, and as much is the bond that disputes it. */
export type Bounty = Readonly<{
  entry: number;
  class: (typeof CLASSES)[number];
  state: (typeof STATES)[number];
  owed: bigint;
  until: bigint;
  arbiter: Hex;
  /** Zero without a dispute. */
  disputer: Hex;
}>;

/** How many were booked of a coverage. */
export async function countOf(network: Network, coverageId: Hex): Promise<number> {
  const { entries } = await accountOf(network, 'bounties', coverageId);
  return entries;
}

/** The newest incidents that were booked of a coverage, oldest first. */
export async function bountiesOf(network: Network, coverageId: Hex): Promise<readonly Bounty[]> {
  const count = await countOf(network, coverageId);
  const first = Math.max(0, count - LISTED);
  const entries = Array.from({ length: count - first }, (_, index) => first + index);
  return Promise.all(entries.map((entry) => readBounty(network, coverageId, entry)));
}

/** One of them; refuses what there is not. */
export async function bountyOf(network: Network, coverageId: Hex, entry: number): Promise<Bounty> {
  const count = await countOf(network, coverageId);
  if (entry < count) return readBounty(network, coverageId, entry);
  throw refuse('ARGUMENT_INVALID', {
    field: 'entry',
    problem: `${entry} is none of the ${count} that are booked`,
    fix: 'look for it by tocsin dispute show',
  });
}

async function readBounty(network: Network, coverageId: Hex, entry: number): Promise<Bounty> {
  const bounties = { ...ledgerAt(network, 'bounties'), abi: bountiesAbi } as const;
  const args = [coverageId, BigInt(entry)] as const;
  const [found, { disputer }] = await Promise.all([
    network.client.readContract({ ...bounties, functionName: 'bountyOf', args }),
    network.client.readContract({ ...bounties, functionName: 'disputeOf', args }),
  ]);
  return {
    entry,
    class: CLASSES[found.class] ?? '-',
    state: STATES[found.state] ?? 'none',
    owed: found.rate * BigInt(found.signed),
    until: BigInt(found.until),
    arbiter: found.arbiter,
    disputer,
  };
}

/** Cells of a table, under these heads. */
export const BOUNTY_HEADS = ['entry', 'class', 'state', 'owed', 'until', 'arbiter', 'disputed by'];
export const bountyCells = (bounty: Bounty, token: Token): readonly string[] => [
  `${bounty.entry}`,
  bounty.class,
  bounty.state,
  tokensOf(bounty.owed, token),
  timeOf(bounty.until),
  bounty.arbiter === zeroAddress ? '-' : bounty.arbiter,
  bounty.disputer === zeroAddress ? '-' : bounty.disputer,
];
