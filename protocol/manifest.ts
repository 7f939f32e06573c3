import { z } from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { type Decoded, accepted, refused } from './decoded.ts';
import { ascii, hex, namedRule, RULE_BOUNDS, ruleOf } from './named-rule.ts';
import type { Rule } from './types.ts';

/** Most bytes of a manifest that the registry puts into its event. */
export const MAX_MANIFEST_BYTES = 24_576;

/** What a coverage's manifest may be: every bound equals one the registry checks. */
export const manifestSchema = z
  .strictObject({
    version: z.literal(1, 'must be 1'),
    name: ascii(64, /^[\x20-\x7e]*$/, 'must be printable ASCII'),
    target: hex(20, 'an address'),
    rules: z
      .array(namedRule, 'must be a list')
      .min(1, 'must name at least one rule')
      .max(RULE_BOUNDS.rules, `must be at most ${RULE_BOUNDS.rules} rules`)
      .superRefine((rules, context) => {
        for (const [index, { name }] of rules.entries())
          if (rules.findIndex((other) => other.name === name) !== index)
            context.addIssue({
              code: 'custom',
              path: [index, 'name'],
              message: 'must be used once',
            });
        const gas = rules.map(ruleOf).reduce((sum, rule) => sum + gasOf(rule), 0);
        if (gas > RULE_BOUNDS.coverageGas)
          context.addIssue({
            code: 'custom',
            message: `must take ${RULE_BOUNDS.coverageGas} gas or less in all, not ${gas}; a rule with hold counts twice`,
          });
      }),
  })
  .superRefine((manifest, context) => {
    const { length } = canonicalJson(manifest);
    if (length > MAX_MANIFEST_BYTES)
      context.addIssue({
        code: 'custom',
        path: ['rules'],
        message: `must take ${MAX_MANIFEST_BYTES} bytes or less, not ${length}; cover by fewer rules`,
      });
  });

/** What a protocol asks its watchers to look at. */
export type Manifest = z.infer<typeof manifestSchema>;

/** Why bytes of a Covered event are not a manifest. */
export type ManifestRefusal = 'OVERSIZE' | 'NOT_JSON' | 'INVALID' | 'NOT_CANONICAL';

/** A manifest as the chain has it: only canonical bytes count. */
export const parseManifest = (source: Uint8Array | string): Decoded<Manifest, ManifestRefusal> => {
  if (source.length > MAX_MANIFEST_BYTES) return refused('OVERSIZE');
  const parsed = parseJson(source);
  if (!parsed.ok) return parsed;
  const manifest = manifestSchema.safeParse(parsed.value.json);
  if (!manifest.success) return refused('INVALID');
  return canonicalManifest(manifest.data) === parsed.value.text
    ? accepted(manifest.data)
    : refused('NOT_CANONICAL');
};

/** RFC 8785 text of a manifest. */
export const canonicalManifest = (manifest: Manifest): string => canonicalJson(manifest);

/** The rules a manifest names, in its order. */
export const rulesOf = (manifest: Manifest): readonly Rule[] => manifest.rules.map(ruleOf);

/** Gas of judging a rule at one block. */
const gasOf = ({ gas, hold }: Rule) => (hold === 0 ? gas : 2 * gas);

const parseJson = (
  source: Uint8Array | string,
): Decoded<{ text: string; json: unknown }, 'NOT_JSON'> => {
  try {
    const text =
      typeof source === 'string'
        ? source
        : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(source);
    return accepted({ text, json: JSON.parse(text) as unknown });
  } catch {
    return refused('NOT_JSON');
  }
};
