import { encodeFunctionData, numberToHex } from 'viem';
import { registryAbi } from '../../protocol/abi.ts';
import { longestLife } from '../../protocol/quorum.ts';
import { reachOf } from '../../protocol/verdict.ts';
import { createLiar, type Liar, type Lie } from '../actors/liar.ts';
import { accountOf, bookIncidents, takeBack } from '../bounties.ts';
import { opinionsManifest } from '../coverage.ts';
import type { Devnet } from '../devnet.ts';
import { told } from '../incidents.ts';
import { refusalsOf } from '../judges.ts';
import { justiceOf, stakeIn } from '../justice.ts';
import { promisePay } from '../pay.ts';
import { expected } from '../refusal.ts';
import { quiet } from '../report.ts';
import { besiege } from '../siege.ts';
import { TOKEN } from '../stakes.ts';
import { until } from '../wait.ts';
import type { Scenario } from './scenario.ts';

/** Tokens that the vault pays for an incident, and has deposited for all of them. */
const [BOUNTY, DEPOSIT] = [1_000n, 20_000n];
const HOUR = 3_600;

const words = (...values: readonly bigint[]) =>
  values.map((value) => numberToHex(value, { size: 32 }));

/** All of the stake says what nobody can prove or refute. */
export const fullCollusion: Scenario = {
  name: 'full-collusion',
  help: 'all watchers stop a healthy vault by invented opinions: a pause that its owner ends, limits until a budget is spent; it costs them their pay',
  blockTime: 1,
  actors: (watchers) => Array.from({ length: watchers }, (_, seat) => seat),
  async run(devnet, note) {
    const { chain, deployment, held, people } = devnet;
    const coverage = await devnet.cover(opinionsManifest(devnet.vault));
    const [outflow, sharePrice] = coverage.rules;
    const terms = { bounty: BOUNTY, arbiter: people.keeper };
    await promisePay(devnet, coverage, deployment.bounties, DEPOSIT, terms);
    const before = await stakeIn(devnet);

    const liar = createLiar(devnet, held);
    const drain: Lie = { coverage, rule: outflow!, values: words(0n, 10_000n) };
    const fall: Lie = { coverage, rule: sharePrice!, values: words(1n, 2n, 5_000n) };
    await stopTwice(devnet, liar, drain, fall);
    await endedByOwner(devnet, liar, drain);
    note('its owner ended the pause, and with it all that was signed before');

    await chain.passBlocks(reachOf(drain.rule) + 2);
    const { stops, left } = await besiege(devnet, liar, drain);
    note(
      `then they limited it for ${stops.map(hours).join(', ')} hours, until the budget was spent; ${hours(left)} are kept for what can be proven`,
    );

    const refusals = await refusalsOf(devnet, drain);
    note(`the court's judges do not take it: ${refusals.join(', ')}`);
    const paid = await bookIncidents(devnet, coverage);
    await takeBack(devnet, coverage, people.keeper);
    const incidents = await devnet.incidents(coverage, 0n);
    const { owed, deposit } = await accountOf(devnet, coverage);
    const justice = await justiceOf(devnet);
    note(
      `${paid} of ${incidents.length} incidents were to be paid ${justice.takenBack} tokens, and are not`,
    );
    const isKept =
      before === (await stakeIn(devnet)) && justice.slashed === 0n && justice.struck === 0;
    const isUnpaid =
      owed === 0n && deposit === DEPOSIT * TOKEN && justice.takenBack === BOUNTY * BigInt(paid);
    const isReserved = left >= longestLife(2);
    const isOpinion = !refusals.includes(null);
    return {
      ...quiet(isKept && isUnpaid && isReserved && isOpinion),
      ...told(incidents[1]),
      ...justice,
    };
  },
};

/** One family limits it; another raises that to a pause, no longer than a limit may be, and nobody lengthens it. */
async function stopTwice(devnet: Devnet, liar: Liar, first: Lie, second: Lie): Promise<void> {
  await liar.trip(await liar.verdictOf(first));
  await standsAt(devnet, first, 2);
  await liar.trip(await liar.verdictOf(second));
  await standsAt(devnet, first, 3);
  for (const lie of [first, second]) {
    const refusal = await liar.refusal(await liar.verdictOf(lie));
    if (refusal !== 'TripStillLong') throw expected(`TripStillLong, but the hub says ${refusal}`);
  }
  const [, pause] = await devnet.incidents(first.coverage, 0n);
  if (pause === undefined || pause.record.end !== pause.record.trippedAt + BigInt(longestLife(2)))
    throw expected('a pause as long as a limit may be');
}

/** What was signed before the end trips nothing after it. */
async function endedByOwner(devnet: Devnet, liar: Liar, lie: Lie): Promise<void> {
  const { chain, deployment, guardian: from } = devnet;
  await chain.passBlocks(2);
  const verdict = await liar.verdictOf(lie);
  const args = [lie.coverage.coverageId] as const;
  const data = encodeFunctionData({ abi: registryAbi, functionName: 'end', args });
  await chain.act({ from, to: deployment.registry, data });
  await standsAt(devnet, lie, 0);
  const refusal = await liar.refusal(verdict);
  if (refusal !== 'VerdictStale') throw expected(`VerdictStale, but the registry says ${refusal}`);
}

const standsAt = ({ rungOf, ended: signal }: Devnet, { coverage }: Lie, rung: number) =>
  until(`rung ${rung}`, async () => (await rungOf(coverage.target)) === rung, { signal });

const hours = (seconds: number) => (seconds / HOUR).toFixed(1);
