import { encodeAbiParameters, type Hex, keccak256, toHex, zeroHash } from 'viem';
import type { Verdict } from './types.ts';

/** The states of a rule, as a roll call says them. */
export const STATES = { clear: 0, firing: 1, faulted: 2 } as const;

/** One of them. */
export type State = keyof typeof STATES;

/** The state of one rule. */
export type Leaf = Readonly<{ ruleId: Hex; state: number }>;

/** Subject of a roll call: no verdict of a rule is under such a key. */
export const ROLL_CALL: Hex = keccak256(toHex('Tocsin roll call'));

const WORD = { type: 'bytes32' } as const;
const LEAVES = [
  {
    type: 'tuple[]',
    components: [
      { name: 'ruleId', type: 'bytes32' },
      { name: 'state', type: 'uint8' },
    ],
  },
] as const;

/** Whether a coverage is called at a block; `period` is the blocks from one roll call to the next, on average. */
export const isDue = (coverageId: Hex, blockHash: Hex, period: bigint): boolean =>
  BigInt(keccak256(encodeAbiParameters([WORD, WORD, WORD], [ROLL_CALL, coverageId, blockHash]))) %
    period ===
  0n;

/** Claims root of a roll call: of every rule that is armed at the block, in the order in which the coverage names them. */
export const rollCallRoot = (leaves: readonly Leaf[]): Hex =>
  keccak256(encodeAbiParameters(LEAVES, [leaves]));

/** The one verdict that a roll call is. */
export const rollCallOf = ({
  block,
  epoch,
  coverageId,
  leaves,
}: Readonly<{
  block: Readonly<{ chainId: bigint; hash: Hex; height: bigint }>;
  epoch: bigint;
  coverageId: Hex;
  leaves: readonly Leaf[];
}>): Verdict => ({
  observedChainId: block.chainId,
  coverageId,
  ruleId: zeroHash,
  blockHash: block.hash,
  subject: ROLL_CALL,
  height: block.height,
  epoch,
  rung: 0,
  life: 0,
  claimsRoot: rollCallRoot(leaves),
});

/** Whether a verdict is a roll call, and no rule's. */
export const isRollCall = ({ ruleId, subject, rung, life }: Verdict): boolean =>
  subject === ROLL_CALL && ruleId === zeroHash && rung === 0 && life === 0;
