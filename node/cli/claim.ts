import { Command } from 'commander';
import { getAbiItem, type Hex, zeroAddress } from 'viem';
import { bountiesAbi, registryAbi, watchersAbi } from '../../protocol/abi.ts';
import { keyHashOfKeystore } from '../keys/unlock.ts';
import { refuse } from '../lib/refusal.ts';
import { revertOf } from '../wallet/revert.ts';
import { parseWhat, standingNamed } from './cover-show.ts';
import { headOf } from './cover-standing.ts';
import { ledgerAt, LEDGERS, type LedgerName } from './ledgers.ts';
import { logsOf } from './logs.ts';
import {
  type Network,
  openNetwork,
  parseAddress,
  withJson,
  withNetwork,
  withSigner,
} from './options.ts';
import { columns, print } from './output.ts';
import {
  addressOf,
  type PlanFlags,
  senderOf,
  stepRows,
  type Step,
  stepsOf,
  withPlan,
} from './steps.ts';
import { tokenOf, tokensOf } from './tokens.ts';

type Flags = PlanFlags & Readonly<{ operator?: string }>;

/** What a ledger owes a watcher for one coverage. */
type Owed = Readonly<{ name: LedgerName; coverageId: Hex; amount: bigint }>;

/** Runs and entries looked at to tell what is owed, and by one transaction: less than 4,000 gas each. */
const LOOK = 4_096n;
const STEP = 1_000n;
/** Transactions for one coverage of one ledger. */
const MOST_STEPS = 16;

/** `tocsin claim`: has a watcher paid. */
export const claimCommand = () =>
  withJson(
    withPlan(
      withSigner(
        withNetwork(
          new Command('claim').argument(
            '[what]',
            'id of a coverage, or address of its target (default: every coverage)',
          ),
        ),
      ),
    ),
  )
    .description('Have coverages pay a watcher, to its payout address. Anyone may, for anyone.')
    .option(
      '--operator <address>',
      'who is paid (default: the watcher of --config, else the account of --keystore)',
    )
    .action(async (what: string | undefined, flags: Flags) => {
      const id = what === undefined ? null : parseWhat(what);
      const named =
        flags.operator === undefined ? null : parseAddress(flags.operator, '--operator');
      const network = await openNetwork(flags);
      const token = await tokenOf(network);
      const known = named ?? (await operatorOf(network));
      const sender = await senderOf(flags, network, known ?? zeroAddress);
      const operator = known ?? addressOf(sender);
      const payout = await payoutOf(network, operator);
      const head = await headOf(network);
      const coverages =
        id === null
          ? await coveragesOf(network)
          : [(await standingNamed(network, id, head)).coverageId];
      const found: Owed[] = [];
      for (const coverageId of coverages)
        for (const name of LEDGERS) {
          const amount = await owedBy(network, name, coverageId, operator);
          if (amount > 0n) found.push({ name, coverageId, amount });
        }
      const steps: Step[] = [];
      for (const owed of found) steps.push(...(await claim(network, sender, operator, owed)));
      const credit = await creditOf(network, addressOf(sender));
      if (credit > 0n) steps.push(...(await collect(network, sender)));
      print(
        flags.json,
        { operator, payout, owed: found, credit, steps },
        columns([
          ['operator', operator],
          ['payout', payout],
          ...(found.length === 0 ? [['owed', 'nothing'] as const] : []),
          ...found.map(
            ({ name, coverageId, amount }) =>
              [name, `${tokensOf(amount, token)} of ${coverageId}`] as const,
          ),
          ...(credit === 0n
            ? []
            : [['credit', `${tokensOf(credit, token)} of the sender`] as const]),
          ...stepRows(steps),
        ]),
      );
    });

/** The watcher of the signing key that --config names; null without. */
async function operatorOf({ client, deployment, config }: Network): Promise<Hex | null> {
  for (const keystore of config?.blsKeystores ?? []) {
    const keyHash = await keyHashOfKeystore(keystore, 'blsKeystore');
    if (keyHash === null) continue;
    const operator = await client.readContract({
      address: deployment.watchers,
      abi: watchersAbi,
      functionName: 'operatorOfKey',
      args: [keyHash],
    });
    if (operator !== zeroAddress) return operator;
  }
  return null;
}

async function payoutOf({ client, deployment }: Network, operator: Hex): Promise<Hex> {
  const { payout } = await client.readContract({
    address: deployment.watchers,
    abi: watchersAbi,
    functionName: 'watcher',
    args: [operator],
  });
  if (payout !== zeroAddress) return payout;
  throw refuse('ARGUMENT_INVALID', {
    field: '--operator',
    problem: `${operator} is the operator of no watcher`,
    fix: 'name the account that registered',
  });
}

/** Every coverage that there was: what is retired owes on. */
async function coveragesOf({ client, deployment }: Network): Promise<readonly Hex[]> {
  const event = getAbiItem({ abi: registryAbi, name: 'Covered' });
  const at = { address: deployment.registry, event } as const;
  const logs = await logsOf(client, at, BigInt(deployment.deployedAt));
  return logs.map(({ args: { coverageId } }) => coverageId);
}

const owedBy = (
  network: Network,
  name: LedgerName,
  coverageId: Hex,
  operator: Hex,
): Promise<bigint> =>
  network.client
    .simulateContract({
      ...ledgerAt(network, name),
      functionName: 'claim',
      args: [operator, coverageId, LOOK],
    })
    .then(
      ({ result }) => result,
      (error: unknown) => {
        if (revertOf(error) === 'NothingToClaim') return 0n;
        throw error;
      },
    );

/** In steps, as one block has no room for years of roll calls. */
async function claim(
  network: Network,
  sender: Parameters<typeof stepsOf>[1],
  operator: Hex,
  { name, coverageId, amount }: Owed,
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (let left = amount; left > 0n && steps.length < MOST_STEPS; ) {
    const args = [operator, coverageId, STEP];
    const request = { ...ledgerAt(network, name), name, functionName: 'claim', args };
    steps.push(...(await stepsOf(network, sender, [request])));
    if (typeof sender === 'string') break;
    left = await owedBy(network, name, coverageId, operator);
  }
  return steps;
}

const creditOf = ({ client, deployment }: Network, account: Hex): Promise<bigint> =>
  client.readContract({
    address: deployment.bounties,
    abi: bountiesAbi,
    functionName: 'creditOf',
    args: [account],
  });

const collect = (network: Network, sender: Parameters<typeof stepsOf>[1]) =>
  stepsOf(network, sender, [
    {
      ...ledgerAt(network, 'bounties'),
      abi: bountiesAbi,
      name: 'credit',
      functionName: 'collect',
      args: [addressOf(sender)],
    },
  ]);
