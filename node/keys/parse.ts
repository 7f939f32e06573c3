import type { z } from 'zod';
import { refuse } from '../lib/refusal.ts';
import { firstIssue } from '../lib/schema.ts';
import { parseJson } from '../lib/yaml.ts';

/** Parses a keystore's JSON and names the first field that is wrong. */
export function parseKeystore<T>(
  schema: z.ZodType<T>,
  text: string,
  field: string,
  what: string,
): T {
  const found = parseJson(text, field, 'KEYSTORE_INVALID', `name ${what}`);
  const parsed = schema.safeParse(found);
  if (parsed.success) return parsed.data;
  const issue = firstIssue(parsed.error, found, []);
  throw refuse('KEYSTORE_INVALID', {
    field: `${field}: ${issue.field}`,
    problem: issue.problem,
    fix: `name ${what}`,
  });
}
