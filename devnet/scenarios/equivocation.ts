import { numberToHex } from 'viem';
import { equivocate } from '../actors/equivocator.ts';
import { justiceOf } from '../justice.ts';
import { quiet } from '../report.ts';
import { until } from '../wait.ts';
import type { Scenario } from './scenario.ts';

const SEAT = 3;
/** Of the stake behind a seat, what a lie costs that tripped nothing: one part in twenty. */
const PART = 20n;

/** One seat says two different things of one block. */
export const equivocation: Scenario = {
  name: 'equivocation',
  help: 'one watcher signs two verdicts under one key; the others prove it to the court from gossip alone, and it is slashed',
  blockTime: 1,
  actors: () => [SEAT],
  async run(devnet, note) {
    const { coverages, held, stakes, traffic } = devnet;
    const [seat] = held;
    const { vault } = coverages;
    const values = (of: bigint) => [numberToHex(of, { size: 32 })];
    const lie = { coverage: vault, rule: vault.rules[0]!, values: values(1n) };
    traffic.start();
    await equivocate(devnet, seat!, lie, values(2n));
    const due = stakes[SEAT]! / PART;
    const justice = await until(
      'the court to have taken and burnt',
      async () => {
        const found = await justiceOf(devnet);
        return found.slashed > 0n && found.burned > 0n && found;
      },
      { seconds: 90, everyMs: 500, signal: devnet.ended },
    );
    await traffic.stop();
    await devnet.expectNoTrip();
    const rewarded = justice.slashed - justice.burned;
    note(
      `seat ${SEAT} lost ${justice.slashed} of ${stakes[SEAT]} tokens; its challenger has ${rewarded}`,
    );
    const just = justice.slashed === due && justice.struck === 1 && justice.challengers === 1;
    return { ...quiet(just && rewarded === due / 10n), ...justice };
  },
};
