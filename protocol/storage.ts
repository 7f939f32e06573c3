import { encodeAbiParameters, type Hex, keccak256 } from 'viem';

/** `anchors` of the registry's `Book`, by its place in the contract's storage. */
const ANCHOR = 6n;

/** Storage slot in which the registry keeps the hash of a rule's anchor block, for eth_getProof. */
export const anchorSlot = (coverageId: Hex, ruleId: Hex): Hex =>
  entry(ruleId, BigInt(entry(coverageId, ANCHOR)));

/** Slot of a mapping's entry. From the Solidity documentation, "Layout of State Variables in Storage". */
const entry = (key: Hex, mapping: bigint): Hex =>
  keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'uint256' }], [key, mapping]));
