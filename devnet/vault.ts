import type { Address } from 'viem';
import { encodeDeployData, encodeFunctionData, getContractAddress, maxUint256 } from 'viem';
import { leakyVaultAbi, leakyVaultBytecode, tokenAbi } from '../protocol/abi.ts';
import type { Market, Reserve } from './aave.ts';
import { poolAbi } from './aave-abi.ts';
import type { Chain } from './chain.ts';

/** The guarded vault and what it holds. */
export type Vault = Readonly<{ address: Address; asset: Reserve }>;

/** What a vault's limiter lets out, shares in basis points; the period in seconds. */
export type Limits = Readonly<{
  period: number;
  calmBps: number;
  trippedBps: number;
  accountBps: number;
}>;

/** Unbounded until rung 2 is in force; then a tenth of the holdings in an hour, half of that an account. */
export const limits: Limits = {
  period: 3_600,
  calmBps: 10_000,
  trippedBps: 1_000,
  accountBps: 5_000,
};

/** The guarded vault of our own, over the market's dollars. */
export async function deployVault(
  chain: Chain,
  hub: Address,
  guardian: Address,
  asset: Reserve,
  settings: Limits = limits,
): Promise<Vault> {
  const from = chain.accounts[0]!;
  const nonce = await chain.client.getTransactionCount({ address: from });
  const hash = await chain.admin.sendTransaction({
    chain: null,
    gas: 3_000_000n,
    data: encodeDeployData({
      abi: leakyVaultAbi,
      bytecode: leakyVaultBytecode,
      args: [hub, guardian, asset.token, settings],
    }),
  });
  await chain.client.waitForTransactionReceipt({ hash });
  return { address: getContractAddress({ from, nonce: BigInt(nonce) }), asset };
}

/** Calls people make, as data to send. */
export const calls = {
  mint: (to: Address, amount: bigint) =>
    encodeFunctionData({ abi: tokenAbi, functionName: 'mint', args: [to, amount] }),
  approve: (spender: Address) =>
    encodeFunctionData({ abi: tokenAbi, functionName: 'approve', args: [spender, maxUint256] }),
  supply: (token: Address, amount: bigint, to: Address) =>
    encodeFunctionData({ abi: poolAbi, functionName: 'supply', args: [token, amount, to, 0] }),
  withdraw: (token: Address, amount: bigint, to: Address) =>
    encodeFunctionData({ abi: poolAbi, functionName: 'withdraw', args: [token, amount, to] }),
  borrow: (token: Address, amount: bigint, by: Address) =>
    encodeFunctionData({ abi: poolAbi, functionName: 'borrow', args: [token, amount, 2n, 0, by] }),
  repay: (token: Address, amount: bigint, by: Address) =>
    encodeFunctionData({ abi: poolAbi, functionName: 'repay', args: [token, amount, 2n, by] }),
  liquidate: (collateral: Address, debt: Address, of: Address, amount: bigint) =>
    encodeFunctionData({
      abi: poolAbi,
      functionName: 'liquidationCall',
      args: [collateral, debt, of, amount, false],
    }),
  deposit: (amount: bigint) =>
    encodeFunctionData({ abi: leakyVaultAbi, functionName: 'deposit', args: [amount] }),
  redeem: (shares: bigint, to: Address) =>
    encodeFunctionData({ abi: leakyVaultAbi, functionName: 'redeem', args: [shares, to] }),
  harvest: (amount: bigint) =>
    encodeFunctionData({ abi: leakyVaultAbi, functionName: 'harvest', args: [amount] }),
} as const;

/** One unit of a token. */
export const unit = ({ decimals }: Reserve) => 10n ** BigInt(decimals);

/** A reserve by its symbol. */
export const reserve = (market: Market, symbol: string): Reserve =>
  market.reserves.find((asset) => asset.symbol === symbol)!;
