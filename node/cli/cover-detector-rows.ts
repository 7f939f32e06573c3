import { z } from 'zod';
import type { ListedDetector } from '../detect/detectors.ts';
import { SCHEMA_FORM } from './cover-schema.ts';
import type { Row } from './cover-template.ts';

/** A parameter of a detector; `value` is what it starts as, in YAML, and null where it may be left out. */
export type ParameterField = Readonly<{ name: string; help: string; value: string | null }>;

/** What is written for a contract that only the author knows. */
const NO_ADDRESS = `0x${'00'.repeat(20)}`;

type Properties = Readonly<Record<string, { description?: string; default?: unknown }>>;

/** The parameters that a detector takes. */
export function parameterFields(parameters: z.ZodType): readonly ParameterField[] {
  const { properties = {}, required = [] } = z.toJSONSchema(parameters, SCHEMA_FORM);
  const valueOf = (name: string, written: unknown): string | null => {
    if (written !== undefined) return JSON.stringify(written);
    return required.includes(name) ? `"${NO_ADDRESS}"` : null;
  };
  return Object.entries(properties as Properties).map(([name, { description = '', ...field }]) => ({
    name,
    help: description,
    value: valueOf(name, field.default),
  }));
}

/** The rows of a rule that a person starts from, defaults written out. */
export function detectorRows(detector: ListedDetector): readonly Row[] {
  const { id, name, family, class: ofClass } = detector;
  const fields = parameterFields(detector.parameters);
  const given = fields.filter(({ value }) => value !== null);
  const bound = detector.bind(
    Object.fromEntries(given.map((field) => [field.name, JSON.parse(field.value ?? '')])),
  );
  const parameters = fields
    .map(
      ({ name: field, help, value }) =>
        `\n      # ${help}\n      ${value === null ? `# ${field}:` : `${field}: ${value}`}`,
    )
    .join('');
  return [
    ['kind', 'detector'],
    ['name', name],
    ['class', ofClass],
    ['family', family],
    ['rung', ofClass === 'B' ? '2' : '1'],
    ['life', '3600'],
    ['detector', id],
    ['startBlock', '0'],
    ['lookback', `${bound?.lookback ?? 0}`],
    ['parameters', parameters],
  ];
}

/** A line on each detector there is. */
export const detectorNotes = (detectors: readonly ListedDetector[]): readonly string[] => [
  'Detectors of this release, and their parameters:',
  ...detectors.map(
    ({ id, parameters }) =>
      `  ${id}: ${parameterFields(parameters)
        .map(({ name }) => name)
        .join(', ')}`,
  ),
];
