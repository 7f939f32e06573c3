import { Command } from 'commander';
import { type Hex, zeroAddress } from 'viem';
import { bountiesAbi } from '../../protocol/abi.ts';
import { refuse } from '../lib/refusal.ts';
import { parseWhole } from '../lib/units.ts';
import { bountiesOf, BOUNTY_HEADS, type Bounty, bountyCells, bountyOf } from './bounty.ts';
import { parseWhat, standingNamed } from './cover-show.ts';
import { headOf } from './cover-standing.ts';
import { timeOf } from './cover-words.ts';
import {
  missing,
  type Network,
  type NetworkFlags,
  openNetwork,
  withJson,
  withNetwork,
  withSigner,
} from './options.ts';
import { columns, print, table } from './output.ts';
import {
  addressOf,
  type PlanFlags,
  senderOf,
  type Step,
  stepRows,
  stepsOf,
  withPlan,
} from './steps.ts';
import { approvalOf, parseTokens, requireTokens, type Token, tokenOf, tokensOf } from './tokens.ts';
import type { Request } from './transact.ts';

/** Above every entry. */
const ENTRIES = 2 ** 24 - 1;

const about = (name: string) =>
  new Command(name).argument('<what>', 'id of a coverage, or address of its target');

const ofEntry = (name: string) =>
  withJson(
    withPlan(
      withSigner(withNetwork(about(name).argument('<entry>', 'its number in tocsin dispute show'))),
    ),
  );

/** `tocsin dispute show WHAT`: the bounties of a coverage, and which of them are disputed. */
export const disputeShowCommand = () =>
  withJson(withNetwork(about('show')))
    .description(
      'List the newest bounties of a coverage: what each owes, until when it is open, and who disputes it.',
    )
    .action(async (what: string, flags: NetworkFlags & Readonly<{ json?: boolean }>) => {
      const { network, coverageId, token } = await open(what, flags);
      const bounties = await bountiesOf(network, coverageId);
      print(
        flags.json,
        { coverageId, bounties },
        bounties.length === 0
          ? ['no bounties']
          : table([BOUNTY_HEADS, ...bounties.map((bounty) => bountyCells(bounty, token))]),
      );
    });

/** `tocsin dispute open WHAT ENTRY`: shows the bond, or pays it. */
export const disputeOpenCommand = () =>
  ofEntry('open')
    .description(
      'Dispute a bounty of class B or C before its arbiter. Without --bond only the bond is shown; it is lost if the arbiter dismisses.',
    )
    .option('--bond <amount>', 'most whole tokens to pay as the bond')
    .action(async (what: string, entry: string, flags: PlanFlags & Readonly<{ bond?: string }>) => {
      const { network, coverageId, owner, token, bounty } = await openOf(what, entry, flags);
      requireOpen(bounty, (await headOf(network)).timestamp);
      const bond = bounty.owed;
      if (flags.bond === undefined)
        return print(flags.json, { coverageId, ...bounty, bond, steps: [] }, [
          ...rowsOf(coverageId, bounty, token, []),
          `run again with --bond ${tokensOf(bond, token).split(' ')[0]} to pay it`,
        ]);
      if (parseTokens(flags.bond, token, '--bond') < bond)
        throw refuse('ARGUMENT_INVALID', {
          field: '--bond',
          problem: `${flags.bond} is less than the bond, ${tokensOf(bond, token)}`,
          fix: 'raise it, or leave the bounty as it is',
        });
      const sender = await senderOf(flags, network, owner);
      await requireTokens(network, token, addressOf(sender), bond, '--bond');
      const { bounties } = network.deployment;
      const steps = await stepsOf(network, sender, [
        ...(await approvalOf(network, token, addressOf(sender), bounties, bond)),
        requestOf(network, 'dispute', coverageId, bounty),
      ]);
      await printDone(network, flags, coverageId, bounty, token, steps);
    });

