import canonicalize from 'canonicalize';
import type { Hex } from 'viem';
import { z } from 'zod';
import { type Decoded, accepted, refused } from './decoded.ts';
import { classCap, longestLife } from './quorum.ts';
import type { Rule } from './types.ts';

/** Bounds of a rule, as the registry checks them. Reach is hold plus lookback, in blocks. */
export const RULE_BOUNDS = {
  rules: 16,
  slots: 16,
  detectorBytes: 64,
  familyBytes: 32,
  paramsBytes: 1024,
  minLife: 300,
  reach: 96,
  minGas: 20_000,
  maxGas: 200_000,
  coverageGas: 1_000_000,
} as const;

/** Most bytes of a manifest that the registry puts into its event. */
export const MAX_MANIFEST_BYTES = 24_576;

// Its types promise a default export that the module, being CommonJS, is itself.
const serialize = canonicalize as unknown as typeof canonicalize.default;

const hex = (bytes: number, name: string) =>
  z
    .string(`must be ${name} in quotes`)
    .regex(
      new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`),
      `must be ${name}: 0x and ${2 * bytes} lower-case hex digits`,
    )
    .transform((text) => text as Hex);

const params = z
  .string('must be hex in quotes')
  .regex(/^0x(?:[0-9a-f]{2})*$/, 'must be 0x and an even number of lower-case hex digits')
  .refine(
    (text) => text.length - 2 <= 2 * RULE_BOUNDS.paramsBytes,
    `must be at most ${RULE_BOUNDS.paramsBytes} bytes`,
  )
  .transform((text) => text as Hex);

const whole = (min: number, max: number) =>
  z
    .int('must be a whole number')
    .min(min, `must be ${min} or more`)
    .max(max, `must be ${max} or less`);

const ascii = (
  max: number,
  letters = /^[\x21-\x7e]*$/,
  problem = 'must be printable ASCII without spaces',
) =>
  z
    .string('must be text')
    .min(1, 'must not be empty')
    .max(max, `must be at most ${max} characters`)
    .regex(letters, problem);

const reference = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('lookback'), blocks: whole(1, RULE_BOUNDS.reach) }),
    z.strictObject({ kind: z.literal('anchor') }),
  ],
  'must be {"kind":"none"}, {"kind":"lookback","blocks":n} or {"kind":"anchor"}',
);

const shape = z.strictObject({
  name: ascii(32),
  class: z.enum(['A', 'B', 'C'], 'must be "A", "B" or "C"'),
  family: ascii(RULE_BOUNDS.familyBytes),
  rung: whole(1, 3),
  life: whole(RULE_BOUNDS.minLife, longestLife(1)),
  detector: ascii(RULE_BOUNDS.detectorBytes).regex(
    /^[a-z0-9-]+@\d+\.\d+\.\d+$/,
    'must be a name and a version, such as share-price-fall@1.0.0',
  ),
  code: hex(20, 'an address'),
  codeHash: hex(32, 'a hash'),
  gas: whole(0, RULE_BOUNDS.maxGas),
  reference,
  hold: whole(0, RULE_BOUNDS.reach),
  startBlock: whole(0, Number.MAX_SAFE_INTEGER),
  slots: z
    .array(
      z.strictObject({ account: hex(20, 'an address'), slot: hex(32, 'a slot') }),
      'must be a list',
    )
    .max(RULE_BOUNDS.slots, `must be at most ${RULE_BOUNDS.slots} slots`),
  params,
});

type RuleShape = z.infer<typeof shape>;

/** A problem that no field shows alone: the path it is reported at, and the fix. */
const problemsOf = (rule: RuleShape): readonly (readonly [keyof RuleShape, string])[] => {
  const cap = classCap(rule.class);
  const longest = longestLife(rule.rung);
  const lookback = rule.reference.kind === 'lookback' ? rule.reference.blocks : 0;
  const isA = rule.class === 'A';
  const hasCode = !/^0x0*$/.test(rule.code);
  const rows: readonly (readonly [boolean, keyof RuleShape, string])[] = [
    [rule.rung > cap, 'rung', `must be ${cap} or less for class ${rule.class}`],
    [rule.life > longest, 'life', `must be ${longest} or less for rung ${rule.rung}`],
    [
      rule.hold + lookback > RULE_BOUNDS.reach,
      'hold',
      `must be ${RULE_BOUNDS.reach - lookback} or less with a lookback of ${lookback}`,
    ],
    [isA && rule.slots.length === 0, 'slots', 'must name at least one slot for class A'],
    [isA && rule.startBlock !== 0, 'startBlock', 'must be 0 for class A'],
    [isA && !hasCode, 'code', 'must be the predicate of class A'],
    [!hasCode && !/^0x0*$/.test(rule.codeHash), 'codeHash', 'must be zero where code is zero'],
    [
      hasCode && rule.gas < RULE_BOUNDS.minGas,
      'gas',
      `must be ${RULE_BOUNDS.minGas} or more where there is code`,
    ],
    [!hasCode && rule.gas !== 0, 'gas', 'must be 0 where code is zero'],
  ];
  return rows.filter(([wrong]) => wrong).map(([, field, fix]) => [field, fix] as const);
};

const rule = shape.superRefine((value, context) => {
  for (const [field, message] of problemsOf(value))
    context.addIssue({ code: 'custom', path: [field], message });
});

/** What a coverage's manifest may be: every bound equals one the registry checks. */
export const manifestSchema = z
  .strictObject({
    version: z.literal(1, 'must be 1'),
    name: ascii(64, /^[\x20-\x7e]*$/, 'must be printable ASCII'),
    target: hex(20, 'an address'),
    rules: z
      .array(rule, 'must be a list')
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
        const gas = rules.reduce((sum, { gas, hold }) => sum + (hold === 0 ? gas : 2 * gas), 0);
        if (gas > RULE_BOUNDS.coverageGas)
          context.addIssue({
            code: 'custom',
            message: `must take ${RULE_BOUNDS.coverageGas} gas or less in all, not ${gas}; a rule with hold counts twice`,
          });
      }),
  })
  .superRefine((manifest, context) => {
    const { length } = serialize(manifest) ?? '';
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
export const canonicalManifest = (manifest: Manifest): string => serialize(manifest) ?? '';

/** The rules a manifest names, in its order. */
export const rulesOf = (manifest: Manifest): readonly Rule[] =>
  manifest.rules.map((named) => ({
    class: named.class,
    rung: named.rung,
    life: named.life,
    family: named.family,
    detector: named.detector,
    code: named.code,
    codeHash: named.codeHash,
    gas: named.gas,
    reference: named.reference,
    hold: named.hold,
    startBlock: BigInt(named.startBlock),
    slots: named.slots,
    params: named.params,
  }));

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
