import { createApi } from './api/server.ts';
import type { Ground } from './ground.ts';
import type { NodeConfig } from './lib/config.ts';
import { notePeers } from './lib/metrics.ts';
import { createSightings } from './lib/sightings.ts';
import { statusOf } from './lib/status.ts';
import type { Stages } from './stages.ts';

/** What the node has done since it started. */
export type Tally = ReturnType<typeof createTally>;

/** Nothing yet. */
export const createTally = () => ({
  sightings: createSightings(),
  counts: { blocks: 0, findings: 0, attested: 0, certificates: 0, trips: 0 },
});

/** Tells over HTTP how a node is and what it has done. */
export function serve(
  parts: Ground & Stages & Tally,
  address: NonNullable<NodeConfig['api']>,
): ReturnType<typeof createApi> {
  const { register, metrics, recent, sightings, attester, gossip, evidence, counts } = parts;
  const status = () => {
    const newest = recent.newest();
    return statusOf(
      {
        newest,
        age: newest === null ? null : sightings.since(newest.block.hash),
        seat: attester.seatOf(newest?.committee ?? null),
        peers: gossip.peers(),
        evidence: evidence.size(),
      },
      counts,
    );
  };
  const refresh = () => notePeers(metrics, gossip.peers());
  return createApi({ register, status, refresh }, address);
}
