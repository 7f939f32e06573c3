import { concatHex, type Hex, keccak256 } from 'viem';
import { faults } from './fault.ts';
import { encodeHeader, type HeaderFields } from './header.ts';
import { packProof } from './trie-proof.ts';
import type { Slot } from './types.ts';

const fault = faults<{ PROOF_MISSING: { account: Hex; slot: Hex | null } }>();

/** As much of an answer to eth_getProof as is needed. */
export type AccountAnswer = Readonly<{
  accountProof: readonly Hex[];
  storageProof: readonly Readonly<{ key: Hex; proof: readonly Hex[] }>[];
}>;

/** The accounts among slots, in the order in which they are first named: eth_getProof is asked once for each. */
export const accountsOf = (slots: readonly Slot[]): readonly Hex[] => [
  ...new Set(slots.map(({ account }) => lower(account))),
];

/**
 * What these slots hold at a block, as the contracts take it: of the answers to eth_getBlock and, account by account in
 * lower case, to eth_getProof. A rule's proof is that of each of its `provenBlocks`, end to end.
 */
export function blockProof(
  header: HeaderFields,
  slots: readonly Slot[],
  answers: ReadonlyMap<Hex, AccountAnswer>,
): Hex {
  const shown = new Set<Hex>();
  const parts = slots.map(({ account, slot }) => {
    const answer = answers.get(lower(account));
    if (answer === undefined) throw fault('PROOF_MISSING', { account, slot: null });
    const storage = answer.storageProof.find(({ key }) => BigInt(key) === BigInt(slot));
    if (storage === undefined) throw fault('PROOF_MISSING', { account, slot });
    const nodes = packProof(storage.proof, keccak256(slot));
    if (shown.has(lower(account))) return nodes;
    shown.add(lower(account));
    return concatHex([packProof(answer.accountProof, keccak256(account)), nodes]);
  });
  return concatHex([encodeHeader(header), ...parts]);
}

const lower = (account: Hex): Hex => account.toLowerCase() as Hex;
