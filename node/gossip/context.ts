import type { Hex } from 'viem';
import { CERTIFICATE_AGE } from '../../protocol/quorum.ts';
import { isRollCall } from '../../protocol/roll-call.ts';
import type { Committee, Domain, Verdict } from '../../protocol/types.ts';
import { type OwnKeys, ownSeat } from '../lib/own-keys.ts';
import type { CoveredRule } from '../lib/pipeline.ts';
import type { Outcome } from './outcome.ts';
import { ignore, reject } from './outcome.ts';

/** What the chain has decided, as of the newest block this node has seen. */
export type Context = Readonly<{
  head: bigint;
  /** Rosters in force at some height of the window, newest first. */
  committees: readonly Committee[];
  ruleOf(coverageId: Hex, ruleId: Hex): Pick<CoveredRule, 'rule'> | null;
  /** Whether a coverage is called at a block; null of one this node does not know. */
  isCalled(coverageId: Hex, blockHash: Hex): boolean | null;
  isStruck(epoch: bigint, seat: number): boolean;
  /** Blocks this node saw at a height, on every fork; none when it saw nothing there. */
  hashesAt(height: bigint): readonly Hex[];
}>;

/** Blocks behind the head a verdict may be. */
export const WINDOW = CERTIFICATE_AGE;

/** Blocks a peer may be ahead of this node; its messages are judged at once all the same. */
export const AHEAD = 8n;

export const committeeOf = (context: Context, epoch: bigint): Committee | null =>
  context.committees.find((committee) => committee.epoch === epoch) ?? null;

/** True when some roster of the window has a seat for the key. */
export const hasSeat = (context: Context, keyHash: Hex): boolean =>
  context.committees.some(({ seats }) => seats.some((seat) => seat.keyHash === keyHash));

/** The own key to shake hands by: that of the newest roster with a seat for one, the first while there is none. */
export function keyToShow({ committees }: Context, own: OwnKeys): Hex | null {
  const seats = committees.map((committee) => ownSeat(committee, own));
  const [first = null] = own;
  return seats.find((seat) => seat !== null)?.keyHash ?? first;
}

/** True as well while no roster is known: a node that has just started cannot tell. */
export const mayHaveSeat = (context: Context, keyHash: Hex): boolean =>
  context.committees.length === 0 || hasSeat(context, keyHash);

/**
 * True when this node knows the height and not the block: invented, or of a fork it has not seen. Nobody can tell the
 * two apart yet, so it is ignored and tried again.
 */
export const isOtherBlock = (context: Context, { height, blockHash }: Verdict): boolean => {
  if (height > context.head) return false;
  const hashes = context.hashesAt(height);
  return hashes.length > 0 && !hashes.includes(blockHash);
};

/**
 * Checks of a verdict that need no curve. What another honest watcher may know before this one does is ignored,
 * what none could have signed is rejected. Null when nothing is wrong.
 */
export function checkVerdict(domain: Domain, context: Context, verdict: Verdict): Outcome | null {
  if (verdict.observedChainId !== domain.chainId) return reject('CHAIN');
  if (verdict.height + WINDOW < context.head) return ignore('HEIGHT');
  if (verdict.height > context.head + AHEAD) return ignore('AHEAD');
  if (committeeOf(context, verdict.epoch) === null) return ignore('EPOCH');
  if (isRollCall(verdict)) {
    const isCalled = context.isCalled(verdict.coverageId, verdict.blockHash);
    if (isCalled === null) return ignore('RULE');
    // By what providers told this node at its start: no peer is at fault where they lied.
    return isCalled ? null : ignore('NOT_CALLED');
  }
  const covered = context.ruleOf(verdict.coverageId, verdict.ruleId);
  if (covered === null) return ignore('RULE');
  const { rung, life } = covered.rule;
  if (verdict.rung !== rung || verdict.life !== life) return reject('RULE_MISMATCH');
  return null;
}
