import hre from 'hardhat';
import { type Hex, keccak256, numberToHex } from 'viem';
import { type AccountAnswer, accountsOf, blockProof } from '../../../protocol/block-proof.ts';
import { provenBlocks } from '../../../protocol/claims.ts';
import type { HeaderFields } from '../../../protocol/header.ts';
import { packProof } from '../../../protocol/trie-proof.ts';
import type { Rule, Slot } from '../../../protocol/types.ts';
import { startAnvil } from '../../node/anvil.ts';

/** Stores the second word it is sent in the slot named by the first. */
const SLOTS_CODE: Hex = '0x6020355f355500';
const HARNESS: Hex = '0x00000000000000000000000000000000000000aa';

/** A local chain with the libraries of proofs, and accounts whose slots the test writes. */
export const startWorld = async () => {
  const anvil = await startAnvil();
  const { client, test, wallet } = anvil;
  const { abi, deployedBytecode } = await hre.artifacts.readArtifact('ProofHarness');
  await test.setCode({ address: HARNESS, bytecode: deployedBytecode as Hex });
  const ask = (method: string, ...params: readonly unknown[]) =>
    client.request({ method, params } as never) as Promise<unknown>;

  const headerAt = async (height: bigint) =>
    (await ask('eth_getBlockByNumber', numberToHex(height), false)) as HeaderFields & { hash: Hex };

  const answerAt = async (height: bigint, account: Hex, keys: readonly Hex[]) =>
    (await ask('eth_getProof', account, keys, numberToHex(height))) as AccountAnswer;

  /** What a node makes of its provider's answers. */
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

  return {
    anvil,
    harness: { address: HARNESS, abi } as const,
    headerAt,
    proofAt,
    /** The parts of a proof: one account's, and those of its slots. */
    partsAt: async (height: bigint, account: Hex, keys: readonly Hex[]) => {
      const { accountProof, storageProof } = await answerAt(height, account, keys);
      return {
        nodes: packProof(accountProof, keccak256(account)),
        slots: storageProof.map(({ proof }, index) => packProof(proof, keccak256(keys[index]!))),
      };
    },
    /** Proofs of every block that a rule looks at. */
    proofsOf: (rule: Rule, height: bigint, anchor: bigint) =>
      Promise.all(
        provenBlocks(rule, height).map((block) =>
          proofAt(block === 'anchor' ? anchor : block, rule.slots),
        ),
      ),
    valueAt: (height: bigint, { account, slot }: Slot) =>
      ask('eth_getStorageAt', account, slot, numberToHex(height)) as Promise<Hex>,
    /** A contract with this name's hash as its address. */
    account: async (name: string): Promise<Hex> => {
      const address = `0x${keccak256(new TextEncoder().encode(name)).slice(-40)}` as Hex;
      await test.setCode({ address, bytecode: SLOTS_CODE });
      return address;
    },
    place: (address: Hex, bytecode: Hex) => test.setCode({ address, bytecode }),
    /** Writes slots, all in one block. */
    write: async (writes: readonly (readonly [Slot, bigint])[]) => {
      await test.setAutomine(false);
      const sent: Hex[] = [];
      for (const [{ account, slot }, value] of writes)
        sent.push(
          await wallet.sendTransaction({
            to: account,
            data: `${slot}${numberToHex(value, { size: 32 }).slice(2)}` as Hex,
            gas: 100_000n,
          }),
        );
      await test.mine({ blocks: 1 });
      await test.setAutomine(true);
      for (const hash of sent) {
        const { status } = await client.waitForTransactionReceipt({ hash });
        if (status !== 'success') throw new RangeError(`${hash} reverted`);
      }
      return client.getBlockNumber();
    },
    mine: async (blocks: number) => {
      await test.mine({ blocks });
      return client.getBlockNumber();
    },
  };
};

/** A chain under test, and what is proven of it. */
export type World = Awaited<ReturnType<typeof startWorld>>;
