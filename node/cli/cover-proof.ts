import type { Hex } from 'viem';
import { Fault } from '../../protocol/fault.ts';
import { type NamedRule, ruleOf } from '../../protocol/named-rule.ts';
import { createPredicates } from '../detect/predicates.ts';
import { reasonOf } from '../lib/chain.ts';
import type { Evaluation } from '../lib/pipeline.ts';
import { refuse } from '../lib/refusal.ts';
import type { Ask } from '../lib/rpc.ts';
import { type RuleProof, ruleProof } from '../observe/rule-proof.ts';
import { deployedCode, refuseRule } from './cover-code.ts';
import { blockOf, shadowOf } from './cover-fact.ts';
import type { Head } from './cover-standing.ts';
import type { Network } from './options.ts';

/** A rule of class A as a manifest has it. */
export type Predicate = Extract<NamedRule, { kind: 'predicate' }>;

/** Where a rule is to be proven; `anchor` is null of one without. */
type Place = Readonly<{ height: bigint; anchor: Hex | null }>;

/** The proof that a rule fires at a block, as the prover takes it; refuses where it does not, and says by which values. */
export async function proveFiring(
  network: Network,
  head: Head,
  named: Predicate,
  place: Place,
): Promise<Hex> {
  const rule = ruleOf(named);
  const code = await deployedCode(network, head, 'predicate', named);
  const { evaluations, proof } = await proofAt(network, named, place);
  const predicates = createPredicates({ codeOf: () => Promise.resolve(code) });
  const outcome = await predicates.detect({
    block: blockOf(network, head),
    epoch: 0n,
    covered: shadowOf(named, rule, null),
    evaluations,
  });
  if (outcome !== null && 'values' in outcome) return proof;
  const found =
    outcome === null ? 'is clear' : 'reverts or takes too much gas, which is not firing,';
  throw refuse('ARGUMENT_INVALID', {
    field: `rule ${named.name}`,
    problem: `${found} at block ${place.height}: ${evaluations.map(shown).join(' and ')}`,
    fix: 'name a block at which it fires by --height',
  });
}

/** By the first provider that answers: a proof needs no second witness. */
async function proofAt(
  { client }: Network,
  named: Predicate,
  { height, anchor }: Place,
): Promise<RuleProof> {
  const reach = BigInt(
    named.hold + (named.reference.kind === 'lookback' ? named.reference.blocks : 0),
  );
  if (height < reach)
    throw refuseRule(named.name, 'reference', `looks ${reach} blocks back`, 'wait for them');
  const ask: Ask = async (method, params, parse) =>
    parse(await client.request({ method, params } as never));
  try {
    return await ruleProof(ask, ruleOf(named), height, anchor);
  } catch (error) {
    const why = error instanceof Fault ? error.code : reasonOf(error);
    throw refuse(
      'PROOF_MISSING',
      {
        field: '--rpc',
        problem: `no provider proves what ${named.name} reads at block ${height} (${why})`,
        fix:
          named.reference.kind === 'anchor'
            ? 'name an archive provider with eth_getProof: the rule looks at the block it was armed by'
            : 'name a provider with eth_getProof for the last 128 blocks',
      },
      error,
    );
  }
}

/** The values as the predicate is shown them. */
const shown = ({ at, before }: Evaluation): string =>
  before.length === 0 ? numbers(at) : `${numbers(at)} against ${numbers(before)}`;

const numbers = (values: readonly Hex[]): string =>
  values.map((value) => `0x${BigInt(value).toString(16)}`).join(', ');
