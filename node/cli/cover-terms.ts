import { Command } from 'commander';
import { type Hex, zeroAddress } from 'viem';
import { termsBookAbi } from '../../protocol/abi.ts';
import { parseWhat, standingNamed } from './cover-show.ts';
import { type Head, headOf } from './cover-standing.ts';
import { accountOf, LEDGERS } from './ledgers.ts';
import {
  type Network,
  openNetwork,
  parseAddress,
  withJson,
  withNetwork,
  withSigner,
} from './options.ts';
import { columns, print } from './output.ts';
import { type PlanFlags, senderOf, stepRows, stepsOf, withPlan } from './steps.ts';
import { parseTokens, type Token, tokenOf, tokensOf } from './tokens.ts';

type Flags = PlanFlags &
  Readonly<{ premium?: string; fee?: string; bounty?: string; arbiter?: string }>;

/** What a coverage pays from a height on, in the token's smallest unit. */
type Terms = Readonly<{ premium: bigint; fee: bigint; bounty: bigint; arbiter: Hex; from: bigint }>;

/** Past every height: the newest terms, in force or not. */
const LAST = 2n ** 64n - 1n;

/** `tocsin cover terms WHAT`: shows what a coverage pays, or names what it pays from a later block on. */
export const coverTermsCommand = () =>
  withJson(
    withPlan(
      withSigner(
        withNetwork(
          new Command('terms').argument('<what>', 'id of a coverage, or address of its target'),
        ),
      ),
    ),
  )
    .description(
      'Show what a coverage pays its watchers. With a flag below, name other terms from a later block on; only its owner.',
    )
    .option('--premium <amount>', 'whole tokens for a roll call that all seats have signed')
    .option('--fee <amount>', 'whole tokens for whoever books one; most watchers want 1 at least')
    .option('--bounty <amount>', 'whole tokens for an incident that all seats have signed')
    .option('--arbiter <address>', 'who decides disputes of class B and C, or none')
    .action(async (what: string, flags: Flags) => {
      const id = parseWhat(what);
      const arbiter = arbiterOf(flags.arbiter);
      const network = await openNetwork(flags);
      const token = await tokenOf(network);
      const head = await headOf(network);
      const { coverageId, owner } = await standingNamed(network, id, head);
      const latest = await termsAt(network, coverageId, LAST);
      const amount = (name: 'premium' | 'fee' | 'bounty') => {
        const text = flags[name];
        return text === undefined ? latest[name] : parseTokens(text, token, `--${name}`);
      };
      const next = {
        premium: amount('premium'),
        fee: amount('fee'),
        bounty: amount('bounty'),
        arbiter: arbiter ?? latest.arbiter,
      };
      const { premium, fee, bounty } = flags;
      const isNamed = [premium, fee, bounty, arbiter].some((flag) => flag !== undefined);
      const steps = isNamed
        ? await stepsOf(network, await senderOf(flags, network, owner), [
            {
              name: 'terms',
              address: network.deployment.terms,
              abi: termsBookAbi,
              functionName: 'name',
              args: [coverageId, next.premium, next.fee, next.bounty, next.arbiter],
            },
          ])
        : [];
      const planned =
        isNamed && flags.plan === true ? { ...next, from: await notBefore(network, head) } : null;
      const now = await headOf(network);
      const inForce = await termsAt(network, coverageId, now.number);
      const named = planned ?? (await termsAt(network, coverageId, LAST));
      const toCome = named.from > now.number ? named : null;
      const ledgers = await Promise.all(
        LEDGERS.map(async (name) => {
          const { deposit, owed } = await accountOf(network, name, coverageId);
          return { name, deposit, owed };
        }),
      );
      print(
        flags.json,
        { coverageId, owner, block: now.number, inForce, toCome, ledgers, steps },
        columns([
          ['coverage', coverageId],
          ['owner', owner],
          ...termsRows('in force', inForce, token),
          ...(toCome === null ? [] : termsRows('to come', toCome, token)),
          ...ledgers.map(
            ({ name, deposit, owed }) =>
              [name, `${tokensOf(deposit, token)}, and ${tokensOf(owed, token)} owed`] as const,
          ),
          ...(isNamed ? stepRows(steps) : []),
        ]),
      );
    });

const arbiterOf = (text: string | undefined): Hex | undefined => {
  if (text === undefined) return undefined;
  return text === 'none' ? zeroAddress : parseAddress(text, '--arbiter');
};

const termsAt = ({ client, deployment }: Network, id: Hex, height: bigint): Promise<Terms> =>
  client.readContract({
    address: deployment.terms,
    abi: termsBookAbi,
    functionName: 'termsAt',
    args: [id, height],
  });

/** The first height that terms named in the next block are about. */
const notBefore = async ({ client, deployment }: Network, { number }: Head): Promise<bigint> => {
  const asked = { address: deployment.terms, abi: termsBookAbi, functionName: 'NOTICE' } as const;
  return number + 1n + (await client.readContract(asked));
};

const termsRows = (
  name: string,
  { premium, fee, bounty, arbiter, from }: Terms,
  token: Token,
): readonly (readonly [string, string])[] =>
  from === 0n
    ? [[name, 'nothing is paid']]
    : [
        [name, `from block ${from}`],
        [
          '  premium',
          `${tokensOf(premium, token)} a roll call, and ${tokensOf(fee, token)} to its booker`,
        ],
        ['  bounty', `${tokensOf(bounty, token)} an incident`],
        ['  arbiter', arbiter === zeroAddress ? 'nobody: nothing can be disputed' : arbiter],
      ];
