import { createMPTFromProof } from '@ethereumjs/mpt';
import { bytesToHex, fromRlp, type Hex, hexToBytes, isHex, keccak256, padHex } from 'viem';
import { z } from 'zod';
import { faults } from '../../protocol/fault.ts';
import type { AccountAnswer } from '../../protocol/block-proof.ts';
import type { Slot } from '../../protocol/types.ts';
import type { Block } from '../lib/pipeline.ts';
import type { Ask, Providers } from '../lib/rpc.ts';

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

/** What slots hold at a block, and by account the answers to eth_getProof that show it. */
export type Proven = Readonly<{
  values: readonly Hex[];
  answers: ReadonlyMap<Hex, AccountAnswer>;
}>;

/** Proves what slots hold at a block. */
export type ProvenAt = (
  block: Pick<Block, 'hash' | 'stateRoot'>,
  slots: readonly Slot[],
) => Promise<Proven>;

/** Values of slots at a block, each proven against the block's state root. */
export const provenValues = async (
  { agreed }: Pick<Providers, 'agreed'>,
  block: Pick<Block, 'hash' | 'stateRoot'>,
  slots: readonly Slot[],
): Promise<readonly Hex[]> => (await provenSlots(agreed, block, slots)).values;

/** The same, with what proves them; accounts are in lower case. */
export async function provenSlots(
  ask: Ask,
  block: Pick<Block, 'hash' | 'stateRoot'>,
  slots: readonly Slot[],
): Promise<Proven> {
  const accounts = [...new Set(slots.map(({ account }) => account))];
  const byAccount = new Map(
    await Promise.all(
      accounts.map(async (account) => {
        const keys = [
          ...new Set(slots.filter((slot) => slot.account === account).map(({ slot }) => slot)),
        ];
        return [account, await provenStorage(ask, block, account, keys)] as const;
      }),
    ),
  );
  return {
    values: slots.map(({ account, slot }) => byAccount.get(account)!.values.get(slot)!),
    answers: new Map(
      [...byAccount].map(([account, { answer }]) => [account.toLowerCase() as Hex, answer]),
    ),
  };
}

async function provenStorage(
  ask: Ask,
  block: Pick<Block, 'hash' | 'stateRoot'>,
  account: Hex,
  keys: readonly Hex[],
): Promise<{ values: ReadonlyMap<Hex, Hex>; answer: AccountAnswer }> {
  const refuse = (reason: string, cause?: unknown) =>
    fault('PROOF_INVALID', { block: block.hash, account, reason }, cause);
  const { accountProof, storageProof } = await ask(
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
    const owner = await lookUp(block.stateRoot, account, accountProof);
    const root = owner.value === null ? EMPTY_ROOT : storageRootOf(owner.value);
    const shown = await Promise.all(
      keys.map(async (key, index) => ({
        key,
        ...(await lookUp(root, key, storageProof[index]!.proof)),
      })),
    );
    return {
      values: new Map(shown.map(({ key, value }) => [key, wordOf(value)])),
      answer: {
        accountProof: owner.path,
        storageProof: shown.map(({ key, path }) => ({ key, proof: path })),
      },
    };
  } catch (error) {
    throw refuse('trie', error);
  }
}

/** What a trie holds at a key, null for nothing, and the nodes that show it, from the root on. */
type Found = Readonly<{ value: Uint8Array | null; path: readonly Hex[] }>;

/**
 * Throws where the nodes show neither a value nor that there is none. Contracts take them in one order and no other beside
 * them, and who answers may have sent them anyhow.
 */
async function lookUp(root: Hex, key: Hex, proof: readonly Hex[]): Promise<Found> {
  if (root === EMPTY_ROOT) return { value: null, path: [] };
  const [top] = proof;
  if (top === undefined || keccak256(top) !== root)
    throw fault('PROOF_INVALID', { block: root, account: key, reason: 'root' });
  const trie = await createMPTFromProof(
    proof.map((node) => hexToBytes(node)),
    { useKeyHashing: true },
  );
  const { node, stack } = await trie.findPath(keccak256(hexToBytes(key), 'bytes'), true);
  return {
    value: node?.value() ?? null,
    path: stack.map((each) => bytesToHex(each.serialize())),
  };
}

const wordOf = (value: Uint8Array | null): Hex =>
  value === null ? ZERO : padHex(textOf(value), { size: 32 });

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
