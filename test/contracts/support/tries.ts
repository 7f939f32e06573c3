import { randomBytes } from 'node:crypto';
import { createMerkleProof, createMPT } from '@ethereumjs/mpt';
import { bytesToHex, type Hex, hexToBytes, keccak256 } from 'viem';
import { packProof } from '../../../protocol/trie-proof.ts';

/** A key of a trie, or the root or value of one that does not matter. */
export const anyWord = (): Hex => bytesToHex(randomBytes(32));

/** A trie that holds these values, by keys that are hashed already. */
export const trieOf = async (entries: readonly (readonly [key: Hex, value: Hex])[]) => {
  const trie = await createMPT();
  for (const [key, value] of entries) await trie.put(hexToBytes(key), hexToBytes(value));
  /** Root first. */
  const nodes = async (key: Hex): Promise<Hex[]> =>
    (await createMerkleProof(trie, hexToBytes(key))).map((node) => bytesToHex(node));
  return {
    root: bytesToHex(trie.root()),
    nodes,
    /** As the contracts take it. */
    proof: async (key: Hex): Promise<Hex> => packProof(await nodes(key), key),
    /** The same, node by node. */
    parts: async (key: Hex): Promise<Hex[]> => {
      const all = await nodes(key);
      const firsts = all.map((_, index) => packProof(all.slice(0, index + 1), key));
      return firsts
        .map((first, index): Hex => `0x${first.slice(firsts[index - 1]?.length ?? 2)}`)
        .filter((part) => part !== '0x');
    },
  };
};

/** Keys that make each of the first nodes on this key's path a branch with sixteen children. */
export const neighbours = (key: Hex, levels: number): Hex[] =>
  Array.from({ length: levels }, (_, depth) =>
    '0123456789abcdef'
      .split('')
      .filter((nibble) => nibble !== key[2 + depth])
      .map((nibble) => sharing(`${key.slice(0, 2 + depth)}${nibble}`)),
  ).flat();

/** A key that begins with these digits and goes on as it likes. */
export const sharing = (start: string): Hex => `${start}${anyWord().slice(start.length)}` as Hex;

/** Where an account or a slot lies in a trie. */
export const placeOf = (name: Hex): Hex => keccak256(name);
