import { formatEther } from 'viem';
import type { Plan, TriedRule } from './cover-prepare.ts';

/** `2026-11-21T15:00:00Z` of unix seconds. */
export const timeOf = (seconds: bigint): string =>
  new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z');

/** `1.5 ether` of wei. */
export const etherOf = (wei: bigint): string => `${formatEther(wei)} ether`;

/** When a rule trips, or may be made to, at the time of a plan. */
export function phaseOf({ isArmed, arms, armableAt, trial }: TriedRule, now: bigint): string {
  if (isArmed) return 'armed';
  if (arms) return 'armed now';
  if (armableAt > now) return `shadow, armable at ${timeOf(armableAt)}`;
  return trial.fires === true ? 'shadow, not armed while it fires' : 'shadow, armable now';
}

/** A plan as a person reads it, a line each. */
export function planRows({
  head,
  account,
  change,
  coverageId,
  rules,
  escrow,
  costs,
  found,
}: Plan): readonly (readonly [string, string])[] {
  const verbs = { cover: 'is made', amend: 'is amended', none: 'stays as it is' } as const;
  return [
    ['block', `${head.number}, ${timeOf(head.timestamp)}`],
    ['coverage', `${coverageId} ${verbs[change.kind]}`],
    ...(change.replaces === null
      ? []
      : [['replaces', `${change.replaces} of a former guardian`] as const]),
    ...rules.flatMap((rule) => [
      [
        `rule ${rule.named.name}`,
        `${rule.state === null ? 'added' : 'kept'}: ${phaseOf(rule, head.timestamp)}`,
      ] as const,
      ['  reads', rule.trial.reads] as const,
      ['  judged', rule.trial.says] as const,
    ]),
    ...change.dropped.map(
      ({ name, phase }) => [`rule ${name}`, `dropped: it was in ${phase}`] as const,
    ),
    ['escrow', `${etherOf(escrow.now)} now, ${etherOf(escrow.after)} after`],
    ...costs.map(({ name, gas, fee, value }) => {
      const paid = value === 0n ? '' : `, and ${etherOf(value)} into the escrow`;
      const price =
        gas === null || fee === null
          ? 'gas is known once those before it are mined'
          : `${gas} gas, ${etherOf(fee)}`;
      return [`send ${name}`, `${price}${paid}`] as const;
    }),
    ['from', account],
    ...(found !== null && costs.length === 0 ? [['nothing', 'has to be sent'] as const] : []),
  ];
}
