import { encodeAbiParameters, type Hex, keccak256, toHex, zeroHash } from 'viem';
import type { EvmLeaf } from '../../../protocol/evidence.ts';
import type { Verdict } from '../../../protocol/types.ts';
import { type Rig, verdictOf } from './registry.ts';

const LEAVES = [
  {
    type: 'tuple[]',
    components: [
      { name: 'ruleId', type: 'bytes32' },
      { name: 'state', type: 'uint8' },
    ],
  },
] as const;

/** A roll call of these leaves at a height, with what a test wants otherwise. */
export const rollCallOf = async (
  rig: Rig & Readonly<{ id: Hex }>,
  height: bigint,
  leaves: readonly EvmLeaf[],
  changes: Partial<Verdict> = {},
): Promise<Verdict> =>
  verdictOf(rig, rig.id, {
    height,
    ruleId: zeroHash,
    subject: keccak256(toHex('Tocsin roll call')),
    rung: 0,
    life: 0,
    claimsRoot: keccak256(encodeAbiParameters(LEAVES, [leaves])),
    ...changes,
  });
