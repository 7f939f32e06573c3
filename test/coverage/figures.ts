import type { Measured } from './instrument.ts';

/** A line on which something was never run or never went one way. */
export type Gap = Readonly<{
  path: string;
  line: number;
  text: string;
  missing: readonly string[];
}>;

type Share = Readonly<{ covered: number; all: number }>;

/** What of a file was run. A line is one on which a statement begins, and is covered when all of those are. */
export type Figures = Readonly<{
  path: string;
  lines: Share;
  branches: Share;
  gaps: readonly Gap[];
}>;

export function figuresOf(
  { path, source, base, points }: Measured,
  hits: ReadonlySet<string>,
): Figures {
  const lines = new Map<number, boolean>();
  const missing = new Map<number, string[]>();
  let [covered, all] = [0, 0];
  for (const [index, { kind, at, end, arms }] of points.entries()) {
    const line = source.subarray(0, at).toString().split('\n').length;
    const mark = base + (BigInt(index) << 8n);
    const missed = arms.filter((_, arm) => !hits.has(wordOf(mark + BigInt(arm))));
    if (kind === 'statement') lines.set(line, missed.length === 0 && lines.get(line) !== false);
    else [covered, all] = [covered + arms.length - missed.length, all + arms.length];
    if (missed.length === 0) continue;
    const text = source.subarray(at, end).toString().replaceAll(/\s+/g, ' ');
    const said = missed.map((arm) =>
      kind === 'statement' ? 'never reached' : `${text.slice(0, 60)} never ${arm}`,
    );
    missing.set(line, [...(missing.get(line) ?? []), ...said]);
  }
  const texts = source.toString().split('\n');
  const gaps = [...missing].map(([line, said]) => {
    return { path, line, text: texts[line - 1]!.trim(), missing: said };
  });
  const linesCovered = [...lines.values()].filter(Boolean).length;
  return {
    path,
    lines: { covered: linesCovered, all: lines.size },
    branches: { covered, all },
    gaps: gaps.toSorted((a, b) => a.line - b.line),
  };
}

/** A share in percent, rounded down: what is not whole must not look so. */
export function percent({ covered, all }: Share): string {
  return all === 0 ? '-' : (Math.floor((covered * 10_000) / all) / 100).toFixed(2);
}

export function sumOf(shares: readonly Share[]): Share {
  return shares.reduce(
    (sum, { covered, all }) => ({ covered: sum.covered + covered, all: sum.all + all }),
    { covered: 0, all: 0 },
  );
}

/** A mark as the chain tells it. */
function wordOf(mark: bigint): string {
  return mark.toString(16).padStart(64, '0');
}
