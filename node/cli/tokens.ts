import { formatUnits, type Hex } from 'viem';
import { erc20Abi } from '../../protocol/abi.ts';
import { refuse } from '../lib/refusal.ts';
import { parseAmount } from '../lib/units.ts';
import type { Network } from './options.ts';
import type { Request } from './transact.ts';

/** The stake's token, which coverages pay in. */
export type Token = Readonly<{ address: Hex; symbol: string; decimals: number }>;

/** No ledger holds more of it, in its smallest unit. */
const MOST = 2n ** 96n - 1n;

/** The token of a network, as it calls itself. */
export async function tokenOf({ client, deployment }: Network): Promise<Token> {
  const token = { address: deployment.token, abi: erc20Abi } as const;
  const [decimals, symbol] = await Promise.all([
    client.readContract({ ...token, functionName: 'decimals' }),
    // Old ones answer with bytes, or not at all.
    client.readContract({ ...token, functionName: 'symbol' }).catch(() => 'tokens'),
  ]);
  return { address: deployment.token, symbol, decimals };
}

/** Whole tokens, as `12.5`, in the smallest unit. */
export function parseTokens(text: string, { decimals, symbol }: Token, field: string): bigint {
  const amount = parseAmount(text, decimals, field);
  if (amount <= MOST) return amount;
  throw refuse('ARGUMENT_INVALID', {
    field,
    problem: `${text} is more than the ${formatUnits(MOST, decimals)} ${symbol} that fit`,
    fix: 'lower it',
  });
}

/** `12.5 STK` of its smallest unit. */
export const tokensOf = (amount: bigint, { decimals, symbol }: Token): string =>
  `${formatUnits(amount, decimals)} ${symbol}`;

/** Refuses to spend what the account does not hold. */
export async function requireTokens(
  { client }: Network,
  token: Token,
  account: Hex,
  amount: bigint,
  field: string,
): Promise<void> {
  const { address } = token;
  const asked = { address, abi: erc20Abi, functionName: 'balanceOf', args: [account] } as const;
  const balance = await client.readContract(asked);
  if (balance < amount)
    throw refuse('FUNDS_SHORT', {
      field,
      problem: `${account} holds ${tokensOf(balance, token)} of ${tokensOf(amount, token)}`,
      fix: 'send tokens to it or lower the amount',
    });
}

/** The approval that `spender` needs to take this much; none where it has it. */
export async function approvalOf(
  { client }: Network,
  { address }: Token,
  account: Hex,
  spender: Hex,
  amount: bigint,
): Promise<readonly Request[]> {
  const token = { address, abi: erc20Abi } as const;
  const args = [account, spender] as const;
  const allowance = await client.readContract({ ...token, functionName: 'allowance', args });
  if (allowance >= amount) return [];
  return [{ ...token, name: 'approve', functionName: 'approve', args: [spender, amount] }];
}
