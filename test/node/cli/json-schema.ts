/** A JSON Schema, as far as the keywords that zod writes. */
export type JsonSchema = Readonly<{
  type?: string;
  const?: unknown;
  enum?: readonly unknown[];
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  additionalProperties?: boolean | JsonSchema;
  propertyNames?: JsonSchema;
  items?: JsonSchema;
  oneOf?: readonly JsonSchema[];
  anyOf?: readonly JsonSchema[];
  allOf?: readonly JsonSchema[];
  if?: JsonSchema;
  then?: JsonSchema;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  maxProperties?: number;
  description?: string;
}>;

/** Whether a schema takes a value: each keyword as the standard has it, an absent one taking everything. */
export function accepts(schema: JsonSchema, value: unknown): boolean {
  const { oneOf, anyOf, allOf = [], type } = schema;
  const takes = (one: JsonSchema) => accepts(one, value);
  return (
    (type === undefined || isOf(type, value)) &&
    (!('const' in schema) || schema.const === value) &&
    (schema.enum === undefined || schema.enum.includes(value)) &&
    (oneOf === undefined || oneOf.filter(takes).length === 1) &&
    (anyOf === undefined || anyOf.some(takes)) &&
    allOf.every(takes) &&
    (schema.if === undefined || !takes(schema.if) || takes(schema.then ?? {})) &&
    withinBounds(schema, value)
  );
}

function withinBounds(schema: JsonSchema, value: unknown): boolean {
  const between = (size: number, least = -Infinity, most = Infinity) =>
    size >= least && size <= most;
  if (typeof value === 'number') return between(value, schema.minimum, schema.maximum);
  if (typeof value === 'string')
    return (
      between(value.length, schema.minLength, schema.maxLength) &&
      new RegExp(schema.pattern ?? '').test(value)
    );
  if (Array.isArray(value))
    return (
      between(value.length, schema.minItems, schema.maxItems) &&
      value.every((item) => accepts(schema.items ?? {}, item))
    );
  return typeof value !== 'object' || value === null || fieldsFit(schema, value);
}

function fieldsFit(schema: JsonSchema, value: object): boolean {
  const { properties = {}, required = [], additionalProperties = {}, propertyNames = {} } = schema;
  const others = typeof additionalProperties === 'boolean' ? {} : additionalProperties;
  return (
    required.every((name) => name in value) &&
    Object.keys(value).length <= (schema.maxProperties ?? Infinity) &&
    Object.entries(value).every(([name, field]) => {
      const known = properties[name];
      if (!accepts(propertyNames, name)) return false;
      if (known === undefined && additionalProperties === false) return false;
      return accepts(known ?? others, field);
    })
  );
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'object')
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
