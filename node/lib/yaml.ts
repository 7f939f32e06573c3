import { parseDocument, type YAMLError } from 'yaml';
import { type Refusal, type RefusalCode, refuse } from './refusal.ts';

/** Parses YAML or JSON with no aliases, no duplicate keys and no numbers written in hex; `field` names the document. */
export function parseYaml(text: string, field: string, code: RefusalCode): unknown {
  const document = parseDocument(text, {
    uniqueKeys: true,
    // Addresses and hashes stay the text they are written as, quoted or not.
    customTags: (tags) =>
      tags.filter(
        (tag) =>
          typeof tag === 'string' ||
          !('format' in tag && (tag.format === 'HEX' || tag.format === 'OCT')),
      ),
  });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw refuse(code, refusalOf(problem, text, field), problem);
  try {
    return document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch (error) {
    throw refuse(code, { field, problem: 'uses YAML aliases', fix: 'write each value out' }, error);
  }
}

/** Parses JSON that says nothing twice; `fix` is what to do about text that is no JSON. */
export function parseJson(text: string, field: string, code: RefusalCode, fix: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refuse(code, { field, problem: 'is not JSON', fix }, error);
  }
  // JSON.parse lets the last of two equal keys win.
  const twice = parseDocument(text, { uniqueKeys: true }).errors.find(
    (error) => error.code === 'DUPLICATE_KEY',
  );
  if (twice !== undefined) throw refuse(code, refusalOf(twice, text, field), twice);
  return value;
}

function refusalOf(
  { code, message, pos, linePos }: YAMLError,
  text: string,
  field: string,
): Refusal {
  const line = linePos?.[0].line ?? 1;
  if (code === 'DUPLICATE_KEY') {
    const key = /^["']?([^"':\n]*)/.exec(text.slice(pos[0], pos[0] + 80))?.[1] ?? '';
    const problem = `is written twice, again in line ${line}`;
    return { field: `${field}: ${key}`, problem, fix: 'remove one of them' };
  }
  if (code === 'MULTIPLE_DOCS')
    return { field, problem: `holds a second document, from line ${line}`, fix: 'keep one' };
  if (code === 'RESOURCE_EXHAUSTION')
    return { field, problem: 'is nested too deeply to be read', fix: 'correct the YAML' };
  return { field, problem: firstLine(message), fix: 'correct the YAML' };
}

const firstLine = (text: string) => (text.split('\n')[0] ?? text).replace(/:$/, '');
