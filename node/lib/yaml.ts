import {
  type Document,
  isAlias,
  isScalar,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { type Refusal, type RefusalCode, refuse } from './refusal.ts';

/** Characters of a YAML document: ten times the longest manifest, and read in less than two seconds whatever they are. */
export const MAX_YAML = 262_144;

/** Parses YAML or JSON that says each thing once and means what it shows; `field` names the document. */
export function parseYaml(text: string, field: string, code: RefusalCode): unknown {
  checkSize(text, field, code);
  const document = parsed(text);
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw refuse(code, refusalOf(problem, field), problem);
  const found = ambiguityOf(document, text, field);
  if (found !== null) throw refuse(code, found);
  return document.toJS() as unknown;
}

/** Parses JSON that says nothing twice; `fix` is what to do about text that is no JSON. */
export function parseJson(text: string, field: string, code: RefusalCode, fix: string): unknown {
  checkSize(text, field, code);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refuse(code, { field, problem: 'is not JSON', fix }, error);
  }
  // JSON.parse lets the last of two equal keys win.
  const twice = ambiguityOf(parsed(text), text, field);
  if (twice !== null) throw refuse(code, twice);
  return value;
}

function checkSize({ length }: string, field: string, code: RefusalCode): void {
  if (length <= MAX_YAML) return;
  const problem = `has ${length} characters, more than ${MAX_YAML}`;
  throw refuse(code, { field, problem, fix: 'name the right file' });
}

const parsed = (text: string) =>
  parseDocument(text, {
    // The library compares each key with each other: 60,000 of them take it 80 seconds.
    uniqueKeys: false,
    resolveKnownTags: false,
    // Addresses and hashes stay the text they are written as, quoted or not.
    customTags: (tags) =>
      tags.filter(
        (tag) =>
          typeof tag === 'string' ||
          !('format' in tag && (tag.format === 'HEX' || tag.format === 'OCT')),
      ),
  });

/** The first thing that a person and a program could read differently. */
function ambiguityOf(document: Document, text: string, field: string): Refusal | null {
  const lineAt = (node: { range?: readonly number[] | null | undefined }) =>
    text.slice(0, node.range?.[0] ?? 0).split('\n').length;
  if (document.directives?.yaml.explicit === true)
    return { field, problem: 'names a YAML version', fix: 'remove the line with %YAML' };
  let found: Refusal | null = null;
  const stop = (refusal: Refusal) => {
    found = refusal;
    return visit.BREAK;
  };
  visit(document, {
    Alias: () => stop({ field, problem: 'uses YAML aliases', fix: 'write each value out' }),
    Map: (_, map) => {
      const key = unfitKey(map);
      if (key === null) return undefined;
      const line = lineAt(key);
      return isScalar(key)
        ? stop({
            field: `${field}: ${String(key.value)}`,
            problem: `is written twice, again in line ${line}`,
            fix: 'remove one of them',
          })
        : stop({ field, problem: `has a key that is no text in line ${line}`, fix: 'correct it' });
    },
    Scalar: (_, scalar) => {
      if (isExact(scalar)) return undefined;
      const problem = `${scalar.source} in line ${lineAt(scalar)} is not read as it is written`;
      return stop({ field, problem, fix: 'put it in quotes, or write it in plain digits' });
    },
  });
  return found;
}

/** The second of two equal keys, or one that is a list or a mapping; null when there is none. */
function unfitKey({ items }: YAMLMap): { range?: readonly number[] | null | undefined } | null {
  const seen = new Set<string>();
  for (const { key } of items) {
    if (isAlias(key)) continue;
    if (!isScalar(key)) return key as { range?: readonly number[] };
    if (seen.has(String(key.value))) return key;
    seen.add(String(key.value));
  }
  return null;
}

/** False of a whole number that loses digits or starts with zeros (010 is eight to some), and of what is no number. */
function isExact({ value, source = '' }: Scalar): boolean {
  if (typeof value !== 'number') return true;
  return /^[-+]?\d+$/.test(source) ? String(value) === source : Number.isFinite(value);
}

function refusalOf({ code, message, linePos }: YAMLError, field: string): Refusal {
  const line = linePos?.[0].line ?? 1;
  if (code === 'MULTIPLE_DOCS')
    return { field, problem: `holds a second document, from line ${line}`, fix: 'keep one' };
  if (code === 'RESOURCE_EXHAUSTION')
    return { field, problem: 'is nested too deeply to be read', fix: 'correct the YAML' };
  if (code === 'TAB_AS_INDENT')
    return { field, problem: `is indented by a tab in line ${line}`, fix: 'indent it by spaces' };
  return { field, problem: firstLine(message), fix: 'correct the YAML' };
}

const firstLine = (text: string) => (text.split('\n')[0] ?? text).replace(/:$/, '');
