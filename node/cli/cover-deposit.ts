import { Command } from 'commander';
import type { Hex } from 'viem';
import { parseWhat, standingNamed } from './cover-show.ts';
import { headOf } from './cover-standing.ts';
import {
  accountOf,
  type Asked,
  askedOf,
  ledgerAt,
  type LedgerFlags,
  requireAsked,
  withLedgers,
} from './ledgers.ts';
import { type Network, openNetwork, withJson, withNetwork, withSigner } from './options.ts';
import { columns, print } from './output.ts';
import { addressOf, type PlanFlags, senderOf, stepRows, stepsOf, withPlan } from './steps.ts';
import { approvalOf, requireTokens, type Token, tokenOf, tokensOf } from './tokens.ts';
import type { Request } from './transact.ts';

/** `tocsin cover deposit WHAT`: money for what its terms promise. */
export const coverDepositCommand = () =>
  withLedgers(
    withJson(
      withPlan(
        withSigner(
          withNetwork(
            new Command('deposit').argument('<what>', 'id of a coverage, or address of its target'),
          ),
        ),
      ),
    ),
    'to add',
  )
    .description('Add to what a coverage can pay its watchers. Anyone may.')
    .action(async (what: string, flags: PlanFlags & LedgerFlags) => {
      const id = parseWhat(what);
      requireAsked(flags, 'name how much to add to which');
      const network = await openNetwork(flags);
      const token = await tokenOf(network);
      const asked = askedOf(flags, token);
      const { coverageId, owner } = await standingNamed(network, id, await headOf(network));
      const sender = await senderOf(flags, network, owner);
      const before = await Promise.all(
        asked.map(({ name }) => accountOf(network, name, coverageId)),
      );
      const amount = asked.reduce((sum, each) => sum + each.amount, 0n);
      const field = asked.map(({ name }) => `--${name}`).join(' and ');
      await requireTokens(network, token, addressOf(sender), amount, field);
      const requests: Request[] = [];
      for (const each of asked)
        requests.push(...(await requestsOf(network, token, addressOf(sender), coverageId, each)));
      const steps = await stepsOf(network, sender, requests);
      const deposits = asked.map(({ name, amount }, index) => {
        const { deposit } = before[index]!;
        return { name, before: deposit, after: deposit + amount };
      });
      print(
        flags.json,
        { coverageId, deposits, steps },
        columns([
          ['coverage', coverageId],
          ...deposits.map(
            ({ name, before: held, after }) =>
              [name, `${tokensOf(held, token)} before, ${tokensOf(after, token)} after`] as const,
          ),
          ...stepRows(steps),
        ]),
      );
    });

const requestsOf = async (
  network: Network,
  token: Token,
  account: Hex,
  coverageId: Hex,
  { name, amount }: Asked,
): Promise<readonly Request[]> => {
  const ledger = ledgerAt(network, name);
  return [
    ...(await approvalOf(network, token, account, ledger.address, amount)),
    { ...ledger, name, functionName: 'deposit', args: [coverageId, amount] },
  ];
};
