import { type Hex, keccak256, type LocalAccount, numberToHex, stringToHex } from 'viem';
import {
  committeeAbi,
  courtAbi,
  erc20Abi,
  founderAbi,
  proverAbi,
  registryAbi,
  watchersAbi,
} from '../../protocol/abi.ts';
import type { ChainAccess } from '../lib/chain.ts';
import { refuse } from '../lib/refusal.ts';
import { transact } from './transact.ts';

// `Founder.MARK`: the hash's lowest 19 bytes, and one for the number of a part.
const MARK = (BigInt(keccak256(stringToHex('Tocsin part'))) << 8n) & (2n ** 160n - 1n);

/** What stands for the address of a part in the code of another. */
export const markOf = (part: bigint): Hex => numberToHex(MARK + part, { size: 20 });

/** Has the founder make its next part, unless it is there already; the height, or null when it was. */
export async function makePart(
  access: ChainAccess,
  account: LocalAccount,
  founder: Hex,
  { name, code, address }: Readonly<{ name: string; code: Hex; address: Hex }>,
): Promise<bigint | null> {
  if ((await access.client.getCode({ address })) !== undefined) return null;
  // What a constructor refuses is told by its name.
  const parts = [...watchersAbi, ...committeeAbi, ...registryAbi, ...courtAbi, ...proverAbi];
  const abi = [...founderAbi, ...parts];
  const call = { name, address: founder, abi, functionName: 'make', args: [code] } as const;
  return (await transact(access, account, call)).blockNumber;
}

/** Lets Watchers try the token on the deployer when they are made: they give back what they take. */
export async function lendStake(
  access: ChainAccess,
  account: LocalAccount,
  { token, watchers, stake }: Readonly<{ token: Hex; watchers: Hex; stake: bigint }>,
): Promise<void> {
  const { client } = access;
  if ((await client.getCode({ address: watchers })) !== undefined) return;
  const contract = { address: token, abi: erc20Abi } as const;
  const [balance, allowance] = await Promise.all([
    client.readContract({ ...contract, functionName: 'balanceOf', args: [account.address] }),
    client.readContract({
      ...contract,
      functionName: 'allowance',
      args: [account.address, watchers],
    }),
  ]);
  if (balance < stake)
    throw refuse('FUNDS_SHORT', {
      field: '--token',
      problem: `${account.address} holds ${balance} of ${stake} base units, the smallest stake, with which the token is tried`,
      fix: 'send it so many; it keeps them',
    });
  if (allowance < stake)
    await transact(access, account, {
      ...contract,
      name: 'approve',
      functionName: 'approve',
      args: [watchers, stake],
    });
}
