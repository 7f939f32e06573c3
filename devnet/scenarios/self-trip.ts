import { numberToHex } from 'viem';
import { createLiar } from '../actors/liar.ts';
import { createSigners } from '../actors/signers.ts';
import { told } from '../incidents.ts';
import { compensated, justiceOf } from '../justice.ts';
import { payPremium } from '../pay.ts';
import { quiet } from '../report.ts';
import { fewestFor } from '../stakes.ts';
import { until } from '../wait.ts';
import type { Scenario } from './scenario.ts';

const PREMIUM = 20_000n;

/** A protocol and most of its watchers are one: it stops itself to be compensated out of their stake. */
export const selfTrip: Scenario = {
  name: 'self-trip',
  help: 'a protocol has its own watchers stop it for nothing, to be compensated for it; the slash costs them more than it is paid',
  blockTime: 1,
  actors: (watchers) => fewestFor(3, watchers),
  async run(devnet, note) {
    const { coverages, held, stakes } = devnet;
    const { vault } = coverages;
    await payPremium(devnet, vault, createSigners(devnet, held), PREMIUM);
    const liar = createLiar(devnet, held);
    const values = [1n, 1n, 2n, 1n].map((value) => numberToHex(value, { size: 32 }));
    await liar.trip(await liar.verdictOf({ coverage: vault, rule: vault.rules[0]!, values }));
    const staked = held.reduce((sum, { number }) => sum + stakes[number]!, 0n);
    const signal = devnet.ended;
    const slashed = async () => {
      const found = await justiceOf(devnet);
      const isUp = (await devnet.rungOf(vault.target)) === 0;
      return found.slashed >= staked && found.burned > 0n && isUp;
    };
    await until('the watchers to have lost their stake', slashed, { seconds: 120, signal });
    const justice = await compensated(devnet);
    const loss = justice.slashed - justice.compensated;
    note(
      `together they lost ${justice.slashed} tokens and were paid ${justice.compensated}: ${loss} less than before`,
    );
    const [trip] = await devnet.incidents(vault, 0n);
    const isLoss = 2n * justice.compensated < justice.slashed && justice.slashed === staked;
    return {
      ...quiet(isLoss && justice.struck === held.length),
      ...told(trip),
      ...justice,
    };
  },
};