/** `tocsin dispute decide WHAT ENTRY`: the arbiter's word. */
export const disputeDecideCommand = () =>
  ofEntry('decide')
    .description('Say whether a dispute is right; only the arbiter of its terms.')
    .option('--upheld', 'it was no incident: nobody is paid, and the bond goes back')
    .option('--dismissed', 'it was one: its signers are paid, and the bond is theirs too')
    .action(
      async (
        what: string,
        entry: string,
        flags: PlanFlags & Readonly<{ upheld?: boolean; dismissed?: boolean }>,
      ) => {
        const upheld = flags.upheld === true;
        if (upheld === (flags.dismissed === true))
          throw missing('--upheld or --dismissed', 'give one of the two');
        const { network, coverageId, token, bounty } = await openOf(what, entry, flags);
        const sender = await senderOf(flags, network, bounty.arbiter);
        const request = requestOf(network, 'decide', coverageId, bounty, upheld);
        const steps = await stepsOf(network, sender, [request]);
        await printDone(network, flags, coverageId, bounty, token, steps);
      },
    );

/** `tocsin dispute lapse WHAT ENTRY`: the bond goes back where the arbiter was silent. */
export const disputeLapseCommand = () =>
  ofEntry('lapse')
    .description('Give the bond back where the arbiter was silent in time. Anyone may.')
    .action(async (what: string, entry: string, flags: PlanFlags) => {
      const { network, coverageId, token, bounty } = await openOf(what, entry, flags);
      const sender = await senderOf(flags, network, bounty.disputer);
      const request = requestOf(network, 'lapse', coverageId, bounty);
      const steps = await stepsOf(network, sender, [request]);
      await printDone(network, flags, coverageId, bounty, token, steps);
    });

async function open(what: string, flags: NetworkFlags) {
  const id = parseWhat(what);
  const network = await openNetwork(flags);
  const { coverageId, owner } = await standingNamed(network, id, await headOf(network));
  return { network, coverageId, owner, token: await tokenOf(network) };
}

async function openOf(what: string, entry: string, flags: NetworkFlags) {
  const number = parseWhole(entry, 'entry', 0, ENTRIES);
  const found = await open(what, flags);
  return { ...found, bounty: await bountyOf(found.network, found.coverageId, number) };
}

/** Before an approval is paid for. */
function requireOpen({ entry, class: of, state, arbiter, until }: Bounty, now: bigint): void {
  const no = (problem: string, fix: string) =>
    refuse('ARGUMENT_INVALID', { field: 'entry', problem: `${entry} ${problem}`, fix });
  if (of === 'A')
    throw no('is of class A', 'leave it to the court: nodes show it by themselves what is false');
  if (arbiter === zeroAddress)
    throw no('has no arbiter', 'let the owner name one for incidents to come');
  if (state !== 'open' || now >= until)
    throw no(`is ${state}, and could be disputed until ${timeOf(until)}`, 'name another');
}

const requestOf = (
  { deployment }: Network,
  functionName: 'dispute' | 'decide' | 'lapse',
  coverageId: Hex,
  { entry }: Bounty,
  ...more: readonly boolean[]
): Request => ({
  name: functionName,
  address: deployment.bounties,
  abi: bountiesAbi,
  functionName,
  args: [coverageId, BigInt(entry), ...more],
});

async function printDone(
  network: Network,
  flags: PlanFlags,
  coverageId: Hex,
  { entry }: Bounty,
  token: Token,
  steps: readonly Step[],
): Promise<void> {
  const bounty = await bountyOf(network, coverageId, entry);
  print(flags.json, { coverageId, ...bounty, steps }, rowsOf(coverageId, bounty, token, steps));
}

const rowsOf = (
  coverageId: Hex,
  bounty: Bounty,
  token: Token,
  steps: readonly Step[],
): string[] => {
  const cells = bountyCells(bounty, token);
  return columns([
    ['coverage', coverageId],
    ...BOUNTY_HEADS.map((head, index) => [head, cells[index] ?? ''] as const),
    ['bond', tokensOf(bounty.owed, token)],
    ...stepRows(steps),
  ]);
};
