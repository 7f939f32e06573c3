import type { Hex } from 'viem';
import { canonicalManifest, type Manifest } from '../../protocol/manifest.ts';
import { type NamedRule, ruleOf } from '../../protocol/named-rule.ts';
import type { Rule } from '../../protocol/types.ts';
import { ruleId } from '../../protocol/verdict.ts';
import type { Standing, StandingRule } from './cover-standing.ts';

/** A rule that a manifest asks for; `state` is null until the chain has it. */
export type PlannedRule = Readonly<{
  ruleId: Hex;
  named: NamedRule;
  rule: Rule;
  state: StandingRule | null;
}>;

/** What a manifest changes. `replaces` is the coverage of a former guardian, which covering retires. */
export type Change = Readonly<{
  kind: 'cover' | 'amend' | 'none';
  rules: readonly PlannedRule[];
  dropped: readonly StandingRule[];
  replaces: Hex | null;
}>;

/** What it takes to make the chain say what a manifest says. `guardian` is who may cover its target. */
export function changeOf(manifest: Manifest, found: Standing | null, guardian: Hex): Change {
  const isLive = found !== null && !found.retired;
  const own = isLive && same(found.owner, guardian) ? found : null;
  const rules = manifest.rules.map((named): PlannedRule => {
    const rule = ruleOf(named);
    const id = ruleId(rule);
    const state = own?.rules.find((other) => other.ruleId === id) ?? null;
    return { ruleId: id, named, rule, state };
  });
  const dropped = own?.rules.filter((old) => rules.every((rule) => rule.ruleId !== old.ruleId));
  return {
    kind: own === null ? 'cover' : saysTheSame(own, manifest) ? 'none' : 'amend',
    rules,
    dropped: dropped ?? [],
    replaces: isLive && own === null ? found.coverageId : null,
  };
}

const saysTheSame = ({ manifest }: Standing, asked: Manifest) =>
  manifest !== null && canonicalManifest(manifest) === canonicalManifest(asked);

const same = (a: Hex, b: Hex) => a.toLowerCase() === b.toLowerCase();
