import type { z } from 'zod';
import { refuse } from '../lib/refusal.ts';
import { firstIssue } from '../lib/schema.ts';

/** Parses a keystore's JSON and names the first field that is wrong. */
export function parseKeystore<T>(
  schema: z.ZodType<T>,
  text: string,
  field: string,
  what: string,
): T {
  const parsed = schema.safeParse(fromJson(text, field, what));
  if (parsed.success) return parsed.data;
  const issue = firstIssue(parsed.error, []);
  throw refuse('KEYSTORE_INVALID', {
    field: `${field}: ${issue.field}`,
    problem: issue.problem,
    fix: `name ${what}`,
  });
}

function fromJson(text: string, field: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw refuse('KEYSTORE_INVALID', { field, problem: 'is not JSON', fix: `name ${what}` }, error);
  }
}
