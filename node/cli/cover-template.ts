import type { Hex } from 'viem';
import type { RuleKind } from '../../protocol/named-rule.ts';
import { manifestFields, type RuleField, ruleFields } from './cover-fields.ts';

/** What stands in a manifest until a person writes the real one; `cover plan` refuses it by name. */
const [NO_ADDRESS, NO_HASH] = [`0x${'00'.repeat(20)}`, `0x${'00'.repeat(32)}`] as const;

/** A row of a rule: a field and its value as YAML. */
export type Row = readonly [RuleField, string];

/** The rows of a rule that a person starts from. */
export const ruleRows: Readonly<Record<Exclude<RuleKind, 'detector'>, readonly Row[]>> = {
  predicate: [
    ['kind', 'predicate'],
    ['name', 'share-price'],
    ['family', 'share-price'],
    ['rung', '3'],
    ['life', '3600'],
    ['detector', 'share-price-fall@1.0.0'],
    ['code', `"${NO_ADDRESS}"`],
    ['codeHash', `"${NO_HASH}"`],
    ['gas', '100000'],
    ['reference', '{ kind: lookback, blocks: 1 }'],
    ['hold', '0'],
    ['slots', `\n      - { account: "${NO_ADDRESS}", slot: "${NO_HASH}" }`],
    ['params', '"0x"'],
  ],
  sentinel: [
    ['kind', 'sentinel'],
    ['name', 'reserves'],
    ['family', 'reserves'],
    ['rung', '2'],
    ['life', '3600'],
    ['detector', 'reserves@1.0.0'],
    ['code', `"${NO_ADDRESS}"`],
    ['codeHash', `"${NO_HASH}"`],
    ['gas', '100000'],
    ['samples', '2'],
  ],
};

/** The text of a new manifest. `notes` are comments above the rule. */
export const manifestText = (
  target: Hex | null,
  rows: readonly Row[],
  notes: readonly string[] = [],
): string =>
  [
    '# yaml-language-server: $schema=./manifest.schema.json',
    '# What the watchers of Tocsin look at for you, and what they may stop. tocsin cover plan says what it would do',
    '# and sends nothing; tocsin cover apply does it.',
    ...field('version', '1', manifestFields.version),
    ...field('name', 'My protocol', manifestFields.name),
    ...field('target', `"${target ?? NO_ADDRESS}"`, manifestFields.target),
    ...field('rules', '', manifestFields.rules),
    ...notes.map((note) => `  # ${note}`),
    ...rows.flatMap(([name, value], index) =>
      field(name, value, ruleFields[name]).map(
        // The comment goes above the dash, which belongs to the rule's first field.
        (line, row) => `${index === 0 && row === 1 ? '  - ' : index === 0 ? '  ' : '    '}${line}`,
      ),
    ),
    '',
  ].join('\n');

const field = (name: string, value: string, help: string): readonly string[] => [
  `# ${help}`,
  `${name}:${value === '' || value.startsWith('\n') ? value : ` ${value}`}`,
];
