import { type Address, encodeFunctionData, type Hex } from 'viem';
import { feedAbi, leakyVaultAbi } from '../protocol/abi.ts';
import type { Market } from './aave.ts';
import type { Call, Chain } from './chain.ts';
import { type People, positions } from './people.ts';
import { createRandom } from './random.ts';
import { calls, reserve, unit, type Vault } from './vault.ts';
import { until } from './wait.ts';

const ACTIONS_A_BLOCK = 3;
// Users who owe this share of their collateral or less may borrow and withdraw: nobody goes under by himself.
const CAUTIOUS = 45n;

/** What the traffic came to: transactions mined, those that reverted, price moves. */
export type Tally = Readonly<{ mined: number; reverted: number; priceMoves: number }>;

export type Traffic = ReturnType<typeof createTraffic>;

/** People who use market and vault for what they are for, a few actions a block, the same for the same seed. */
export function createTraffic({
  chain,
  market,
  vault,
  people,
  seed,
}: Readonly<{
  chain: Chain;
  market: Market;
  vault: Vault;
  people: People;
  seed: number;
}>) {
  const random = createRandom(seed);
  const [usdc, weth] = [reserve(market, 'USDC'), reserve(market, 'WETH')];
  const sent: Hex[] = [];
  let [base, priceMoves, rounds] = [weth.price, 0, 0];
  let stopping: AbortController | null = null;
  let running: Promise<void> = Promise.resolve();

  const send = async (call: Call) => void sent.push(await chain.send(call));
  const toMarket = (from: Address, data: Hex) =>
    send({ from, to: market.pool, data, gas: 900_000n });
  const toVault = (from: Address, data: Hex) =>
    send({ from, to: vault.address, data, gas: 300_000n });

  const act = async (): Promise<void> => {
    const index = random.below(people.users.length);
    const user = people.users[index]!;
    const cautious = positions[index]!.borrowed <= CAUTIOUS;
    const dollars = BigInt(500 + random.below(4_500)) * unit(usdc);
    const ether = (BigInt(1 + random.below(20)) * unit(weth)) / 10n;
    switch (random.below(6)) {
      case 0:
        return toMarket(user, calls.supply(weth.token, ether, user));
      case 1:
        return cautious
          ? toMarket(user, calls.withdraw(weth.token, ether, user))
          : toMarket(user, calls.repay(usdc.token, dollars, user));
      case 2:
        return cautious
          ? toMarket(user, calls.borrow(usdc.token, dollars, user))
          : toMarket(user, calls.supply(weth.token, ether, user));
      case 3:
        return toMarket(user, calls.repay(usdc.token, dollars, user));
      case 4:
        return toVault(user, calls.deposit(dollars));
      default:
        return toVault(user, calls.redeem(dollars, user));
    }
  };

  const setPrice = (price: bigint) =>
    send({
      from: people.keeper,
      to: weth.feed,
      data: encodeFunctionData({ abi: feedAbi, functionName: 'report', args: [price] }),
      gas: 200_000n,
    });

  const round = async (): Promise<void> => {
    rounds++;
    if (rounds % 3 === 0) {
      priceMoves++;
      await setPrice((base * BigInt(9_700 + random.below(601))) / 10_000n);
    }
    if (rounds % 10 === 0) await toVault(people.keeper, calls.harvest(50n * unit(usdc)));
    for (let action = 0; action < ACTIONS_A_BLOCK; action++) await act();
  };

  const loop = async (signal: AbortSignal): Promise<void> => {
    let seen = await chain.height();
    for (;;) {
      await round();
      const last = seen;
      seen = await until(
        'the next block',
        async () => {
          const height = await chain.height();
          return height > last ? height : null;
        },
        { signal },
      );
    }
  };

  const start = (): void => {
    if (stopping !== null) return;
    const { signal } = (stopping = new AbortController());
    running = loop(signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    running.catch(() => undefined);
  };
  /** Throws what stopped the traffic, if something did. */
  const stop = async (): Promise<void> => {
    stopping?.abort();
    stopping = null;
    await running;
  };

  /** Moves the price everybody agrees on to a share of the start, in basis points, in one report. */
  const movePrice = async (bps: bigint): Promise<void> => {
    base = (weth.price * bps) / 10_000n;
    priceMoves++;
    await setPrice(base);
  };
  const tally = async (): Promise<Tally> => {
    const receipts = await Promise.all(
      sent.map((hash) => chain.client.getTransactionReceipt({ hash }).catch(() => null)),
    );
    const mined = receipts.filter((receipt) => receipt !== null);
    return {
      mined: mined.length,
      reverted: mined.filter(({ status }) => status !== 'success').length,
      priceMoves,
    };
  };
  const sharesOf = (owner: Address) =>
    chain.client.readContract({
      address: vault.address,
      abi: leakyVaultAbi,
      functionName: 'balanceOf',
      args: [owner],
    });

  return { start, stop, movePrice, tally, sharesOf };
}
