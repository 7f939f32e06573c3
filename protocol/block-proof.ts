import { concatHex, type Hex, size } from 'viem';
import { faults } from './fault.ts';
import { encodeHeader, type HeaderFields } from './header.ts';
import type { Slot } from './types.ts';

const fault = faults<{ PROOF_MISSING: { account: Hex; slot: Hex | null } }>();

/** What a rule's slots hold at one block, as the contracts take it. */
export type BlockProof = Readonly<{ header: Hex; accounts: readonly Hex[]; slots: readonly Hex[] }>;

/** As much of an answer to eth_getProof as is needed. */
export type AccountAnswer = Readonly<{
  accountProof: readonly Hex[];
  storageProof: readonly Readonly<{ key: Hex; proof: readonly Hex[] }>[];
}>;

/** Nodes shorter than this lie within their parents. */
const HASHED = 32;
const EMPTY_TRIE: Hex = '0x80';

/** The accounts among slots, in the order in which they are first named: eth_getProof is asked once for each. */
export const accountsOf = (slots: readonly Slot[]): readonly Hex[] => [
  ...new Set(slots.map(({ account }) => lower(account))),
];

/** Nodes end to end. Some clients repeat those that lie within their parents, or name the root of nothing. */
export const nodesOf = (proof: readonly Hex[]): Hex =>
  concatHex(
    proof.filter((node, index) =>
      index === 0 ? node.toLowerCase() !== EMPTY_TRIE : size(node) >= HASHED,
    ),
  );

/** A proof of these slots at a block, of the answers to eth_getBlock and, account by account, to eth_getProof. */
export function blockProof(
  header: HeaderFields,
  slots: readonly Slot[],
  answers: ReadonlyMap<Hex, AccountAnswer>,
): BlockProof {
  const answerOf = (account: Hex): AccountAnswer => {
    const answer = answers.get(lower(account));
    if (answer === undefined) throw fault('PROOF_MISSING', { account, slot: null });
    return answer;
  };
  const storageOf = ({ account, slot }: Slot): Hex => {
    const found = answerOf(account).storageProof.find(({ key }) => BigInt(key) === BigInt(slot));
    if (found === undefined) throw fault('PROOF_MISSING', { account, slot });
    return nodesOf(found.proof);
  };
  return {
    header: encodeHeader(header),
    accounts: accountsOf(slots).map((account) => nodesOf(answerOf(account).accountProof)),
    slots: slots.map(storageOf),
  };
}

const lower = (account: Hex): Hex => account.toLowerCase() as Hex;
