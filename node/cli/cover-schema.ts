import { Command } from 'commander';
import { z } from 'zod';
import { manifestSchema } from '../../protocol/manifest.ts';
import { detectors, type ListedDetector } from '../detect/detectors.ts';
import { manifestFields, ruleFields } from './cover-fields.ts';

type Json = { [key: string]: Json | undefined } & {
  properties?: Record<string, Json>;
  oneOf?: Json[];
  items?: Json;
};

const TITLE = 'Tocsin manifest';

/** What is written, not what it is read as; a default that JSON has no form for is left out. */
export const SCHEMA_FORM = { io: 'input', target: 'draft-7', unrepresentable: 'any' } as const;

/** `tocsin cover schema`: what a manifest may be, for editors. */
export const coverSchemaCommand = () =>
  new Command('schema')
    .description('Print the JSON Schema of a manifest, detector parameters included.')
    .action(() => void process.stdout.write(`${manifestJsonSchema()}\n`));

/** The schema as text. Bounds that span fields are `cover plan`'s to check. */
export function manifestJsonSchema(): string {
  const schema = z.toJSONSchema(manifestSchema, SCHEMA_FORM) as Json;
  describe(schema, manifestFields);
  const rule = schema.properties?.['rules']?.items ?? {};
  for (const kind of rule.oneOf ?? []) describe(kind, ruleFields);
  const rules = { ...rule, allOf: detectors.map(parametersOf) };
  return JSON.stringify(
    {
      title: TITLE,
      ...schema,
      properties: {
        ...schema.properties,
        rules: { ...schema.properties?.['rules'], items: rules },
      },
    },
    null,
    2,
  );
}

/** Whether a text is a schema that this command wrote. */
export function isManifestSchema(text: string): boolean {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null && 'title' in found && found.title === TITLE;
  } catch {
    return false;
  }
}

/** A rule that names this detector takes its parameters. */
function parametersOf({ id, parameters }: ListedDetector): object {
  const { $schema: _, ...given } = z.toJSONSchema(parameters, SCHEMA_FORM);
  const named = { kind: { const: 'detector' }, detector: { const: id } };
  return {
    if: { properties: named, required: ['kind', 'detector'] },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema; nobody awaits it.
    then: { properties: { parameters: given } },
  };
}

function describe({ properties = {} }: Json, fields: Readonly<Record<string, string>>): void {
  for (const [name, field] of Object.entries(properties))
    Object.assign(field, { description: fields[name] });
}
