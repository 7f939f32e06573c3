import { formatEther } from 'viem';
import type { Plan, TriedRule } from './cover-prepare.ts';

/** `2026-11-21T15:00:00Z` of unix seconds. */
export const timeOf = (seconds: bigint): string =>
  new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z');

/** `1.5 ether` of wei. */
export const etherOf = (wei: bigint): string => `${formatEther(wei)} ether`;

const GWEI = 10n ** 9n;

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
  target,
  delay,
  change,
  coverageId,
  rules,
  escrow,
  costs,
}: Plan): readonly (readonly [string, string])[] {
  const verbs = { cover: 'is made', amend: 'is amended', none: 'stays as it is' } as const;
  return [
    ['block', `${head.number}, ${timeOf(head.timestamp)}`],
    ['target', target],
    ['coverage', `${coverageId} ${verbs[change.kind]}`],
    ...(change.replaces === null
      ? []
      : [['replaces', `${change.replaces} of a former guardian`] as const]),
    ...rules.flatMap((rule) => [
      [
        `rule ${rule.named.name}`,
        `${rule.state === null ? 'added' : 'kept'}: ${phaseOf(rule, head.timestamp)}`,
      ] as const,
      ['  trips', `rung ${rule.named.rung}, for ${rule.named.life} s`] as const,
      ['  reads', rule.trial.reads] as const,
      ['  judged', rule.trial.says] as const,
    ]),
    ...change.dropped.map(({ name, phase }) => [`rule ${name}`, droppedAs(phase, rules)] as const),
    ['delay', `a rule may be armed ${delay} s after it is added`],
    [
      'escrow',
      `${etherOf(escrow.now)} now, ${etherOf(escrow.after)} after; nobody rings for less than ${etherOf(escrow.least)}`,
    ],
    ...costs.map(({ name, gas, fee, value }) => {
      const paid = value === 0n ? '' : `, and ${etherOf(value)} into the escrow`;
      const price =
        gas === null || fee === null
          ? 'gas is known once those before it are mined'
          : `${gas} gas, ${etherOf(fee - (fee % GWEI))}`;
      return [`send ${name}`, `${price}${paid}`] as const;
    }),
    ...(costs.length === 0 ? [['send', 'nothing'] as const] : []),
    ['from', account],
  ];
}

/** A rule that is added trips only after the delay: until then nothing stands in for one that is dropped. */
function droppedAs(phase: string, rules: readonly TriedRule[]): string {
  const isReplaced = phase === 'armed' && rules.some(({ state }) => state === null);
  const advice = ', and trips no more; keep it under another name until the new one is armed';
  return `dropped: it is ${phase === 'armed' ? 'armed' : 'in shadow'}${isReplaced ? advice : ''}`;
}
