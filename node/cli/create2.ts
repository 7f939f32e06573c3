import {
  type TransactionSerializedLegacy,
  concat,
  getContractAddress,
  getCreate2Address,
  type Hex,
  type LocalAccount,
  recoverTransactionAddress,
} from 'viem';
import type { ChainAccess } from '../lib/chain.ts';
import { refuse } from '../lib/refusal.ts';
import { mined, refused, walletOf } from './transact.ts';

/** The deployment proxy that has one address on every chain: calldata is salt and creation code. */
export const PROXY: Hex = '0x4e59b44847b379578588920cA78FbF26c0B4956C';

// Signed once for all chains at 100 gwei; nobody holds the key of its sender, whose first transaction this must be.
const PRESIGNED =
  '0xf8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf31ba02222222222222222222222222222222222222222222222222222222222222222a02222222222222222222222222222222222222222222222222222222222222222' as TransactionSerializedLegacy;
const PRESIGNED_COST = 100_000n * 100_000_000_000n;

/** Where creation code lands under a salt, whoever sends it. */
export const addressOf = (salt: Hex, code: Hex): Hex =>
  getCreate2Address({ from: PROXY, salt, bytecode: code });

/** Where a contract's own child lands, by creation nonce. */
export const childOf = (parent: Hex, nonce: bigint): Hex =>
  getContractAddress({ from: parent, nonce });

/** Makes sure that the proxy is there, paying its presigned transaction where the chain still takes it. */
export async function ensureProxy(access: ChainAccess, account: LocalAccount): Promise<void> {
  const { client, chain } = access;
  if ((await client.getCode({ address: PROXY })) !== undefined) return;
  const wallet = walletOf(chain, account);
  const sender = await recoverTransactionAddress({ serializedTransaction: PRESIGNED });
  try {
    const balance = await client.getBalance({ address: sender });
    if (balance < PRESIGNED_COST)
      await mined(
        access,
        'proxy',
        await wallet.sendTransaction({ to: sender, value: PRESIGNED_COST - balance }),
      );
    await mined(
      access,
      'proxy',
      await client.sendRawTransaction({ serializedTransaction: PRESIGNED }),
    );
  } catch (error) {
    throw refuse(
      'CODE_MISSING',
      {
        field: 'chain',
        problem: `the deployment proxy ${PROXY} is not there and the chain does not take its presigned transaction`,
        fix: 'ask the operators of the chain to place it',
      },
      error,
    );
  }
}

/** Deploys creation code through the proxy unless it is there already; the height, or null when it was. */
export async function deployAt(
  access: ChainAccess,
  account: LocalAccount,
  { name, salt, code }: { name: string; salt: Hex; code: Hex },
): Promise<bigint | null> {
  const { client, chain } = access;
  const address = addressOf(salt, code);
  if ((await client.getCode({ address })) !== undefined) return null;
  const wallet = walletOf(chain, account);
  const hash = await wallet
    .sendTransaction({ to: PROXY, data: concat([salt, code]) })
    .catch((error: unknown) => {
      throw constructorRefused(name, refused(name, account.address, error));
    });
  const { blockNumber } = await mined(access, name, hash);
  if ((await client.getCode({ address })) === undefined) throw constructorRefused(name);
  return blockNumber;
}

function constructorRefused(name: string, error?: unknown): unknown {
  const reverted = error === undefined || (error instanceof Error && /revert/i.test(error.message));
  if (!reverted) return error;
  return refuse(
    'TRANSACTION_REFUSED',
    {
      field: name,
      problem: 'its constructor refuses the settings or the token',
      fix: 'correct the settings file',
    },
    error,
  );
}
