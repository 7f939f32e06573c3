import { writeFileSync } from 'node:fs';
import { certificates, quorums } from './certificate-vectors.ts';
import { hashes, possessions, signatures } from './curve-vectors.ts';
import { claims, coverages, incidents, rules } from './id-vectors.ts';
import { refusals } from './refusal-vectors.ts';
import { codeScan } from './scan-vectors.ts';
import { verdicts } from './verdict-vectors.ts';

/*
 * Vectors are made without protocol/: by viem's typed data and ABI coders, by noble itself, and by RFC 9380.
 * `node test/vectors/generate.ts` writes them again.
 */

/** Every vector file by name, as text. */
export const vectorFiles = (): ReadonlyMap<string, string> =>
  new Map(
    Object.entries({
      verdicts,
      rules,
      coverages,
      claims,
      incidents,
      hashes,
      signatures,
      possessions,
      refusals,
      certificates,
      quorums,
      'code-scan': codeScan,
    }).map(([name, make]) => [
      `${name}.json`,
      `${JSON.stringify(make(), (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), 1)}\n`,
    ]),
  );

if (import.meta.main)
  for (const [name, text] of vectorFiles()) writeFileSync(new URL(name, import.meta.url), text);
