import {
  type Chain,
  type Abi,
  BaseError,
  ContractFunctionRevertedError,
  createWalletClient,
  type Hex,
  type LocalAccount,
  type TransactionReceipt,
} from 'viem';
import type { ChainAccess } from '../lib/chain.ts';
import { refuse } from '../lib/refusal.ts';
import { transportOf } from '../lib/transport.ts';
import { fixes } from './fixes.ts';

/**
 * A call that changes the chain. `name` is how a line names it. One that rests on the hash of the newest block is tried
 * `onPending`, in the block after it, and bids a third more gas than it took there.
 */
export type Request = Readonly<{
  name: string;
  address: Hex;
  abi: Abi;
  functionName: string;
  args?: readonly unknown[];
  value?: bigint;
  onPending?: boolean;
}>;

const POLL_MS = 100;
const DEADLINE_MS = 180_000;

/** Simulates, then sends and waits until it is mined; a revert is refused before anything is signed. */
export async function transact(
  { client, chain }: ChainAccess,
  account: LocalAccount,
  { name, address, abi, functionName, args = [], value = 0n, onPending = false }: Request,
): Promise<TransactionReceipt> {
  const call = { address, abi, functionName, args, value, account };
  const no = (error: unknown): never => {
    throw refused(name, account.address, error);
  };
  const tried = onPending ? { ...call, blockTag: 'pending' as const } : call;
  await client.simulateContract(tried).catch(no);
  const limit = onPending
    ? { gas: ((await client.estimateContractGas(tried).catch(no)) * 4n) / 3n }
    : {};
  const hash = await walletOf(chain, account)
    .writeContract({ ...call, ...limit, chain })
    .catch(no);
  return await mined({ client, chain }, name, hash);
}

/** Sends from `account`, to the first provider. */
export const walletOf = (chain: Chain, account: LocalAccount) =>
  createWalletClient({ account, chain, transport: transportOf(chain.rpcUrls.default.http[0]!) });

/** Waits for the receipt of a transaction that must succeed. */
export async function mined(
  { client }: Pick<ChainAccess, 'client' | 'chain'>,
  name: string,
  hash: Hex,
): Promise<TransactionReceipt> {
  const receipt = await client.waitForTransactionReceipt({
    hash,
    pollingInterval: POLL_MS,
    timeout: DEADLINE_MS,
  });
  if (receipt.status !== 'success')
    throw refuse('TRANSACTION_REFUSED', {
      field: name,
      problem: `transaction ${hash} reverted`,
      fix: 'look at it and run the command again',
    });
  return receipt;
}

/** The line of a call that the chain refuses; other errors pass unchanged. */
export function refused(name: string, sender: Hex, error: unknown): unknown {
  if (!(error instanceof BaseError)) return error;
  const revert = error.walk((step) => step instanceof ContractFunctionRevertedError);
  if (revert instanceof ContractFunctionRevertedError) {
    const errorName = revert.data?.errorName ?? revert.signature ?? revert.reason ?? 'a revert';
    const values = (revert.data?.args ?? []).map(shown).join(', ');
    return refuse(
      'TRANSACTION_REFUSED',
      {
        field: name,
        problem: `the chain refuses it: ${errorName}(${values})`,
        fix: fixes[errorName] ?? 'correct it and run the command again',
      },
      error,
    );
  }
  if (/insufficient funds|exceeds the balance/i.test(error.message))
    return refuse(
      'FUNDS_SHORT',
      { field: name, problem: `${sender} cannot pay for it`, fix: 'send ether to that account' },
      error,
    );
  return error;
}

const shown = (value: unknown): string => {
  if (typeof value === 'string') return value;
  return typeof value === 'bigint' || typeof value === 'number' ? value.toString() : '…';
};
