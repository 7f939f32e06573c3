import type { Address, Hex, PublicClient } from 'viem';
import { registryAbi } from '../protocol/abi.ts';
import type { Deployment } from '../protocol/deployment.ts';
import type { Coverage } from './coverage.ts';

/** A trip as the registry recorded it. */
export type Incident = Readonly<{
  height: bigint;
  digest: Hex;
  rung: number;
  /** None of a trip by proof, nor any weight. */
  signers: number;
  signed: bigint;
  total: bigint;
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
      const { gasUsed } = await client.getTransactionReceipt({ hash: transactionHash });
      const { digest, signed, total, submitter } = args;
      return {
        height: blockNumber,
        digest,
        rung: args.rung,
        signers: total === 0n ? 0 : args.signers.reduce((sum, word) => sum + ones(word), 0),
        signed,
        total,
        submitter,
        gasUsed,
      };
    }),
  );
}

const ones = (word: bigint) => word.toString(2).replaceAll('0', '').length;
