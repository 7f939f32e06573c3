import type { LocalAccount } from 'viem';
import { committeeAbi } from '../../protocol/abi.ts';
import type { Network } from './options.ts';
import { transact } from './transact.ts';

/** Takes steps until the current epoch is open, and answers how many; none when it is open already. */
export async function openEpoch(
  network: Network,
  account: LocalAccount,
  say: (line: string) => void,
): Promise<number> {
  const committee = { address: network.deployment.committee, abi: committeeAbi } as const;
  for (let steps = 0; ; steps++) {
    if (!(await isDue(network))) return steps;
    await transact(network, account, { ...committee, name: 'epoch', functionName: 'openEpoch' });
    const [, , seats] = await network.client.readContract({
      ...committee,
      functionName: 'opening',
    });
    if (seats !== 0) say(`${seats} seats are known`);
  }
}

/** Takes the steps that an opening under way still needs: nobody joins meanwhile. */
export async function finishOpening(
  network: Network,
  account: LocalAccount,
  say: (line: string) => void,
): Promise<void> {
  const [epoch] = await network.client.readContract({
    address: network.deployment.committee,
    abi: committeeAbi,
    functionName: 'opening',
  });
  if (epoch !== 0n) await openEpoch(network, account, say);
}

/** That of the block that comes next, as far as the provider can tell. */
export async function timestampOf({ client }: Network): Promise<bigint> {
  const block = client.getBlock({ blockTag: 'pending' });
  return (await block.catch(() => client.getBlock())).timestamp;
}

async function isDue(network: Network): Promise<boolean> {
  const { client, deployment } = network;
  const committee = { address: deployment.committee, abi: committeeAbi } as const;
  const timestamp = await timestampOf(network);
  const [now, latest] = await Promise.all([
    client.readContract({ ...committee, functionName: 'epochAt', args: [timestamp] }),
    client.readContract({ ...committee, functionName: 'latestEpoch' }),
  ]);
  return now > latest;
}
