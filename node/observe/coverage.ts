import { type Hex, hexToBytes } from 'viem';
import { type Decoded, accepted, refused } from '../../protocol/decoded.ts';
import { type ManifestRefusal, parseManifest } from '../../protocol/manifest.ts';
import { type NamedRule, ruleOf } from '../../protocol/named-rule.ts';
import { ruleId } from '../../protocol/verdict.ts';
import type { CoveredRule } from '../lib/pipeline.ts';

/** A coverage's rules as its manifest names them. */
export type CoveredRules = Readonly<{
  coverageId: Hex;
  target: Hex;
  rules: readonly IdentifiedRule[];
}>;

/** A rule under its id; `bytecode` is that of a sentinel that is not deployed. */
export type IdentifiedRule = Pick<CoveredRule, 'ruleId' | 'name' | 'kind' | 'rule' | 'bytecode'>;

/** Why a coverage is ignored: what its event says and what its manifest says are two things. */
export type CoverageRefusal = ManifestRefusal | 'TARGET_DIFFERS' | 'RULES_DIFFER';

/** The rules of a Covered event, once the manifest is shown to name exactly the rules the registry took. */
export function rulesOfCoverage(event: {
  coverageId: Hex;
  target: Hex;
  ruleIds: readonly Hex[];
  manifest: Hex;
}): Decoded<CoveredRules, CoverageRefusal> {
  const parsed = parseManifest(hexToBytes(event.manifest));
  if (!parsed.ok) return parsed;
  const manifest = parsed.value;
  if (manifest.target !== event.target.toLowerCase()) return refused('TARGET_DIFFERS');
  const rules = manifest.rules.map(identified);
  const same =
    rules.length === event.ruleIds.length &&
    rules.every((rule, index) => rule.ruleId === event.ruleIds[index]);
  return same
    ? accepted({ coverageId: event.coverageId, target: manifest.target, rules })
    : refused('RULES_DIFFER');
}

function identified(named: NamedRule): IdentifiedRule {
  const rule = ruleOf(named);
  const { name, kind } = named;
  const bytecode = named.kind === 'sentinel' ? (named.bytecode ?? null) : null;
  return { ruleId: ruleId(rule), name, kind, rule, bytecode };
}
