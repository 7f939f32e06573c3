import { readFileSync } from 'node:fs';

/** A vector file; numbers in quotes are bigints. */
export const readVectors = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8'), (_, value: unknown) =>
    typeof value === 'string' && /^\d+$/.test(value) ? BigInt(value) : value,
  ) as T;
