import { numberToHex } from 'viem';
import { createLiar, type Lie } from '../actors/liar.ts';
import { createSigners } from '../actors/signers.ts';
import { told } from '../incidents.ts';
import { compensated, justiceOf } from '../justice.ts';
import { payPremium } from '../pay.ts';
import { quiet } from '../report.ts';
import { fewestFor } from '../stakes.ts';
import { reserve } from '../vault.ts';
import { until } from '../wait.ts';
import type { Scenario } from './scenario.ts';

/** Tokens that the market pays for a roll call. */
const PREMIUM = 20_000n;

const word = (value: bigint) => numberToHex(value, { size: 32 });

/** More than two thirds stop a healthy market with values that were never there. */
export const falseAlarm: Scenario = {
  name: 'false-alarm',
  help: 'two thirds of the stake stop a healthy market with invented values; the rest prove it, which ends the stop and costs the liars all',
  blockTime: 1,
  actors: (watchers) => fewestFor(3, watchers),
  async run(devnet, note) {
    const { chain, market, coverages, held, stakes, traffic } = devnet;
    const weth = reserve(market, 'WETH');
    const crash: Lie = {
      coverage: coverages.market,
      rule: coverages.market.rules[market.reserves.indexOf(weth)]!,
      values: [word(1n), word(weth.price)],
    };
    const drain: Lie = {
      coverage: coverages.vault,
      rule: coverages.vault.rules[0]!,
      values: [1n, 1n, 2n, 1n].map(word),
    };
    await payPremium(devnet, coverages.market, createSigners(devnet, held), PREMIUM);
    traffic.start();
    await chain.passBlocks(2);
    const liar = createLiar(devnet, held);
    const trippedIn = await liar.trip(await liar.verdictOf(crash));
    const { target } = coverages.market;
    const signal = devnet.ended;
    // The chain may answer a first question by the block before.
    await until('the market to stand', async () => (await devnet.rungOf(target)) === 2, { signal });
    const liftedIn = await until(
      'the proof to end the stop',
      async () => (await devnet.rungOf(target)) === 0 && chain.height(),
      { seconds: 120, signal },
    );
    const second = await liar.refusal(await liar.verdictOf(drain));
    const staked = held.reduce((sum, { number }) => sum + stakes[number]!, 0n);
    await until(
      'the liars to have lost all of their stake',
      async () => (await justiceOf(devnet)).slashed >= staked,
      { seconds: 120, everyMs: 500, signal },
    );
    await traffic.stop();
    const justice = await compensated(devnet);
    const [trip] = await devnet.incidents(coverages.market, 0n);
    note(
      `the market stood still for ${liftedIn - trippedIn} blocks; ${held.length} liars lost ${justice.slashed} tokens, ${justice.burned} of them burnt`,
    );
    note(`the market is paid ${justice.compensated} for it`);
    note(`their second lie, of another target, is refused: ${second}`);
    const just =
      justice.slashed === staked && justice.struck === held.length && justice.challengers === 1;
    return {
      ...quiet(just && second === 'QuorumMissed'),
      ...told(trip),
      ...justice,
    };
  },
};
