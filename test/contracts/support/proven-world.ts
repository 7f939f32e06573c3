import hre from 'hardhat';
import { type Hex, keccak256, numberToHex } from 'viem';
import type { Slot } from '../../../protocol/types.ts';
import { startAnvil } from '../../node/anvil.ts';
import { createProofs, SLOTS_CODE } from './chain-proofs.ts';

const HARNESS: Hex = '0x00000000000000000000000000000000000000aa';

/** A local chain with the libraries of proofs, and accounts whose slots the test writes. */
export const startWorld = async () => {
  const anvil = await startAnvil();
  const { client, test, wallet } = anvil;
  const { abi, deployedBytecode } = await hre.artifacts.readArtifact('ProofHarness');
  await test.setCode({ address: HARNESS, bytecode: deployedBytecode as Hex });
  const ask = (method: string, ...params: readonly unknown[]) =>
    client.request({ method, params } as never) as Promise<unknown>;

  const { headerAt, proofAt, partsAt, proofsOf } = createProofs(ask);

  return {
    anvil,
    harness: { address: HARNESS, abi } as const,
    headerAt,
    proofAt,
    partsAt,
    proofsOf,
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
