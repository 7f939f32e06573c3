import { concat, getAbiItem, type Hex, type LocalAccount } from 'viem';
import { committeeAbi, watchersAbi } from '../../protocol/abi.ts';
import { logsOf } from './logs.ts';
import type { Network } from './options.ts';
import { transact } from './transact.ts';

const KEYS_A_PAGE = 127;

/** Writes every key that is registered, stays, and has no page yet; the hashes written, in order. */
export async function writePages(
  network: Network,
  account: LocalAccount,
  say: (line: string) => void,
): Promise<readonly Hex[]> {
  const keys = await unpagedKeys(network);
  for (let from = 0; from < keys.length; from += KEYS_A_PAGE) {
    const page = keys.slice(from, from + KEYS_A_PAGE);
    await transact(network, account, {
      name: 'page',
      address: network.deployment.committee,
      abi: committeeAbi,
      functionName: 'writePage',
      args: [concat(page.map(({ key }) => key))],
    });
    say(`wrote a page of ${page.length} keys`);
  }
  return keys.map(({ keyHash }) => keyHash);
}

async function unpagedKeys({
  client,
  deployment,
}: Network): Promise<readonly { keyHash: Hex; key: Hex }[]> {
  const from = BigInt(deployment.deployedAt);
  const [registered, written] = await Promise.all([
    logsOf(
      client,
      { address: deployment.watchers, event: getAbiItem({ abi: watchersAbi, name: 'Registered' }) },
      from,
    ),
    logsOf(
      client,
      {
        address: deployment.committee,
        event: getAbiItem({ abi: committeeAbi, name: 'PageWritten' }),
      },
      from,
    ),
  ]);
  const paged = new Set(written.flatMap(({ args }) => args.keyHashes));
  const candidates = registered
    .map(({ args }) => ({ keyHash: args.keyHash, key: args.key }))
    .filter(({ keyHash }) => !paged.has(keyHash));
  const weights = await Promise.all(
    candidates.map(({ keyHash }) =>
      client.readContract({
        address: deployment.watchers,
        abi: watchersAbi,
        functionName: 'activeWeight',
        args: [keyHash],
      }),
    ),
  );
  return candidates.filter((_, index) => weights[index] !== 0);
}
