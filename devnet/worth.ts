import { type Address, getContract } from 'viem';
import { erc20Abi, leakyVaultAbi } from '../protocol/abi.ts';
import { aaveOracleAbi, poolAbi } from './aave-abi.ts';
import type { Market, Reserve } from './aave.ts';
import { centsOf, equity } from './accounting.ts';
import type { Chain } from './chain.ts';
import type { Vault } from './vault.ts';

/** Where worth is looked up. */
type Scene = Readonly<{ chain: Chain; market: Market }>;

/** Prices of the market's reserves by token, as its oracle has them now. */
export async function pricesOf({ chain, market }: Scene): Promise<ReadonlyMap<Address, bigint>> {
  const tokens = market.reserves.map(({ token }) => token);
  const prices = await chain.client.readContract({
    address: market.oracle,
    abi: aaveOracleAbi,
    functionName: 'getAssetsPrices',
    args: [tokens],
  });
  return new Map(tokens.map((token, index) => [token, prices[index]!]));
}

/** Worth of an account on the market and in its wallet after a block, at the prices given. */
export async function marketWorth(
  { chain, market }: Scene,
  who: Address,
  prices: ReadonlyMap<Address, bigint>,
  blockNumber: bigint,
): Promise<bigint> {
  let [wallet, collateral, debt] = [0n, 0n, 0n];
  for (const { token, aToken, debtToken, decimals } of market.reserves) {
    const cents = async (address: Address) => {
      const balance = await chain.client.readContract({
        address,
        abi: erc20Abi,
        functionName: 'balanceOf',
        args: [who],
        blockNumber,
      });
      return centsOf(balance, decimals, prices.get(token) ?? 0n);
    };
    const [held, supplied, owed] = await Promise.all([
      cents(token),
      cents(aToken),
      cents(debtToken),
    ]);
    [wallet, collateral, debt] = [wallet + held, collateral + supplied, debt + owed];
  }
  return wallet + equity(collateral, debt);
}

/** Worth of what the market can lend out now, at the prices given. */
export async function lendable(
  chain: Chain,
  market: Market,
  prices: ReadonlyMap<Address, bigint>,
): Promise<bigint> {
  let cents = 0n;
  for (const { token, aToken, decimals, borrowable } of market.reserves) {
    if (!borrowable) continue;
    const balance = await chain.client.readContract({
      address: token,
      abi: erc20Abi,
      functionName: 'balanceOf',
      args: [aToken],
    });
    cents += centsOf(balance, decimals, prices.get(token) ?? 0n);
  }
  return cents;
}

/** Worth of what some accounts hold of a token together after a block. */
export async function heldWorth(
  chain: Chain,
  { token, decimals, price }: Reserve,
  who: readonly Address[],
  blockNumber: bigint,
): Promise<bigint> {
  const balances = await Promise.all(
    who.map((owner) =>
      chain.client.readContract({
        address: token,
        abi: erc20Abi,
        functionName: 'balanceOf',
        args: [owner],
        blockNumber,
      }),
    ),
  );
  return centsOf(
    balances.reduce((sum, balance) => sum + balance, 0n),
    decimals,
    price,
  );
}

/** Worth in dollars of tokens and shares of `who` after a block. */
export async function vaultWorth(
  chain: Chain,
  { address, asset }: Vault,
  who: Address,
  blockNumber: bigint,
): Promise<bigint> {
  const vault = getContract({ address, abi: leakyVaultAbi, client: chain.client });
  const [held, backed] = await Promise.all([
    chain.client.readContract({
      address: asset.token,
      abi: erc20Abi,
      functionName: 'balanceOf',
      args: [who],
      blockNumber,
    }),
    vault.read.assetsOf([who], { blockNumber }),
  ]);
  return centsOf(held + backed, asset.decimals, asset.price);
}

/** Worth of all that the vault holds for its shares. */
export async function heldByVault(chain: Chain, { address, asset }: Vault): Promise<bigint> {
  const vault = getContract({ address, abi: leakyVaultAbi, client: chain.client });
  return centsOf(await vault.read.totalAssets(), asset.decimals, asset.price);
}

/** A position's health on the market in 1e-18; below one it can be liquidated. */
export async function healthOf({ chain, market }: Scene, who: Address): Promise<bigint> {
  const account = await chain.client.readContract({
    address: market.pool,
    abi: poolAbi,
    functionName: 'getUserAccountData',
    args: [who],
  });
  return account[5];
}
