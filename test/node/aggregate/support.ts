import { type AggregatorDeps, createAggregator } from '../../../node/aggregate/aggregator.ts';
import { createKeyring } from '../../../node/lib/keyring.ts';
import type { QuorumReached } from '../../../node/lib/pipeline.ts';
import { loadFast } from '../../../protocol/bls-fast.ts';
import type { Committee, Rule } from '../../../protocol/types.ts';
import {
  attestationOf,
  committeeOf,
  covered,
  domain,
  rule,
  secretsOf,
  verdictAt,
} from '../gossip/support/committee.ts';

export const fast = await loadFast();
const keyring = createKeyring(fast);
/** Of seven seats that weigh 100 in all. */
export const secrets = secretsOf(7);
export const committee = committeeOf(secrets, [16n, 16n, 15n, 14n, 14n, 13n, 12n]);
export const verdict = verdictAt(100n);
/** What each seat says of the verdict. */
export const said = secrets.map((_, seat) => attestationOf(secrets, seat, verdict));

/** An aggregator of that committee, and the seats it refused. */
export const build = (
  changes: Partial<Pick<AggregatorDeps, 'keyring'>> & {
    committee?: Committee;
    struck?: readonly number[];
    rule?: Rule;
  } = {},
) => {
  const refused: number[] = [];
  const roster = changes.committee ?? committee;
  const aggregator = createAggregator({
    domain,
    keyring: changes.keyring ?? keyring,
    committeeOf: (epoch) => (epoch === roster.epoch ? roster : null),
    isStruck: (_, seat) => changes.struck?.includes(seat) ?? false,
    ruleOf: () => ({ ...covered, rule: changes.rule ?? rule }),
    onRefused: (_, seat) => refused.push(seat),
  });
  const addAll = (seats: readonly number[]): readonly (QuorumReached | null)[] =>
    seats.map((seat) => aggregator.add(said[seat]!));
  return { ...aggregator, addAll, refused };
};
/** The quorums among the answers. */
export const reached = (results: readonly (QuorumReached | null)[]) =>
  results.filter((result) => result !== null);
