import assert from 'node:assert/strict';
import { freePort } from '../../devnet/chain.ts';
import { createDevnet, type Devnet } from '../../devnet/devnet.ts';
import type { Outcome } from '../../devnet/report.ts';
import { Fault } from '../../protocol/fault.ts';
import type { Scenario } from '../../devnet/scenarios/scenario.ts';

/** Longest one scenario may take with its network's start, in milliseconds. */
export const LIMIT_MS = 240_000;

/** A network of its own for one test; closed whatever happens. */
export async function withDevnet<T>(
  scenario: Scenario,
  killed: readonly number[],
  use: (devnet: Devnet) => Promise<T>,
): Promise<T> {
  const devnet = await createDevnet({
    watchers: 7,
    blockTime: scenario.blockTime,
    killed,
    vault: scenario.vault,
    actors: scenario.actors?.(7) ?? [],
    port: await freePort(),
  });
  try {
    return await devnet.during(use(devnet));
  } catch (error) {
    if (error instanceof Fault) assert.fail(`${error.code} ${JSON.stringify(error.data)}`);
    throw error;
  } finally {
    await devnet.close();
  }
}

/** Plays a scenario and returns what it came to. */
export const play = (scenario: Scenario, devnet: Devnet): Promise<Outcome> =>
  scenario.run(devnet, () => undefined);

/** The attack was stopped in time and most of the value was kept. */
export function assertStopped(outcome: Outcome, rung: number, keptBps: number): void {
  assert.equal(
    outcome.expectationMet,
    true,
    JSON.stringify(outcome, (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}` : value,
    ),
  );
  assert.equal(outcome.tripped, true);
  assert.equal(outcome.rung, rung);
  assert.ok(outcome.valueKeptBps >= keptBps, `kept ${outcome.valueKeptBps} basis points`);
  assert.ok((outcome.msFromBlockSeenToCertificate ?? -1) >= 0);
  assert.ok((outcome.msFromBlockSeenToTrip ?? -1) >= (outcome.msFromBlockSeenToCertificate ?? 0));
}
