import type { AbiEvent, GetLogsReturnType, Hex, PublicClient } from 'viem';

/** Blocks a request: what every public provider grants. */
const SPAN = 10_000n;

/** Every log of one event of one contract, or those with some indexed values, oldest first, asked for in spans. */
export async function logsOf<const E extends AbiEvent>(
  client: PublicClient,
  { address, event, args }: { address: Hex; event: E; args?: Readonly<Record<string, Hex>> },
  from: bigint,
): Promise<GetLogsReturnType<E, [E], true>> {
  const head = await client.getBlockNumber({ cacheTime: 0 });
  const logs: GetLogsReturnType<E, [E], true> = [];
  for (let fromBlock = from; fromBlock <= head; fromBlock += SPAN) {
    const last = fromBlock + SPAN - 1n;
    const toBlock = last < head ? last : head;
    const asked = { address, event, args, fromBlock, toBlock, strict: true } as const;
    const found = await client.getLogs(asked as Parameters<typeof client.getLogs>[0]);
    logs.push(...(found as unknown as GetLogsReturnType<E, [E], true>));
  }
  return logs;
}
