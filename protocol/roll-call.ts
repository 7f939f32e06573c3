import { encodeAbiParameters, type Hex, keccak256, toHex } from 'viem';

/** The state of one rule as a roll call says it: 0 clear, 1 firing, 2 faulted. */
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
