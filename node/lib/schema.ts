import type { z } from 'zod';

/** Where in a document the first problem is, and what it is. */
export type Issue = Readonly<{ field: string; problem: string; fix: string }>;

/** The first problem of a failed parse of `document`, as a person names it; `known` are the keys allowed at the top. */
export function firstIssue(
  error: z.ZodError,
  document: unknown,
  known: readonly string[],
  helpOf: (path: readonly PropertyKey[]) => string | undefined = () => undefined,
): Issue {
  const [issue] = error.issues;
  if (issue === undefined) return { field: 'document', problem: 'is not valid', fix: 'correct it' };
  const field = fieldName(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const near = issue.path.length === 0 ? nearest(key, known) : null;
    return {
      field: fieldName([...issue.path, key]),
      problem: 'is not a known key',
      fix: near === null ? 'remove it' : `did you mean ${near}?`,
    };
  }
  const isMissing = issue.code !== 'custom' && valueAt(document, issue.path) === undefined;
  const help = helpOf(issue.path);
  if (help === undefined) return { field, problem: problemOf(issue, isMissing), fix: 'correct it' };
  const fix = `${isMissing ? 'add' : 'correct'} it: ${help}`;
  return { field, problem: problemOf(issue, isMissing), fix };
}

/** `a.b[2].c` of a path. */
export function fieldName(path: readonly PropertyKey[]): string {
  const name = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
  return name === '' ? 'document' : name;
}

/** Whether a text is a URL that can be asked. */
export const isHttpUrl = (text: string): boolean => hasProtocol(text, ['http:', 'https:']);

/** Whether a text is a URL of a JSON-RPC provider. */
export const isRpcUrl = (text: string): boolean =>
  hasProtocol(text, ['http:', 'https:', 'ws:', 'wss:']);

const hasProtocol = (text: string, protocols: readonly string[]): boolean =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol);

/** The known name at most a third of its letters away, or null. */
export function nearest(name: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.ceil(name.length / 3)) + 1;
  for (const candidate of known) {
    const steps = distance(name.toLowerCase(), candidate.toLowerCase());
    if (steps < least) [best, least] = [candidate, steps];
  }
  return best;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

const valueAt = (document: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce((value, step) => (value as Record<PropertyKey, unknown> | null)?.[step], document);

/** Of types as people call them; every other message is the schema's own. */
function problemOf({ code, message }: z.core.$ZodIssue, isMissing: boolean): string {
  if (isMissing) return 'is missing';
  const types = /^Invalid input: expected (\w+), received (\w+)$/.exec(message);
  if (code !== 'invalid_type' || types === null) return lowerFirst(message);
  const [, expected = '', received = ''] = types;
  return `must be ${nouns[expected] ?? expected}, not ${nouns[received] ?? received}`;
}

const nouns: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  null: 'empty',
  number: 'a number',
  object: 'a mapping',
  string: 'text',
};

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
