import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from './parse.ts';
import { type Edit, type Point, pointsOf } from './points.ts';

/** A file that is measured: its source as it is and as it is compiled, and its points. */
export type Measured = Readonly<{
  path: string;
  source: Buffer;
  instrumented: string;
  base: bigint;
  points: readonly Point[];
}>;

/** What is measured at a time: a mark is a call, which the scan of a predicate refuses, so these are measured alone. */
export type Part = 'contracts' | 'predicates';

/** The files of a part, but for those that have no code of their own, which have no points. */
export function measuredFiles(root: string, part: Part): readonly Measured[] {
  const paths = globSync(join(root, 'contracts/src/**/*.sol'))
    .map((path) => relative(root, path))
    .filter((path) => path.startsWith(PREDICATES) === (part === 'predicates'))
    .sort();
  const trees = parse(root, paths);
  return paths
    .map((path) => {
      const source = readFileSync(join(root, path));
      const base = baseOf(path);
      const { points, edits } = pointsOf(trees.get(path)!, source, base);
      return { path, source, base, points, instrumented: edited(source, edits) };
    })
    .filter(({ points }) => points.length !== 0);
}

/** The marks of a file are told from those of others by its path, so that processes need not agree. */
function baseOf(path: string): bigint {
  return BigInt(`0x${createHash('sha256').update(path).digest('hex').slice(0, 8)}`) << 24n;
}

function edited(source: Buffer, edits: readonly Edit[]): string {
  const parts: Buffer[] = [];
  let from = 0;
  // At one byte in the order they were made in: what is outside opens first and closes last.
  for (const { at, text } of edits.toSorted((a, b) => a.at - b.at)) {
    parts.push(source.subarray(from, at), Buffer.from(text));
    from = at;
  }
  parts.push(source.subarray(from), Buffer.from(`import {CoverageMarks} from "${MARKS}";\n`));
  return Buffer.concat(parts).toString();
}

/** Where the compiler finds what instrumented files call. */
export const MARKS = 'coverage/Marks.sol';

const PREDICATES = 'contracts/src/predicates/';
