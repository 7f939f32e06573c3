import { type Hex, keccak256, stringToHex } from 'viem';
import { z } from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { claimedBlocks } from './claims.ts';
import { classCap, longestLife } from './quorum.ts';
import type { Class, Rule } from './types.ts';

/**
 * Bounds of a rule, as the registry checks them. Reach is hold plus lookback, in blocks; paths are what a proof of all
 * values consists of: one to each account and one to each slot, at each block.
 */
export const RULE_BOUNDS = {
  rules: 16,
  slots: 16,
  paths: 28,
  detectorBytes: 64,
  familyBytes: 32,
  paramsBytes: 1024,
  minLife: 300,
  reach: 96,
  samples: 32,
  sentinels: 4,
  bytecodeBytes: 8_192,
  parameters: 32,
  minGas: 20_000,
  maxGas: 200_000,
  coverageGas: 1_000_000,
} as const;

/** So many bytes as lower-case hex. */
export const hex = (bytes: number, name: string) =>
  z
    .string(`must be ${name} in quotes`)
    .regex(
      new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`),
      `must be ${name}: 0x and ${2 * bytes} lower-case hex digits`,
    )
    .transform((text) => text as Hex);

/** Text of printable ASCII, or of the letters named. */
export const ascii = (
  max: number,
  letters = /^[\x21-\x7e]*$/,
  problem = 'must be printable ASCII without spaces',
) =>
  z
    .string('must be text')
    .min(1, 'must not be empty')
    .max(max, `must be at most ${max} characters`)
    .regex(letters, problem);

const NOWHERE: Hex = `0x${'00'.repeat(20)}`;

const PARAMETER_NAME = /^[a-z][A-Za-z0-9]{0,31}$/;

const bytes = (max: number) =>
  z
    .string('must be hex in quotes')
    .regex(/^0x(?:[0-9a-f]{2})*$/, 'must be 0x and an even number of lower-case hex digits')
    .max(2 + 2 * max, `must be at most ${max} bytes`)
    .transform((text) => text as Hex);

const whole = (min: number, max: number) =>
  z
    .int('must be a whole number')
    .min(min, `must be ${min} or more`)
    .max(max, `must be ${max} or less`);

const reference = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('lookback'), blocks: whole(1, RULE_BOUNDS.reach) }),
    z.strictObject({ kind: z.literal('anchor') }),
  ],
  'must be {"kind":"none"}, {"kind":"lookback","blocks":n} or {"kind":"anchor"}',
);

const common = {
  name: ascii(32),
  family: ascii(RULE_BOUNDS.familyBytes),
  rung: whole(1, 3),
  life: whole(RULE_BOUNDS.minLife, longestLife(1)),
  detector: ascii(RULE_BOUNDS.detectorBytes).regex(
    /^[a-z0-9-]+@\d+\.\d+\.\d+$/,
    'must be a name and a version, such as share-price-fall@1.0.0',
  ),
};

const gas = whole(RULE_BOUNDS.minGas, RULE_BOUNDS.maxGas);
const codeHash = hex(32, 'a hash');
const address = hex(20, 'an address').refine((text) => text !== NOWHERE, 'must not be zero');

const predicate = z.strictObject({
  ...common,
  kind: z.literal('predicate'),
  code: address,
  codeHash,
  gas,
  reference,
  hold: whole(0, RULE_BOUNDS.reach),
  slots: z
    .array(
      z.strictObject({ account: hex(20, 'an address'), slot: hex(32, 'a slot') }),
      'must be a list',
    )
    .min(1, 'must name at least one slot')
    .max(RULE_BOUNDS.slots, `must be at most ${RULE_BOUNDS.slots} slots`),
  params: bytes(RULE_BOUNDS.paramsBytes),
});

const sentinel = z.strictObject({
  ...common,
  kind: z.literal('sentinel'),
  code: address.optional(),
  bytecode: bytes(RULE_BOUNDS.bytecodeBytes).optional(),
  codeHash,
  gas,
  samples: whole(1, RULE_BOUNDS.samples),
});

const detector = z.strictObject({
  ...common,
  kind: z.literal('detector'),
  class: z.enum(['B', 'C'], 'must be "B" or "C"'),
  startBlock: whole(0, Number.MAX_SAFE_INTEGER),
  lookback: whole(0, RULE_BOUNDS.reach),
  parameters: z
    .record(
      z.string(),
      z.union(
        [
          ascii(256, /^[\x20-\x7e]*$/, 'must be printable ASCII'),
          whole(0, Number.MAX_SAFE_INTEGER),
          z.boolean(),
        ],
        'must be text, a whole number from 0 on, or true or false',
      ),
      'must be a mapping',
    )
    .refine(
      (parameters) => Object.keys(parameters).every((name) => PARAMETER_NAME.test(name)),
      'must have names of at most 32 letters and digits, the first one small',
    )
    .refine(
      (parameters) => Object.keys(parameters).length <= RULE_BOUNDS.parameters,
      `must be at most ${RULE_BOUNDS.parameters} parameters`,
    )
    .meta({
      propertyNames: { pattern: PARAMETER_NAME.source },
      maxProperties: RULE_BOUNDS.parameters,
    }),
});

const union = z.discriminatedUnion('kind', [predicate, sentinel, detector], {
  error: ({ code }: Readonly<{ code: string }>) =>
    code === 'invalid_union'
      ? 'must be "predicate", "sentinel" or "detector"'
      : 'must be a mapping',
});

/** One rule of a manifest: what runs is a pure contract over slots, a Solidity sentinel, or a detector of the node. */
export const namedRule = z
  .lazy(() => union)
  .superRefine((value, context) => {
    for (const [field, message] of problemsOf(value))
      context.addIssue({ code: 'custom', path: [field], message });
  });

/** A rule as a manifest names it. */
export type NamedRule = z.infer<typeof union>;

/** What runs: a pure predicate over slots, a Solidity sentinel, or a detector of the node. */
export type RuleKind = NamedRule['kind'];

/** The rule that the registry knows, and whose hash is its id. */
export function ruleOf(named: NamedRule): Rule {
  const { family, rung, life, detector } = named;
  const common = { class: classOf(named), rung, life, family, detector };
  switch (named.kind) {
    case 'predicate': {
      const { code, codeHash, gas, reference, hold, slots, params } = named;
      return { ...common, code, codeHash, gas, reference, hold, startBlock: 0n, slots, params };
    }
    case 'sentinel': {
      const { code = NOWHERE, codeHash, gas, samples } = named;
      const reference = lookback(samples - 1);
      return {
        ...common,
        ...NO_SLOTS,
        code,
        codeHash,
        gas,
        reference,
        startBlock: 0n,
        params: '0x',
      };
    }
    case 'detector':
      return {
        ...common,
        ...NO_SLOTS,
        ...NO_CODE,
        reference: lookback(named.lookback),
        startBlock: BigInt(named.startBlock),
        params: paramsOf(named.parameters),
      };
  }
}

const NO_CODE = { code: NOWHERE, codeHash: `0x${'00'.repeat(32)}`, gas: 0 } as const;
const NO_SLOTS = { hold: 0, slots: [] } as const;

const classOf = (named: NamedRule): Class =>
  named.kind === 'detector' ? named.class : named.kind === 'sentinel' ? 'B' : 'A';

const lookback = (blocks: number): Rule['reference'] =>
  blocks === 0 ? { kind: 'none' } : { kind: 'lookback', blocks };

const paramsOf = (parameters: unknown): Hex => stringToHex(canonicalJson(parameters));

type Problem = readonly [wrong: boolean, field: string, fix: string];

/** A problem that no field shows alone: the path it is reported at, and the fix. */
const problemsOf = (rule: NamedRule): readonly (readonly [string, string])[] => {
  const ofClass = classOf(rule);
  const cap = classCap(ofClass);
  const longest = longestLife(rule.rung);
  const rows: readonly Problem[] = [
    [rule.rung > cap, 'rung', `must be ${cap} or less for class ${ofClass}`],
    [rule.life > longest, 'life', `must be ${longest} or less for rung ${rule.rung}`],
    ...problemsOfKind(rule),
  ];
  return rows.filter(([wrong]) => wrong).map(([, field, fix]) => [field, fix] as const);
};

const problemsOfKind = (rule: NamedRule): readonly Problem[] => {
  switch (rule.kind) {
    case 'predicate': {
      const back = rule.reference.kind === 'lookback' ? rule.reference.blocks : 0;
      const room = RULE_BOUNDS.reach - back;
      const blocks = claimedBlocks(rule, BigInt(RULE_BOUNDS.reach)).length;
      const accounts = new Set(rule.slots.map(({ account }) => account)).size;
      const most = Math.floor(RULE_BOUNDS.paths / blocks);
      return [
        [rule.hold > room, 'hold', `must be ${room} or less with a lookback of ${back}`],
        [
          accounts + rule.slots.length > most,
          'slots',
          `must be ${most} accounts and slots or less together, not ${accounts} and ${rule.slots.length}; blocks looked at: ${blocks}`,
        ],
      ];
    }
    case 'sentinel': {
      const { code, bytecode } = rule;
      const isOther = bytecode !== undefined && keccak256(bytecode) !== rule.codeHash;
      return [
        [
          code === undefined && bytecode === undefined,
          'code',
          'must be an address, or name bytecode',
        ],
        [code !== undefined && bytecode !== undefined, 'bytecode', 'must be left out beside code'],
        [isOther, 'codeHash', 'must be the hash of bytecode'],
      ];
    }
    case 'detector': {
      const length = (paramsOf(rule.parameters).length - 2) / 2;
      const most = RULE_BOUNDS.paramsBytes;
      return [[length > most, 'parameters', `must take ${most} bytes or less, not ${length}`]];
    }
  }
};
