import { concat, getAbiItem, type Hex, type LocalAccount } from 'viem';
import { committeeAbi, watchersAbi } from '../../protocol/abi.ts';
import { type Candidate, type Member, nextJoining } from './joining.ts';
import { logsOf } from './logs.ts';
import { finishOpening } from './openings.ts';
import type { Network } from './options.ts';
import { transact } from './transact.ts';

/** Makes members of all keys that are registered, stay, and find room or lighter members; their hashes, in order. */
export async function writePages(
  network: Network,
  account: LocalAccount,
  say: (line: string) => void,
): Promise<readonly Hex[]> {
  const joined: Hex[] = [];
  const registered = await registeredKeys(network);
  for (;;) {
    await finishOpening(network, account, say);
    const members = await membersOf(network);
    const outside = await candidatesOf(network, registered, members.keyHashes);
    const joining = nextJoining(outside, members.members);
    if (joining === null) return joined;
    const { candidates, displaced } = joining;
    const hashes = candidates.map(({ keyHash }) => keyHash);
    const call = candidates[0]?.paged
      ? { functionName: 'rejoin', args: [hashes, displaced] }
      : { functionName: 'writePage', args: [concat(candidates.map(({ key }) => key)), displaced] };
    await transact(network, account, { ...contractOf(network), name: 'page', ...call });
    say(`${candidates.length} keys are members, ${displaced.length} members made room`);
    joined.push(...hashes);
  }
}

type Registered = Readonly<{ keyHash: Hex; key: Hex }>;

const contractOf = ({ deployment }: Network) =>
  ({ address: deployment.committee, abi: committeeAbi }) as const;

async function registeredKeys({ client, deployment }: Network): Promise<readonly Registered[]> {
  const { watchers: address, deployedAt } = deployment;
  const [registered, rotated] = [
    getAbiItem({ abi: watchersAbi, name: 'Registered' }),
    getAbiItem({ abi: watchersAbi, name: 'KeyRotated' }),
  ];
  const logs = [
    ...(await logsOf(client, { address, event: registered }, BigInt(deployedAt))),
    ...(await logsOf(client, { address, event: rotated }, BigInt(deployedAt))),
  ];
  return logs.map(({ args: { keyHash, key } }) => ({ keyHash, key }));
}

async function membersOf(
  network: Network,
): Promise<{ keyHashes: ReadonlySet<Hex>; members: readonly Member[] }> {
  const [keyHashes, weights] = await network.client.readContract({
    ...contractOf(network),
    functionName: 'members',
  });
  const members = keyHashes.map((_, index) => ({ index, weight: weights[index] ?? 0 }));
  return { keyHashes: new Set(keyHashes), members };
}

async function candidatesOf(
  network: Network,
  registered: readonly Registered[],
  members: ReadonlySet<Hex>,
): Promise<readonly Candidate[]> {
  const { client, deployment } = network;
  const watchers = { address: deployment.watchers, abi: watchersAbi } as const;
  const outside = registered.filter(({ keyHash }) => !members.has(keyHash));
  return Promise.all(
    outside.map(async ({ keyHash, key }) => {
      const args = [keyHash] as const;
      const [weight, [page]] = await Promise.all([
        client.readContract({ ...watchers, functionName: 'activeWeight', args }),
        client.readContract({ ...contractOf(network), functionName: 'seatOf', args }),
      ]);
      return { keyHash, key, weight, paged: page !== 0 };
    }),
  );
}
