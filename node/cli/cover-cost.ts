import { type Address, encodeFunctionData, type Hex } from 'viem';
import type { Network } from './options.ts';
import { refused, type Request } from './transact.ts';

/** A transaction and what it takes: gas and fee are null where the provider can tell only once those before it are mined. */
export type Cost = Readonly<{
  name: string;
  to: Hex;
  data: Hex;
  gas: bigint | null;
  fee: bigint | null;
  value: bigint;
}>;

/** Ether that nobody has, so that what is estimated does not depend on who asks. */
const PLENTY = 1n << 100n;

/** What a transaction would return at the newest block; refuses what reverts. */
export async function answerOf(
  { client }: Network,
  account: Address,
  request: Request,
): Promise<unknown> {
  const stateOverride = [{ address: account, balance: PLENTY }];
  try {
    return (await client.simulateContract({ ...request, account, stateOverride })).result;
  } catch (error) {
    throw refused(request.name, account, error);
  }
}

/** Runs transactions one after the other at the newest block, and sends none. */
export async function costsOf(
  network: Network,
  account: Address,
  requests: readonly Request[],
): Promise<readonly Cost[]> {
  if (requests.length === 0) return [];
  const [gasPrice, gas] = await Promise.all([
    network.client.getGasPrice(),
    simulated(network, account, requests).catch(() => estimated(network, account, requests)),
  ]);
  return requests.map((request, index) => {
    const used = gas[index] ?? null;
    const { name, address: to, value = 0n } = request;
    const fee = used === null ? null : used * gasPrice;
    return { name, to, data: encodeFunctionData(request), gas: used, fee, value };
  });
}

/** By eth_simulateV1, which not every provider has. */
async function simulated(
  { client }: Network,
  account: Address,
  requests: readonly Request[],
): Promise<readonly (bigint | null)[]> {
  const calls = requests.map((request) => ({
    account,
    to: request.address,
    data: encodeFunctionData(request),
    value: request.value ?? 0n,
  }));
  const stateOverrides = [{ address: account, balance: PLENTY }];
  const [block] = await client.simulateBlocks({ blocks: [{ calls, stateOverrides }] });
  return (block?.calls ?? []).map(({ status, gasUsed }) => (status === 'success' ? gasUsed : null));
}

/** By eth_estimateGas, which can tell of the first alone. */
async function estimated(
  { client }: Network,
  account: Address,
  [first]: readonly Request[],
): Promise<readonly (bigint | null)[]> {
  const stateOverride = [{ address: account, balance: PLENTY }];
  const gas = await client
    .estimateContractGas({ ...first!, account, stateOverride })
    .catch((error: unknown) => {
      throw refused(first!.name, account, error);
    });
  return [gas];
}
