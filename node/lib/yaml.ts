import { parseDocument } from 'yaml';
import { type RefusalCode, refuse } from './refusal.ts';

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
  if (problem !== undefined)
    throw refuse(
      code,
      { field, problem: firstLine(problem.message), fix: 'correct the YAML' },
      problem,
    );
  try {
    return document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch (error) {
    throw refuse(code, { field, problem: 'uses YAML aliases', fix: 'write each value out' }, error);
  }
}

const firstLine = (text: string) => (text.split('\n')[0] ?? text).replace(/:$/, '');
