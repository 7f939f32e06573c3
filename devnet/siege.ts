import { encodeFunctionData } from 'viem';
import { breakerHubAbi, committeeAbi } from '../protocol/abi.ts';
import type { Liar, Lie } from './actors/liar.ts';
import type { Devnet } from './devnet.ts';
import { expected } from './refusal.ts';
import { until } from './wait.ts';

/** Seconds after a stop of the longest life in which the hub grants no other. */
const COOL_DOWN = 3_600;
const CLASS_A = 1;
/** Tries that a budget must not outlast. */
const TRIES = 24;

/** Seconds of each stop, and those that are left for what can be proven. */
export type Siege = Readonly<{ stops: readonly number[]; left: number }>;

/** Tells a lie again and again, as soon as the hub takes it, until the budget is spent. */
export async function besiege(devnet: Devnet, liar: Liar, lie: Lie): Promise<Siege> {
  const { chain, ended: signal } = devnet;
  const { target } = lie.coverage;
  const stops: number[] = [];
  const from = await chain.height();
  for (let tries = 0; tries < TRIES; tries++) {
    const verdict = await liar.verdictOf(lie);
    const refusal = await liar.refusal(verdict);
    switch (refusal) {
      case null: {
        await liar.trip(verdict);
        const trip = (await devnet.incidents(lie.coverage, from)).at(-1);
        if (trip === undefined) throw expected('the trip to be an incident');
        const seconds = Number(trip.record.end - trip.record.trippedAt);
        stops.push(seconds);
        await chain.passTime(seconds);
        const isOver = async () => (await devnet.rungOf(target)) === 0;
        await until('the stop to end by itself', isOver, { signal });
        break;
      }
      case 'CoolingDown':
        await chain.passTime(COOL_DOWN);
        break;
      case 'RosterExpired':
        await openEpoch(devnet);
        break;
      case 'BudgetSpent':
        return { stops, left: await roomOf(devnet, lie) };
      default:
        throw expected(`a lie that is taken or is too much, but it is refused by ${refusal}`);
    }
  }
  throw expected('the budget to be spent');
}

const roomOf = async ({ chain, deployment }: Devnet, { coverage, rule }: Lie): Promise<number> =>
  Number(
    await chain.client.readContract({
      address: deployment.hub,
      abi: breakerHubAbi,
      functionName: 'roomOf',
      args: [coverage.target, rule.rung, CLASS_A],
    }),
  );

/** Anyone may; what is signed from the next block on is of the new roster. */
async function openEpoch({ chain, deployment, people, ended }: Devnet): Promise<void> {
  const data = encodeFunctionData({ abi: committeeAbi, functionName: 'openEpoch' });
  await chain.act({ from: people.attacker, to: deployment.committee, data });
  await chain.passBlocks(2, ended);
}
