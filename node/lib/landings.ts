import type { Hex, PublicClient } from 'viem';
import { incidentBookAbi, registryAbi } from '../../protocol/abi.ts';
import type { Landed } from '../../protocol/evidence.ts';
import { type IncidentRecord, incidentHash } from '../../protocol/incident.ts';
import type { Verdict } from '../../protocol/types.ts';
import { inPages } from './spans.ts';

/**
 * The incident of a verdict, the running hash before it and all that have followed. `landed` is what judges are shown of
 * it: null until its running hash, or one after it, is booked.
 */
export type Landing = Omit<Landed, 'trail'> &
  Readonly<{ later: readonly IncidentRecord[]; landed: Landed | null }>;

/** A verdict that has tripped, the weight behind it, and the height at which it did. */
export type Tripped = Readonly<{ verdict: Verdict; signed: bigint; height: bigint }>;

/** Finds incidents again as the registry has told them. */
export type Landings = ReturnType<typeof createLandings>;

/**
 * The trail ends at the first running hash that was booked: a later booking changes nothing of it, so that what was
 * committed to stays what it was.
 */
export function createLandings(
  client: PublicClient,
  { registry, book }: Readonly<Record<'registry' | 'book', Hex>>,
) {
  const toldFrom = async (coverageId: Hex, height: bigint) => {
    const logs = await client.getContractEvents({
      address: registry,
      abi: registryAbi,
      eventName: 'Incident',
      args: { coverageId },
      fromBlock: height,
      strict: true,
    });
    return Promise.all(
      logs.map(async ({ args, blockNumber }): Promise<IncidentRecord> => {
        const { timestamp } = await client.getBlock({ blockNumber });
        const { digest, signers, signed, total, rung, end } = args;
        return { digest, signers, signed, total, rung, trippedAt: timestamp, end };
      }),
    );
  };

  const isBooked = async (coverageId: Hex, incidents: Hex): Promise<boolean> =>
    (await client.readContract({
      address: book,
      abi: incidentBookAbi,
      functionName: 'bookedAt',
      args: [coverageId, incidents],
    })) !== 0n;

  /** Verdicts that have tripped from a height on; no weight is behind those that were proven. */
  const since = async (height: bigint): Promise<readonly Tripped[]> => {
    const head = await client.getBlockNumber();
    const logs = await inPages(height, head, (fromBlock, toBlock) =>
      client.getContractEvents({
        address: registry,
        abi: registryAbi,
        eventName: 'Incident',
        fromBlock,
        toBlock,
        strict: true,
      }),
    );
    return logs.map(({ args: { verdict, signed }, blockNumber }) => ({
      verdict,
      signed,
      height: blockNumber,
    }));
  };

  /** The incident that a verdict made in the block at `height`; null where there is none. */
  const find = async (coverageId: Hex, digest: Hex, height: bigint): Promise<Landing | null> => {
    const [told, { incidents }] = await Promise.all([
      toldFrom(coverageId, height),
      client.readContract({
        address: registry,
        abi: registryAbi,
        functionName: 'coverage',
        args: [coverageId],
        blockNumber: height - 1n,
      }),
    ]);
    const place = told.findIndex((record) => record.digest === digest);
    const record = told[place];
    if (record === undefined) return null;
    const previous = told.slice(0, place).reduce(incidentHash, incidents);
    const later = told.slice(place + 1);
    let hash = previous;
    for (const [index, each] of told.slice(place).entries()) {
      hash = incidentHash(hash, each);
      const landed = { previous, record, trail: later.slice(0, index) };
      if (await isBooked(coverageId, hash)) return { previous, record, later, landed };
    }
    return { previous, record, later, landed: null };
  };

  return { find, since };
}
