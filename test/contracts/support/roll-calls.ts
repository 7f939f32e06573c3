import { type Hex, zeroHash } from 'viem';
import { type Leaf, ROLL_CALL, rollCallRoot } from '../../../protocol/roll-call.ts';
import type { Verdict } from '../../../protocol/types.ts';
import { type Rig, verdictOf } from './registry.ts';

/** A roll call of these leaves at a height, with what a test wants otherwise. */
export const rollCallOf = async (
  rig: Rig & Readonly<{ id: Hex }>,
  height: bigint,
  leaves: readonly Leaf[],
  changes: Partial<Verdict> = {},
): Promise<Verdict> =>
  verdictOf(rig, rig.id, {
    height,
    ruleId: zeroHash,
    subject: ROLL_CALL,
    rung: 0,
    life: 0,
    claimsRoot: rollCallRoot(leaves),
    ...changes,
  });
