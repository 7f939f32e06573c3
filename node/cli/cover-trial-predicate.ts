import type { Hex } from 'viem';
import type { NamedRule } from '../../protocol/named-rule.ts';
import type { Rule } from '../../protocol/types.ts';
import { reachOf } from '../../protocol/verdict.ts';
import { createPredicates } from '../detect/predicates.ts';
import type { Evaluation } from '../lib/pipeline.ts';
import { deployedCode, refuseRule } from './cover-code.ts';
import { blockOf, shadowOf } from './cover-fact.ts';
import type { Head } from './cover-standing.ts';
import type { Trial } from './cover-trial.ts';
import type { Network } from './options.ts';

type Predicate = Extract<NamedRule, { kind: 'predicate' }>;

/** Evaluates a predicate over the slots of the newest block, in the EVM that watchers use. */
export async function tryPredicate(
  network: Network,
  head: Head,
  named: Predicate,
  rule: Rule,
): Promise<Trial> {
  const code = await deployedCode(network, head, 'predicate', named);
  const reads = readsOf(named);
  const reach = BigInt(named.reference.kind === 'anchor' ? 1 + named.hold : reachOf(rule));
  if (head.number < reach)
    return { reads, says: `not judged: the chain is younger than ${reach} blocks`, fires: null };
  const evaluations = await Promise.all(
    (named.hold > 0 ? [0, named.hold] : [0]).map((back) =>
      evaluationAt(network, head, named, back),
    ),
  );
  const predicates = createPredicates({ codeOf: () => Promise.resolve(code) });
  const outcome = await predicates.detect({
    block: blockOf(network, head),
    epoch: 0n,
    covered: shadowOf(named, rule, null),
    evaluations,
  });
  if (outcome === null) return { reads, says: `clear at block ${head.number}`, fires: false };
  if ('code' in outcome)
    throw refuseRule(
      named.name,
      'code',
      `reverts, takes more than ${named.gas} gas or answers no (bool, uint256) at block ${head.number}`,
      'correct slots, params or gas, or the predicate',
    );
  return { reads, says: `FIRES at block ${head.number}, measure ${outcome.measure}`, fires: true };
}

function readsOf({ slots, reference, hold }: Predicate): string {
  const accounts = [...new Set(slots.map(({ account }) => account))];
  const what = `${slots.length === 1 ? '1 slot' : `${slots.length} slots`} of ${accounts.join(', ')}`;
  const before = {
    none: '',
    lookback: ` and ${reference.kind === 'lookback' ? reference.blocks : 0} earlier`,
    anchor: ' and at the block named when it is armed',
  }[reference.kind];
  return `${what} at each block${before}${hold === 0 ? '' : `, and the same ${hold} blocks back`}`;
}

/** An anchored rule is judged against the block that arming it now would name. */
async function evaluationAt(
  network: Network,
  head: Head,
  { slots, reference }: Predicate,
  back: number,
): Promise<Evaluation> {
  const valuesAt = (height: bigint) =>
    Promise.all(
      slots.map(async ({ account, slot }): Promise<Hex> => {
        const asked = { address: account, slot, blockNumber: height } as const;
        return `0x${BigInt((await network.client.getStorageAt(asked)) ?? 0)
          .toString(16)
          .padStart(64, '0')}`;
      }),
    );
  const height = head.number - BigInt(back);
  const before = {
    none: () => Promise.resolve([]),
    lookback: () => valuesAt(height - BigInt(reference.kind === 'lookback' ? reference.blocks : 0)),
    anchor: () => valuesAt(head.number - 1n),
  }[reference.kind];
  return { at: await valuesAt(height), before: await before() };
}
