import { firstLoss, gain, keptBps, type Worth } from './accounting.ts';
import type { Coverage } from './coverage.ts';
import type { Devnet } from './devnet.ts';
import { told } from './incidents.ts';
import { justiceOf } from './justice.ts';
import { type Outcome, quiet } from './report.ts';

/** A way to steal: `step` sends one block's transactions, ahead of everybody else's. */
export type Plan = Readonly<{
  coverage: Coverage;
  rung: number;
  /** What the attack takes when nothing stops it, in cents. */
  valueAtRisk: bigint;
  worthAt: (height: bigint) => Promise<bigint>;
  /** Whether the attack can be seen at a block, where that is later than its first loss: blocks are counted from there. */
  startsAt?: (height: bigint) => Promise<boolean>;
  step: (index: number) => Promise<unknown>;
  /** Blocks the attacker goes on for. */
  steps: number;
  /** Blocks after the trip in which the attacker still tries: a trip that does not stop him shows as a loss. */
  stepsAfterTrip?: number;
}>;

const WITHIN_BLOCKS = 2;

/** Plays an attack block by block until it is stopped or done, and accounts for it. */
export async function playAttack(devnet: Devnet, plan: Plan): Promise<Outcome> {
  const { chain } = devnet;
  const from = await chain.height();
  const start = await plan.worthAt(from);
  const { stepsAfterTrip = 1 } = plan;
  let left = plan.steps;
  for (let index = 0; index < plan.steps && left > 0; index++) {
    await plan.step(index);
    await chain.passBlocks(1);
    left =
      (await devnet.incidents(plan.coverage, from)).length > 0 && left > stepsAfterTrip
        ? stepsAfterTrip
        : left - 1;
  }
  const to = await chain.height();
  const heights = Array.from(
    { length: Number(to - from) },
    (_, index) => from + 1n + BigInt(index),
  );
  const worths: Worth[] = await Promise.all(
    heights.map(async (height) => ({ height, cents: await plan.worthAt(height) })),
  );
  const [trip] = await devnet.incidents(plan.coverage, from);
  const lost = gain(worths, start);
  const loss = await countedFrom(plan, worths, start);
  const blocks = trip === undefined || loss === null ? null : Number(trip.height - loss);
  const isTimely = trip?.record.rung === plan.rung && (blocks === null || blocks <= WITHIN_BLOCKS);
  // Where no quorum is left, one node may still trip it by proof.
  const isAlone = trip === undefined || trip.record.total === 0n;
  return {
    ...quiet(devnet.canReach(plan.rung) ? isTimely : isAlone),
    ...told(trip),
    blocksFromFirstLossToTrip: blocks,
    ...(await devnet.timesOf(trip)),
    valueAtRisk: plan.valueAtRisk,
    valueLost: lost,
    valueKeptBps: keptBps(plan.valueAtRisk, lost),
    ...(await justiceOf(devnet)),
  };
}

async function countedFrom(
  { startsAt }: Plan,
  worths: readonly Worth[],
  start: bigint,
): Promise<bigint | null> {
  if (startsAt === undefined) return firstLoss(worths, start);
  for (const { height } of worths) if (await startsAt(height)) return height;
  return null;
}
