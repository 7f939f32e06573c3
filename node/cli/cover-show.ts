import { Command } from 'commander';
import { getAbiItem, type Hex } from 'viem';
import { payrollAbi, registryAbi } from '../../protocol/abi.ts';
import { refuse } from '../lib/refusal.ts';
import {
  coverageIdOf,
  type Head,
  headOf,
  NO_COVERAGE,
  type Standing,
  type StandingRule,
  standingOf,
  tripsOf,
} from './cover-standing.ts';
import { etherOf, timeOf } from './cover-words.ts';
import { logsOf } from './logs.ts';
import { type Network, type NetworkFlags, openNetwork, withJson, withNetwork } from './options.ts';
import { columns, print, table } from './output.ts';

type Trips = Awaited<ReturnType<typeof tripsOf>>;
type Incidents = Awaited<ReturnType<typeof incidentsOf>>;
type Attested = Awaited<ReturnType<typeof attestedOf>>;

/** `tocsin cover show TARGET|COVERAGE`: a coverage as the chain has it. */
export const coverShowCommand = () =>
  withJson(
    withNetwork(new Command('show').argument('<what>', 'address of a target, or id of a coverage')),
  )
    .description(
      'Show a coverage: owner, escrow, stake behind its latest roll call, rules, trips, incidents.',
    )
    .action(async (what: string, flags: NetworkFlags & Readonly<{ json?: boolean }>) => {
      const id = parseWhat(what);
      const network = await openNetwork(flags);
      const head = await headOf(network);
      const standing = await standingNamed(network, id, head);
      const [trips, incidents, attestedStake] = await Promise.all([
        standing.retired ? [] : tripsOf(network, standing.target, head),
        incidentsOf(network, standing),
        attestedOf(network, standing, head),
      ]);
      const { manifest, ruleIds: _, ...shown } = standing;
      print(
        flags.json,
        {
          name: manifest?.name ?? null,
          block: head.number,
          ...shown,
          attestedStake,
          trips,
          incidents,
        },
        linesOf(standing, head, attestedStake, trips, incidents),
      );
    });

/** An id of a coverage, or the address of a target, in lower case. */
export function parseWhat(text: string): Hex {
  if (/^0x([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$/.test(text)) return text.toLowerCase() as Hex;
  throw refuse('ARGUMENT_INVALID', {
    field: 'what',
    problem: `${text} is neither an address nor the id of a coverage`,
    fix: 'write 0x and 40 or 64 hex digits',
  });
}

/** The coverage that a person names by itself or by its target. */
export async function standingNamed(network: Network, what: Hex, head: Head): Promise<Standing> {
  const id = what.length === 66 ? what : await coverageIdOf(network, what, head);
  const standing = id === NO_COVERAGE ? null : await standingOf(network, id, head);
  if (standing !== null) return standing;
  throw refuse('ARGUMENT_INVALID', {
    field: 'what',
    problem: `${what} is ${what.length === 66 ? 'no coverage' : 'covered by nobody'} at registry ${network.deployment.registry}`,
    fix: 'name another, or cover it with tocsin cover apply',
  });
}

/** Weight behind the latest roll call that was booked, all of it, and its age in blocks; zeros where there was none. */
async function attestedOf(
  { client, deployment }: Network,
  { coverageId }: Standing,
  { number }: Head,
) {
  const [signed, total, age] = await client.readContract({
    address: deployment.payroll,
    abi: payrollAbi,
    functionName: 'attestedStake',
    args: [coverageId],
    blockNumber: number,
  });
  return { signed, total, age };
}

/** Every trip that the registry recorded, oldest first. */
async function incidentsOf({ client, deployment }: Network, { coverageId, rules }: Standing) {
  const event = getAbiItem({ abi: registryAbi, name: 'Incident' });
  const at = { address: deployment.registry, event, args: { coverageId } } as const;
  const logs = await logsOf(client, at, BigInt(deployment.deployedAt));
  return logs.map(({ args: { digest, rung, end, verdict, submitter }, blockNumber }) => ({
    block: blockNumber,
    height: verdict.height,
    rule:
      rules.find(({ ruleId }) => ruleId === verdict.ruleId)?.name ?? verdict.ruleId.slice(0, 10),
    ruleId: verdict.ruleId,
    rung,
    end,
    digest,
    submitter,
  }));
}

function linesOf(
  { coverageId, target, owner, retired, escrow, manifest, rules }: Standing,
  { number, timestamp }: Head,
  { signed, total, age }: Attested,
  trips: Trips,
  incidents: Incidents,
): readonly string[] {
  const state = retired ? 'retired' : trips.length === 0 ? 'clear' : 'TRIPPED';
  return [
    ...columns([
      ['coverage', coverageId],
      ['name', manifest?.name ?? 'its manifest cannot be read'],
      ['target', target],
      ['owner', owner],
      ['escrow', etherOf(escrow)],
      [
        'attested',
        total === 0n
          ? 'no roll call was booked'
          : `${signed} of ${total} of weight signed a roll call ${age} blocks ago`,
      ],
      ['state', `${state} at block ${number}, ${timeOf(timestamp)}`],
      ...trips.map(
        ({ rung, first, end }) =>
          [`rung ${rung}`, `since ${timeOf(first)}, until ${timeOf(end)}`] as const,
      ),
    ]),
    '',
    ...table([
      ['rule', 'class', 'rung', 'life', 'phase', 'armed since', 'anchor', 'last trip by'],
      ...rules.map((rule) => rowOf(rule, timestamp)),
    ]),
    ...(incidents.length === 0
      ? ['', 'no incidents']
      : [
          '',
          ...table([
            ['incident', 'block', 'rule', 'rung', 'until'],
            ...incidents.map(({ digest, block, rule, rung, end }) => [
              digest.slice(0, 10),
              `${block}`,
              rule,
              `${rung}`,
              timeOf(end),
            ]),
          ]),
        ]),
  ];
}

const rowOf = (rule: StandingRule, now: bigint): readonly string[] => [
  rule.name,
  rule.class,
  `${rule.rung}`,
  `${rule.life} s`,
  rule.phase === 'shadow' && rule.armableAt > now
    ? `shadow, armable at ${timeOf(rule.armableAt)}`
    : rule.phase,
  rule.armedAt === 0n ? '-' : `block ${rule.armedAt}`,
  rule.anchor?.slice(0, 10) ?? '-',
  rule.lastHeight === 0n ? '-' : `block ${rule.lastHeight}`,
];
