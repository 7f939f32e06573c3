import type { Class } from './types.ts';

/** Blocks after which a certificate is no longer taken. */
export const CERTIFICATE_AGE = 32n;

/** Most seats a roster may have. */
export const MAX_SEATS = 512;

const HOUR = 3_600;

// `signed * parts > total * of`, strictly.
const rungs = [
  { rung: 1, parts: 3n, of: 1n, longestLife: 24 * HOUR },
  { rung: 2, parts: 2n, of: 1n, longestLife: 6 * HOUR },
  { rung: 3, parts: 3n, of: 2n, longestLife: 24 * HOUR },
] as const;

const rowOf = (rung: number) => rungs.find((row) => row.rung === rung);

/** Whether the signed weight is more than the share of all weight that the rung asks; never for an unknown rung. */
export const hasQuorum = (rung: number, signed: bigint, total: bigint): boolean => {
  const row = rowOf(rung);
  return row !== undefined && signed * row.parts > total * row.of;
};

/** Longest life of a trip in seconds; 0 for an unknown rung. */
export const longestLife = (rung: number): number => rowOf(rung)?.longestLife ?? 0;

/** Highest rung a class may reach: power is proportional to proof. */
export const classCap = (class_: Class): number => ({ A: 3, B: 2, C: 1 })[class_];

/** Highest rung a roster arms: 1 when it has fewer than four seats or one seat holds a third. */
export const maxRungOf = (weights: readonly bigint[]): number => {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  return weights.length < 4 || weights.some((weight) => weight * 3n >= total) ? 1 : 3;
};
