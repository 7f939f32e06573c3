import type { Hex } from 'viem';
import { keepNewest } from '../lib/keep-newest.ts';
import { turnOf } from '../lib/order.ts';
import type { OwnKeys } from '../lib/own-keys.ts';
import type { ChainState } from '../lib/pipeline.ts';

/** Blocks from one seat's turn to the next: in so many a commitment is mined, and shown, and what it showed is mined. */
const TURN_BLOCKS = 4n;
/** A seat waits for the turns of no more than so many. */
const MOST_TURNS = 16;
/** Acts of which is remembered since when they wait: the longest unasked for give way. */
const KEPT = 4_096;

/** Whether it is the own seat's turn to act, `about` being the same for every watcher. */
export function createTurns(own: OwnKeys) {
  /** The height at which each act was first to be done. */
  const since = new Map<Hex, bigint>();

  /** Who lied does not wait to be proven, and has no turn. */
  return (
    about: Hex,
    height: bigint,
    { committee, struck }: ChainState,
    accused: readonly number[] = [],
  ): boolean => {
    const first = since.get(about) ?? height;
    since.delete(about);
    since.set(about, first);
    keepNewest(since, KEPT);
    const barred = struck.find(({ epoch }) => epoch === committee?.epoch)?.seats ?? [];
    const turn = committee === null ? 0 : turnOf(about, committee, own, [...barred, ...accused]);
    return height >= first + TURN_BLOCKS * BigInt(Math.min(turn, MOST_TURNS));
  };
}
