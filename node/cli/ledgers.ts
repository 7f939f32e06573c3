import type { Command } from 'commander';
import type { Hex } from 'viem';
import { bountiesAbi, payrollAbi } from '../../protocol/abi.ts';
import { missing, type Network } from './options.ts';
import { parseTokens, type Token } from './tokens.ts';

/** Where a coverage's money lies: for roll calls, or for incidents. */
export const LEDGERS = ['payroll', 'bounties'] as const;
export type LedgerName = (typeof LEDGERS)[number];

/** Flags that say how much of each. */
export type LedgerFlags = Readonly<{ [name in LedgerName]?: string }>;

/** A ledger and an amount that is asked for it. */
export type Asked = Readonly<{ name: LedgerName; amount: bigint }>;

const ABI = { payroll: payrollAbi, bounties: bountiesAbi } as const;

/** Adds `--payroll` and `--bounties`; `what` says of what. */
export const withLedgers = (command: Command, what: string): Command =>
  command
    .option('--payroll <amount>', `whole tokens ${what} for roll calls`)
    .option('--bounties <amount>', `whole tokens ${what} for incidents`);

/** What the flags ask for. */
export const askedOf = (flags: LedgerFlags, token: Token): readonly Asked[] =>
  LEDGERS.flatMap((name) => {
    const text = flags[name];
    return text === undefined ? [] : [{ name, amount: parseTokens(text, token, `--${name}`) }];
  });

/** Refuses flags that ask for nothing. */
export function requireAsked(flags: LedgerFlags, fix: string): void {
  if (LEDGERS.every((name) => flags[name] === undefined))
    throw missing('--payroll or --bounties', fix);
}

/** Where a ledger's calls go. Both answer to what a ledger has. */
export const ledgerAt = ({ deployment }: Network, name: LedgerName) => ({
  address: deployment[name],
  abi: ABI[name] as typeof payrollAbi,
});

/** What a coverage has there: owed to nobody, owed to watchers, and how many entries that was for. */
export const accountOf = (network: Network, name: LedgerName, coverageId: Hex) =>
  network.client.readContract({
    ...ledgerAt(network, name),
    functionName: 'accountOf',
    args: [coverageId],
  });
