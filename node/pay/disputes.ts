import type { Hex, PublicClient } from 'viem';
import { bountiesAbi } from '../../protocol/abi.ts';
import type { Deployment } from '../../protocol/deployment.ts';
import { inPages } from '../lib/spans.ts';
import type { Due } from './act.ts';

/** Disputes that the own account has opened. */
export type Disputes = ReturnType<typeof createDisputes>;

/** Blocks that a first look goes back. */
const SPAN = 10_000n;
/** The one that an arbiter has not decided yet. */
const DISPUTED = 2;

type Dispute = Readonly<{ coverageId: Hex; entry: bigint; bond: bigint; until: bigint }>;

/** Where the arbiter was silent the bond goes back. */
export function createDisputes({
  client,
  deployment,
  account,
}: Readonly<{ client: PublicClient; deployment: Deployment; account: Hex }>) {
  const contract = { address: deployment.bounties, abi: bountiesAbi } as const;
  let disputes: readonly Dispute[] = [];
  let from: bigint | null = null;

  const lapse = (dispute: Dispute): Due => {
    const { coverageId, entry, bond, until } = dispute;
    return {
      owed: async () => {
        const [{ timestamp }, { state }] = await Promise.all([
          client.getBlock(),
          client.readContract({
            ...contract,
            functionName: 'bountyOf',
            args: [coverageId, entry],
          }),
        ]);
        if (state !== DISPUTED) disputes = disputes.filter((each) => each !== dispute);
        return state === DISPUTED && timestamp >= until ? bond : 0n;
      },
      act: (owed) => ({
        ...contract,
        kind: 'lapse',
        about: { coverageId, entry, owed },
        functionName: 'lapse',
        args: [coverageId, entry],
      }),
    };
  };

  return {
    /** What may have lapsed, of all that was opened since the last look or lately. */
    read: async (height: bigint): Promise<readonly Due[]> => {
      const first = from ?? (height > SPAN ? height - SPAN + 1n : 0n);
      const logs = await inPages(first, height, (fromBlock, toBlock) =>
        client.getContractEvents({
          ...contract,
          eventName: 'Disputed',
          args: { disputer: account },
          fromBlock,
          toBlock,
          strict: true,
        }),
      );
      from = height + 1n;
      disputes = [
        ...disputes,
        ...logs.map(({ args: { coverageId, entry, bond, until } }) => ({
          coverageId,
          entry,
          bond,
          until: BigInt(until),
        })),
      ];
      return disputes.map(lapse);
    },
  };
}
