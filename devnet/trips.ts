import type { Address } from 'viem';
import { breakerHubAbi } from '../protocol/abi.ts';
import type { Deployment } from '../protocol/deployment.ts';
import type { Chain } from './chain.ts';
import type { Coverage } from './coverage.ts';
import { type Incident, incidentsOf } from './incidents.ts';
import { expected } from './refusal.ts';
import { until } from './wait.ts';
import type { Watchers } from './watchers.ts';

/** What registry, hub and nodes say of trips. */
export function createTrips({
  chain,
  deployment,
  coverages,
  watchers,
}: Readonly<{
  chain: Chain;
  deployment: Deployment;
  coverages: Readonly<Record<string, Coverage>>;
  watchers: Watchers;
}>) {
  const incidents = (coverage: Coverage, after: bigint) =>
    incidentsOf(chain.client, deployment, coverage, after);
  const rungOf = (target: Address) =>
    chain.client.readContract({
      address: deployment.hub,
      abi: breakerHubAbi,
      functionName: 'rungOf',
      args: [target],
    });

  /** Fails when anything was ever tripped. */
  const expectNoTrip = async (): Promise<void> => {
    for (const coverage of Object.values(coverages))
      if ((await incidents(coverage, 0n)).length > 0)
        throw expected(`no trip of ${coverage.target}, but there is one`);
  };

  /** As the node that submitted has it: from the block of the verdict to its certificate, and to the block of the trip. */
  const timesOf = async (trip: Incident | undefined) => {
    if (trip === undefined)
      return { msFromBlockSeenToCertificate: null, msFromBlockSeenToTrip: null };
    const watcher = watchers.all.findIndex(({ keys }) => keys.address === trip.submitter);
    const line = (message: string, own: boolean) =>
      watchers.lines.find(
        ({ msg, digest, ...at }) =>
          msg === message && digest === trip.record.digest && (!own || at.watcher === watcher),
      );
    const seen = await until('the submitter to see the trip', async () => line('trip seen', true), {
      seconds: 10,
    }).catch(() => undefined);
    const certified = line('certificate formed', true) ?? line('certificate formed', false);
    return {
      msFromBlockSeenToCertificate: whole(certified?.ms),
      msFromBlockSeenToTrip: whole(seen?.ms),
    };
  };

  return { incidents, rungOf, expectNoTrip, timesOf };
}

const whole = (ms: number | null | undefined) => (typeof ms === 'number' ? Math.round(ms) : null);
