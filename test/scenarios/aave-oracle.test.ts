import assert from 'node:assert/strict';
import { encodeFunctionData } from 'viem';
import { poolAbi } from '../../devnet/aave-abi.ts';
import { LIFE } from '../../devnet/coverage.ts';
import type { Devnet } from '../../devnet/devnet.ts';
import { aaveOracle } from '../../devnet/scenarios/aave-oracle.ts';
import { calls, reserve, unit } from '../../devnet/vault.ts';
import { healthOf } from '../../devnet/worth.ts';
import { feedAbi, registryAbi } from '../../protocol/abi.ts';
import { CERTIFICATE_AGE } from '../../protocol/quorum.ts';
import { assertStopped, LIMIT_MS, play, withDevnet } from './with-devnet.ts';

const FROZEN = 1n << 57n;

const configurations = ({ chain, market }: Devnet) =>
  Promise.all(
    market.reserves.map(
      async ({ token }) =>
        (
          await chain.client.readContract({
            address: market.pool,
            abi: poolAbi,
            functionName: 'getConfiguration',
            args: [token],
          })
        ).data,
    ),
  );

describe('scenario aave-oracle', function () {
  this.timeout(LIMIT_MS);

  it('borrowing is frozen in time, what keeps a market healthy stays open, and release restores exactly', async () => {
    await withDevnet(aaveOracle, [], async (devnet) => {
      const { chain, market, people, traffic, coverages, deployment } = devnet;
      const [usdc, weth, wbtc] = [
        reserve(market, 'USDC'),
        reserve(market, 'WETH'),
        reserve(market, 'WBTC'),
      ];
      const before = await configurations(devnet);
      // By the second block after the first loss the thief has borrowed three times, ten of 26 million dollars.
      assertStopped(await play(aaveOracle, devnet), 2, 6_000);

      // The reporter's key is back in good hands.
      await chain.act({
        from: people.keeper,
        to: wbtc.feed,
        data: encodeFunctionData({ abi: feedAbi, functionName: 'report', args: [wbtc.price] }),
      });
      const frozen = await configurations(devnet);
      assert.deepEqual(
        frozen,
        before.map((bits, index) => (market.reserves[index]!.borrowable ? bits | FROZEN : bits)),
      );

      // The user who owes most of his collateral.
      const debtor = people.users[7]!;
      const toMarket = (from: typeof debtor, data: `0x${string}`) =>
        chain.act({ from, to: market.pool, data, gas: 1_500_000n });
      await toMarket(debtor, calls.repay(usdc.token, 1_000n * unit(usdc), debtor));
      await toMarket(debtor, calls.supply(wbtc.token, unit(wbtc) / 100n, debtor));
      await assert.rejects(toMarket(debtor, calls.borrow(usdc.token, unit(usdc), debtor)), {
        code: 'CHILD_FAILED',
      });
      await traffic.movePrice(8_000n);
      await chain.passBlocks(1);
      assert.ok((await healthOf(devnet, debtor)) < 10n ** 18n);
      await toMarket(
        people.liquidator,
        calls.liquidate(weth.token, usdc.token, debtor, 2n ** 256n - 1n),
      );

      const release = {
        from: people.whale,
        to: deployment.registry,
        data: encodeFunctionData({
          abi: registryAbi,
          functionName: 'release',
          args: [coverages.market.coverageId, 2],
        }),
      };
      await assert.rejects(chain.act(release), { code: 'CHILD_FAILED' });
      assert.equal(await devnet.rungOf(coverages.market.target), 2);
      // First past the age of every certificate of a block with the pushed feed: past the trip's end it could trip anew.
      await chain.mine(Number(CERTIFICATE_AGE) + 2);
      await chain.passTime(LIFE);
      assert.equal(await devnet.rungOf(coverages.market.target), 0);
      await chain.act(release);
      assert.deepEqual(await configurations(devnet), before);
    });
  });
});
