import { createMPTFromProof } from '@ethereumjs/mpt';
import { bytesToHex, fromRlp, type Hex, hexToBytes, isHex, keccak256, padHex } from 'viem';
import { z } from 'zod';
import { faults } from '../../protocol/fault.ts';
import type { Slot } from '../../protocol/types.ts';
import type { Block } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';

const fault = faults<{
  PROOF_INVALID: { block: Hex; account: Hex; reason: string };
  LEAF_INVALID: { leaf: Hex };
}>();

/** Root of a trie that holds nothing: keccak256 of the RLP of the empty string. */
const EMPTY_ROOT = keccak256('0x80');
const ZERO: Hex = `0x${'00'.repeat(32)}`;
/** Deeper tries, and nodes longer than a full branch, do not exist. */
const nodes = z
  .array(z.custom<Hex>((value) => isHex(value) && value.length <= 2 + 2 * 1024))
  .max(65);
const proofSchema = z.object({
  accountProof: nodes,
  storageProof: z.array(z.object({ proof: nodes })).max(64),
});

/** Values of slots at a block, each proven against the block's state root. */
export async function provenValues(
  providers: Providers,
  block: Block,
  slots: readonly Slot[],
): Promise<readonly Hex[]> {
  const accounts = [...new Set(slots.map(({ account }) => account))];
  const byAccount = new Map(
    await Promise.all(
      accounts.map(async (account) => {
        const keys = [
          ...new Set(slots.filter((slot) => slot.account === account).map(({ slot }) => slot)),
        ];
        return [account, await provenStorage(providers, block, account, keys)] as const;
      }),
    ),
  );
  return slots.map(({ account, slot }) => byAccount.get(account)!.get(slot)!);
}

async function provenStorage(
  providers: Providers,
  block: Block,
  account: Hex,
  keys: readonly Hex[],
): Promise<ReadonlyMap<Hex, Hex>> {
  const refuse = (reason: string, cause?: unknown) =>
    fault('PROOF_INVALID', { block: block.hash, account, reason }, cause);
  const { accountProof, storageProof } = await providers.agreed(
    'eth_getProof',
    [account, keys, { blockHash: block.hash }],
    (answer) => {
      const parsed = proofSchema.safeParse(answer);
      if (!parsed.success || parsed.data.storageProof.length !== keys.length)
        throw refuse('shape', parsed.error);
      return parsed.data;
    },
  );
  try {
    const leaf = await lookUp(block.stateRoot, account, accountProof);
    const root = leaf === null ? EMPTY_ROOT : storageRootOf(leaf);
    const entries = keys.map(
      async (key, index) => [key, await storedAt(root, key, storageProof[index]!.proof)] as const,
    );
    return new Map(await Promise.all(entries));
  } catch (error) {
    throw refuse('trie', error);
  }
}

/** What the trie with this root holds at a key; null when the nodes show that it holds nothing. Throws when they show neither. */
async function lookUp(root: Hex, key: Hex, proof: readonly Hex[]): Promise<Uint8Array | null> {
  if (root === EMPTY_ROOT) return null;
  const [top] = proof;
  if (top === undefined || keccak256(top) !== root)
    throw fault('PROOF_INVALID', { block: root, account: key, reason: 'root' });
  const trie = await createMPTFromProof(
    proof.map((node) => hexToBytes(node)),
    { useKeyHashing: true },
  );
  return trie.get(hexToBytes(key), true);
}

async function storedAt(root: Hex, slot: Hex, proof: readonly Hex[]): Promise<Hex> {
  const value = await lookUp(root, slot, proof);
  return value === null ? ZERO : padHex(textOf(value), { size: 32 });
}

function textOf(value: Uint8Array): Hex {
  const text = fromRlp(bytesToHex(value), 'hex');
  if (typeof text !== 'string') throw fault('LEAF_INVALID', { leaf: bytesToHex(value) });
  return text as Hex;
}

/** An account is [nonce, balance, storage root, code hash]. */
function storageRootOf(leaf: Uint8Array): Hex {
  const fields = fromRlp(bytesToHex(leaf), 'hex');
  const root: unknown = Array.isArray(fields) && fields.length === 4 ? fields[2] : null;
  if (typeof root !== 'string' || root.length !== 66)
    throw fault('LEAF_INVALID', { leaf: bytesToHex(leaf) });
  return root as Hex;
}
