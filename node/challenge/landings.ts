import type { Hex, PublicClient } from 'viem';
import { incidentBookAbi, registryAbi } from '../../protocol/abi.ts';
import type { Landed } from '../../protocol/evidence.ts';
import { type IncidentRecord, incidentHash } from '../../protocol/incident.ts';
import type { Verdict } from '../../protocol/types.ts';

/** The incident of a verdict. `landed` is what judges are shown of it: null until its running hash is booked. */
export type Landing = Readonly<{ record: IncidentRecord; landed: Landed | null }>;

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

  /** Verdicts that have tripped from a height on, but for those that were proven: nobody's word is behind them. */
  const since = async (
    height: bigint,
  ): Promise<readonly Readonly<{ verdict: Verdict; height: bigint }>[]> => {
    const logs = await client.getContractEvents({
      address: registry,
      abi: registryAbi,
      eventName: 'Incident',
      fromBlock: height,
      strict: true,
    });
    return logs.flatMap(({ args: { verdict, signed }, blockNumber }) =>
      signed === 0n ? [] : [{ verdict, height: blockNumber }],
    );
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
    let hash = previous;
    for (const [index, each] of told.slice(place).entries()) {
      hash = incidentHash(hash, each);
      const trail = told.slice(place + 1, place + 1 + index);
      if (await isBooked(coverageId, hash)) return { record, landed: { previous, record, trail } };
    }
    return { record, landed: null };
  };

  return { find, since };
}
