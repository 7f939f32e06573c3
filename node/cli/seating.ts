import type { Hex } from 'viem';
import { committeeAbi } from '../../protocol/abi.ts';
import { childAddress, hasSeatAt } from '../../protocol/committee.ts';
import type { Network } from './options.ts';
import { timestampOf } from './openings.ts';

/**
 * Where a key stands: in the newest roster, or in the next one, which can be opened from `opens` on, in unix seconds;
 * `outside` when it is no member.
 */
export type Seating =
  | Readonly<{ kind: 'seated'; epoch: bigint }>
  | Readonly<{ kind: 'joining'; epoch: bigint; opens: bigint }>
  | Readonly<{ kind: 'outside' }>;

/** Reads it from rosters and members. */
export async function seatingOf(network: Network, keyHash: Hex): Promise<Seating> {
  const { client, deployment } = network;
  const committee = { address: deployment.committee, abi: committeeAbi } as const;
  const [latest, [page, place, isMember]] = await Promise.all([
    client.readContract({ ...committee, functionName: 'latestEpoch' }),
    client.readContract({ ...committee, functionName: 'seatOf', args: [keyHash] }),
  ]);
  if (page !== 0 && (await isSeated(network, latest, page, place)))
    return { kind: 'seated', epoch: latest };
  if (!isMember) return { kind: 'outside' };
  const [now, genesis, length] = await Promise.all([
    client.readContract({
      ...committee,
      functionName: 'epochAt',
      args: [await timestampOf(network)],
    }),
    client.readContract({ ...committee, functionName: 'GENESIS' }),
    client.readContract({ ...committee, functionName: 'EPOCH_LENGTH' }),
  ]);
  const epoch = now > latest ? now : latest + 1n;
  return { kind: 'joining', epoch, opens: genesis + (epoch - 1n) * length };
}

async function isSeated(
  { client, deployment }: Network,
  epoch: bigint,
  page: number,
  place: number,
): Promise<boolean> {
  const { nonce } = await client.readContract({
    address: deployment.committee,
    abi: committeeAbi,
    functionName: 'roster',
    args: [epoch],
  });
  const code = await client.getCode({ address: childAddress(deployment.committee, nonce) });
  return code !== undefined && hasSeatAt(code, page, place);
}
