import { numberToHex } from 'viem';
import { sitCopying } from '../actors/copier.ts';
import type { HeldSeat } from '../actors/held.ts';
import { createLiar, type Lie } from '../actors/liar.ts';
import { tell } from '../actors/room.ts';
import { createSigners } from '../actors/signers.ts';
import type { Devnet } from '../devnet.ts';
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
  help: 'two thirds of the stake, a copier among them, stop a healthy market with invented values; the rest prove it, which ends the stop and costs them all',
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
    const [liars, copier] = [held.slice(0, -1), held.at(-1)!];
    const trippedIn = await tripWithCopy(devnet, liars, copier, crash);
    const { target } = coverages.market;
    const signal = devnet.ended;
    // The chain may answer a first question by the block before.
    await until('the market to stand', async () => (await devnet.rungOf(target)) === 2, { signal });
    const liftedIn = await until(
      'the proof to end the stop',
      async () => (await devnet.rungOf(target)) === 0 && chain.height(),
      { seconds: 120, signal },
    );
    const all = createLiar(devnet, held);
    const second = await all.refusal(await all.verdictOf(drain));
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
    note(`seat ${copier.number} only copied one of them; its ${stakes[copier.number]} went too`);
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

/** Liars say it aloud and hand it in with the signature of who copies what it hears; the block of the trip. */
async function tripWithCopy(
  devnet: Devnet,
  liars: readonly HeldSeat[],
  copier: HeldSeat,
  lie: Lie,
): Promise<bigint> {
  const copying = await sitCopying(devnet, copier);
  const liar = createLiar(devnet, liars);
  const verdict = await liar.verdictOf(lie);
  const [loud] = liars;
  await tell(devnet, loud!, [loud!.attest(devnet.domain, verdict)]);
  const trippedIn = await liar.trip(verdict, [await copying.copied()]);
  await copying.leave();
  return trippedIn;
}
