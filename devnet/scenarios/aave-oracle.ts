import { encodeFunctionData } from 'viem';
import { feedAbi } from '../../protocol/abi.ts';
import { playAttack } from '../attack.ts';
import { centsOf } from '../accounting.ts';
import { calls, reserve, unit } from '../vault.ts';
import { lendable, marketWorth, pricesOf } from '../worth.ts';
import type { Scenario } from './scenario.ts';

const BITCOINS = 50n;
const PUSHED = 15n;

/** A reserve's feed is pushed up and the market borrowed empty against it. */
export const aaveOracle: Scenario = {
  name: 'aave-oracle',
  help: 'a stolen reporter key pushes a feed up 15-fold to borrow the market empty; borrowable reserves are frozen (rung 2)',
  blockTime: 1,
  async run(devnet, note) {
    const { chain, market, people, traffic, coverages } = devnet;
    const [usdc, weth, wbtc] = [
      reserve(market, 'USDC'),
      reserve(market, 'WETH'),
      reserve(market, 'WBTC'),
    ];
    const from = people.attacker;
    traffic.start();
    await chain.passBlocks(4);
    const prices = await pricesOf(devnet);
    const collateral = centsOf(BITCOINS * unit(wbtc), wbtc.decimals, wbtc.price);
    const power = (collateral * PUSHED * wbtc.ltv) / 10_000n;
    const loot = await lendable(chain, market, prices);

    const act = (data: `0x${string}`) =>
      chain.send({ from, to: market.pool, data, gas: 900_000n, outbid: true });
    const push = encodeFunctionData({
      abi: feedAbi,
      functionName: 'report',
      args: [wbtc.price * PUSHED],
    });
    const borrow = (index: number) =>
      index % 2 === 0
        ? act(calls.borrow(usdc.token, 3_500_000n * unit(usdc), from))
        : act(calls.borrow(weth.token, 1_000n * unit(weth), from));
    const outcome = await playAttack(devnet, {
      coverage: coverages.market,
      rung: 2,
      valueAtRisk: (loot < power ? loot : power) - collateral,
      worthAt: (height) => marketWorth(devnet, from, prices, height),
      step: async (index) => {
        if (index === 0) {
          await act(calls.supply(wbtc.token, BITCOINS * unit(wbtc), from));
          await chain.send({ from, to: wbtc.feed, data: push, outbid: true });
        }
        await borrow(index);
      },
      steps: 10,
    });
    await traffic.stop();
    const { mined } = await traffic.tally();
    note(`${mined} honest transactions went on around the attack`);
    return outcome;
  },
};
