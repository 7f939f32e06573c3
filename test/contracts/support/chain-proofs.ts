import { type Hex, keccak256, numberToHex } from 'viem';
import { type AccountAnswer, accountsOf, blockProof } from '../../../protocol/block-proof.ts';
import { provenBlocks } from '../../../protocol/claims.ts';
import type { HeaderFields } from '../../../protocol/header.ts';
import { packProof } from '../../../protocol/trie-proof.ts';
import type { Rule, Slot } from '../../../protocol/types.ts';

/** Code that stores the second word it is sent in the slot named by the first. */
export const SLOTS_CODE: Hex = '0x6020355f355500';

/** Asks a chain over JSON-RPC. */
export type Ask = (method: string, ...params: readonly unknown[]) => Promise<unknown>;

/** What a node makes of its provider's answers about blocks of this chain. */
export const createProofs = (ask: Ask) => {
  const headerAt = async (height: bigint) =>
    (await ask('eth_getBlockByNumber', numberToHex(height), false)) as HeaderFields & { hash: Hex };

  const answerAt = async (height: bigint, account: Hex, keys: readonly Hex[]) =>
    (await ask('eth_getProof', account, keys, numberToHex(height))) as AccountAnswer;

  const proofAt = async (height: bigint, slots: readonly Slot[]): Promise<Hex> => {
    const answers = new Map<Hex, AccountAnswer>();
    for (const account of accountsOf(slots)) {
      const keys = slots.filter((slot) => BigInt(slot.account) === BigInt(account));
      const answer = await answerAt(
        height,
        account,
        keys.map(({ slot }) => slot),
      );
      answers.set(account, answer);
    }
    return blockProof(await headerAt(height), slots, answers);
  };

  /** The parts of a proof: one account's, and those of its slots. */
  const partsAt = async (height: bigint, account: Hex, keys: readonly Hex[]) => {
    const { accountProof, storageProof } = await answerAt(height, account, keys);
    return {
      nodes: packProof(accountProof, keccak256(account)),
      slots: storageProof.map(({ proof }, index) => packProof(proof, keccak256(keys[index]!))),
    };
  };

  /** Proofs of every block that a rule looks at. */
  const proofsOf = (rule: Rule, height: bigint, anchor: bigint) =>
    Promise.all(
      provenBlocks(rule, height).map((block) =>
        proofAt(block === 'anchor' ? anchor : block, rule.slots),
      ),
    );

  return { headerAt, proofAt, partsAt, proofsOf };
};
