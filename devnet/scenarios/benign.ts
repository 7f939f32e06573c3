import { nameTerms, rollCallsOf } from '../pay.ts';
import { healthOf } from '../worth.ts';
import { expected } from '../refusal.ts';
import { quiet } from '../report.ts';
import { calls, reserve, unit } from '../vault.ts';
import { until } from '../wait.ts';
import type { Scenario } from './scenario.ts';

const BLOCKS = 200;
const ONE = 10n ** 18n;
/** Tokens that the vault pays for a roll call, and those that it has deposited. */
const PAY = { premium: 100n, fee: 10n };
const DEPOSIT = 10_000n;
const MAX = 2n ** 256n - 1n;

/** A bad day without an attacker. */
export const benign: Scenario = {
  name: 'benign',
  help: "200 blocks of traffic with a 25 % price fall, honest liquidations and a whale's exit; nothing trips",
  blockTime: 0.25,
  async run(devnet, note) {
    const { chain, market, vault, people, traffic, watchers, coverages } = devnet;
    const [usdc, weth] = [reserve(market, 'USDC'), reserve(market, 'WETH')];
    await nameTerms(devnet, coverages.vault, devnet.deployment.payroll, DEPOSIT, PAY);
    const end = (await chain.height()) + BigInt(BLOCKS);
    traffic.start();
    await chain.passBlocks(BLOCKS / 4);
    for (const bps of [9_300n, 8_700n, 8_100n, 7_500n]) {
      await traffic.movePrice(bps);
      await chain.passBlocks(3);
    }
    // Nobody but the liquidator moves between the look and the act.
    await traffic.stop();
    await chain.passBlocks(1);
    let liquidations = 0;
    for (const user of people.users) {
      if ((await healthOf(devnet, user)) >= ONE) continue;
      await chain.act({
        from: people.liquidator,
        to: market.pool,
        data: calls.liquidate(weth.token, usdc.token, user, MAX),
        gas: 1_500_000n,
      });
      liquidations++;
    }
    if (liquidations === 0) throw expected('a liquidation after a fall of 25 %');
    traffic.start();
    await chain.passBlocks(BLOCKS / 4);

    const shares = await traffic.sharesOf(people.whale);
    await chain.act({
      from: people.whale,
      to: vault.address,
      data: calls.redeem(shares, people.whale),
    });
    await chain.act({
      from: people.whale,
      to: market.pool,
      data: calls.withdraw(weth.token, 1_000n * unit(weth), people.whale),
    });
    await chain.act({
      from: people.whale,
      to: market.pool,
      data: calls.withdraw(usdc.token, 8_000_000n * unit(usdc), people.whale),
    });
    await chain.passBlocks(Number(end - (await chain.height())));
    await watchers.judged(end);
    await traffic.stop();
    await devnet.expectNoTrip();

    const { mined, reverted, priceMoves } = await traffic.tally();
    note(
      `${mined} honest transactions (${reverted} reverted), ${priceMoves} price moves, ${liquidations} liquidations, one whale gone`,
    );
    const states = await Promise.all(watchers.alive().map(({ number }) => watchers.status(number)));
    const findings = states.reduce((sum, state) => sum + (state?.counts.findings ?? 0), 0);
    const watched = Math.min(...states.map((state) => state?.counts.blocks ?? 0));
    note(
      `${findings} findings at ${states.length} nodes, each of which saw ${watched} blocks or more`,
    );
    // One that is young waits for seats that are late.
    const { booked, signed, total, age } = await until(
      'most of the stake to stand behind a roll call',
      async () => {
        const found = await rollCallsOf(devnet, coverages.vault);
        return 3n * found.signed > 2n * found.total && found;
      },
      { seconds: 60, signal: devnet.ended },
    );
    note(
      `${booked} roll calls of the vault are booked, the latest by ${signed} of ${total} stake, ${age} blocks ago`,
    );
    const calm = findings === 0 && states.every((state) => state?.healthy);
    return quiet(calm && age < BigInt(BLOCKS) && watched >= BLOCKS && reverted * 10 < mined);
  },
};
