import type { Address, PublicClient } from 'viem';
import { registryAbi } from '../protocol/abi.ts';
import type { Deployment } from '../protocol/deployment.ts';
import type { Landed } from '../protocol/evidence.ts';
import { incidentHash, type IncidentRecord } from '../protocol/incident.ts';
import type { Verdict } from '../protocol/types.ts';
import type { Coverage } from './coverage.ts';

/** A trip as the registry recorded it. */
export type Incident = Readonly<{
  height: bigint;
  verdict: Verdict;
  record: IncidentRecord;
  submitter: Address;
  gasUsed: bigint;
}>;

/** Incidents of a coverage after a height, oldest first. */
export async function incidentsOf(
  client: PublicClient,
  deployment: Deployment,
  coverage: Coverage,
  after: bigint,
): Promise<Incident[]> {
  const logs = await client.getContractEvents({
    address: deployment.registry,
    abi: registryAbi,
    eventName: 'Incident',
    args: { coverageId: coverage.coverageId },
    fromBlock: after + 1n,
    strict: true,
  });
  return Promise.all(
    logs.map(async ({ args, blockNumber, transactionHash }): Promise<Incident> => {
      const [{ gasUsed }, { timestamp: trippedAt }] = await Promise.all([
        client.getTransactionReceipt({ hash: transactionHash }),
        client.getBlock({ blockNumber }),
      ]);
      const { digest, verdict, signers, signed, total, rung, end, submitter } = args;
      const record = { digest, signers, signed, total, rung, trippedAt, end };
      return { height: blockNumber, verdict, record, submitter, gasUsed };
    }),
  );
}

/** Each of a coverage's incidents among all of them, as judges and the bounties take it. */
export function landingsOf(
  { coverageId }: Coverage,
  incidents: readonly Incident[],
): readonly Landed[] {
  const records = incidents.map(({ record }) => record);
  let previous = coverageId;
  return records.map((record, index) => {
    const landed = { previous, record, trail: records.slice(index + 1) };
    previous = incidentHash(previous, record);
    return landed;
  });
}

/** What an outcome tells of a trip, or that there was none. */
export function told(incident: Incident | undefined) {
  if (incident === undefined) return {};
  const { rung, signers, signed, total } = incident.record;
  const isProven = total === 0n;
  return {
    tripped: true,
    rung,
    signers: isProven ? 0 : signers.reduce((sum, word) => sum + ones(word), 0),
    stakeSignedBps: isProven ? null : Number((signed * 10_000n) / total),
    gasUsed: Number(incident.gasUsed),
    submitter: incident.submitter,
  };
}

const ones = (word: bigint) => word.toString(2).replaceAll('0', '').length;
