import { Command } from 'commander';
import type { Hex } from 'viem';
import { parseWhat, standingNamed } from './cover-show.ts';
import { headOf } from './cover-standing.ts';
import {
  askedOf,
  ledgerAt,
  LEDGERS,
  type LedgerFlags,
  type LedgerName,
  requireAsked,
  withLedgers,
} from './ledgers.ts';
import { type Network, openNetwork, withJson, withNetwork, withSigner } from './options.ts';
import { columns, print } from './output.ts';
import { type PlanFlags, senderOf, stepRows, stepsOf, withPlan } from './steps.ts';
import { type Token, tokenOf, tokensOf } from './tokens.ts';
import type { Request } from './transact.ts';

/** What was asked back of a ledger, and the blocks in which it may be taken; nothing with an amount of zero. */
type Withdrawal = Readonly<{ name: LedgerName; amount: bigint; from: bigint; until: bigint }>;

/** `tocsin cover withdraw WHAT`: asks for what a coverage has deposited, and takes it once its time has come. */
export const coverWithdrawCommand = () =>
  withLedgers(
    withJson(
      withPlan(
        withSigner(
          withNetwork(
            new Command('withdraw').argument(
              '<what>',
              'id of a coverage, or address of its target',
            ),
          ),
        ),
      ),
    ),
    'to ask back',
  )
    .description(
      'Ask for deposits of a coverage back; 0 no more. Run again without an amount, once their time has come, take them. Only its owner.',
    )
    .action(async (what: string, flags: PlanFlags & LedgerFlags) => {
      const id = parseWhat(what);
      const network = await openNetwork(flags);
      const token = await tokenOf(network);
      const asked = askedOf(flags, token);
      const head = await headOf(network);
      const { coverageId, owner } = await standingNamed(network, id, head);
      const former = await withdrawalsOf(network, coverageId);
      if (former.every(({ amount }) => amount === 0n)) requireAsked(flags, 'name what to ask back');
      const isDue = ({ amount, from, until }: Withdrawal) =>
        amount > 0n && head.number + 1n >= from && head.number < until;
      const requests =
        asked.length > 0
          ? asked.map(({ name, amount }): Request => {
              const args = [coverageId, amount];
              return { ...ledgerAt(network, name), name, functionName: 'askWithdrawal', args };
            })
          : former.filter(isDue).map(({ name }): Request => {
              const args = [coverageId];
              return { ...ledgerAt(network, name), name, functionName: 'withdraw', args };
            });
      const steps =
        requests.length === 0
          ? []
          : await stepsOf(network, await senderOf(flags, network, owner), requests);
      const withdrawals = await withdrawalsOf(network, coverageId);
      print(
        flags.json,
        { coverageId, withdrawals, steps },
        columns([
          ['coverage', coverageId],
          ...withdrawals.map((each) => [each.name, saidOf(each, token)] as const),
          ...stepRows(steps),
        ]),
      );
    });

const withdrawalsOf = (network: Network, coverageId: Hex): Promise<readonly Withdrawal[]> =>
  Promise.all(
    LEDGERS.map(async (name) => ({
      name,
      ...(await network.client.readContract({
        ...ledgerAt(network, name),
        functionName: 'withdrawalOf',
        args: [coverageId],
      })),
    })),
  );

const saidOf = ({ amount, from, until }: Withdrawal, token: Token): string =>
  amount === 0n
    ? 'nothing is asked back'
    : `${tokensOf(amount, token)} asked back, to be taken in blocks ${from} to ${until}, as far as nobody is owed it then`;
