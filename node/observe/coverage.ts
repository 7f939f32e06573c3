import type { Hex } from 'viem';
import { hexToBytes } from 'viem';
import { type Decoded, accepted, refused } from '../../protocol/decoded.ts';
import { type ManifestRefusal, parseManifest, rulesOf } from '../../protocol/manifest.ts';
import type { Rule } from '../../protocol/types.ts';
import { ruleId } from '../../protocol/verdict.ts';

/** A coverage's rules as its manifest names them. */
export type CoveredRules = Readonly<{
  coverageId: Hex;
  target: Hex;
  rules: readonly Readonly<{ ruleId: Hex; name: string; rule: Rule }>[];
}>;

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
  const rules = rulesOf(manifest).map((rule, index) => ({
    ruleId: ruleId(rule),
    name: manifest.rules[index]!.name,
    rule,
  }));
  const same =
    rules.length === event.ruleIds.length &&
    rules.every((rule, index) => rule.ruleId === event.ruleIds[index]);
  return same
    ? accepted({ coverageId: event.coverageId, target: manifest.target, rules })
    : refused('RULES_DIFFER');
}
