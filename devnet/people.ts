import { type Address, encodeFunctionData } from 'viem';
import { feedAbi } from '../protocol/abi.ts';
import type { Market } from './aave.ts';
import type { Chain } from './chain.ts';
import { calls, reserve, unit, type Vault } from './vault.ts';

/** Who lives on the devnet; everybody is an account whose key the chain holds. */
export type People = Readonly<{
  /** Owns the market and reports its prices. */
  keeper: Address;
  attacker: Address;
  whale: Address;
  liquidator: Address;
  /** Deposit, borrow, repay and withdraw. */
  users: readonly Address[];
}>;

/** Gives the chain's accounts their parts. */
export const peopleOf = ([
  keeper,
  attacker,
  whale,
  liquidator,
  ...users
]: readonly Address[]): People => ({
  keeper: keeper!,
  attacker: attacker!,
  whale: whale!,
  liquidator: liquidator!,
  users: users.slice(0, 16),
});

/** A user's start: whole WETH supplied, and the share of its worth borrowed in dollars, in per cent. */
export const positions: readonly Readonly<{ weth: bigint; borrowed: bigint }>[] = [
  ...[20n, 35n, 45n, 55n, 60n, 64n, 68n, 72n].map((borrowed) => ({ weth: 250n, borrowed })),
  ...[10n, 15n, 20n, 25n, 30n, 35n, 40n, 45n].map((borrowed) => ({ weth: 120n, borrowed })),
];

const WETH_PRICE = 3_000n;

/** Gives everybody money and opens the positions the traffic starts from. */
export async function settle(
  chain: Chain,
  market: Market,
  vault: Vault,
  people: People,
): Promise<void> {
  const { keeper, attacker, whale, liquidator, users } = people;
  const [usdc, weth, wbtc] = [
    reserve(market, 'USDC'),
    reserve(market, 'WETH'),
    reserve(market, 'WBTC'),
  ];
  const equip = async (who: Address, amounts: readonly bigint[]): Promise<void> => {
    for (const [index, asset] of [usdc, weth, wbtc].entries()) {
      const amount = amounts[index]! * unit(asset);
      if (amount > 0n)
        await chain.act({ from: who, to: asset.token, data: calls.mint(who, amount) });
      await chain.act({ from: who, to: asset.token, data: calls.approve(market.pool) });
    }
    await chain.act({ from: who, to: usdc.token, data: calls.approve(vault.address) });
  };
  const supply = (from: Address, asset: typeof usdc, amount: bigint) =>
    chain.act({
      from,
      to: market.pool,
      data: calls.supply(asset.token, amount * unit(asset), from),
    });
  const deposit = (from: Address, dollars: bigint) =>
    chain.act({ from, to: vault.address, data: calls.deposit(dollars * unit(usdc)) });

  await Promise.all([
    equip(keeper, [2_000_000n, 0n, 0n]),
    equip(attacker, [500_000n, 0n, 50n]),
    equip(whale, [28_000_000n, 2_000n, 150n]),
    equip(liquidator, [20_000_000n, 0n, 0n]),
    ...users.map((user) => equip(user, [400_000n, 500n, 5n])),
  ]);
  await Promise.all([
    supply(whale, usdc, 20_000_000n)
      .then(() => supply(whale, weth, 1_500n))
      .then(() => supply(whale, wbtc, 100n))
      .then(() => deposit(whale, 6_000_000n)),
    ...users.map(async (user, index) => {
      const { weth: amount, borrowed } = positions[index]!;
      await supply(user, weth, amount);
      const dollars = (amount * WETH_PRICE * borrowed) / 100n;
      await chain.act({
        from: user,
        to: market.pool,
        data: calls.borrow(usdc.token, dollars * unit(usdc), user),
      });
      await deposit(user, 250_000n);
    }),
  ]);
  // The thief of one reporter's key.
  await chain.act({
    from: keeper,
    to: wbtc.feed,
    data: encodeFunctionData({ abi: feedAbi, functionName: 'addReporter', args: [attacker] }),
  });
}
