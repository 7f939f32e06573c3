import { parseUnits } from 'viem';
import { refuse } from './refusal.ts';

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** `12.5` of something with `decimals` places as its smallest unit; refuses what does not divide. */
export function parseAmount(text: string, decimals: number, field: string): bigint {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (match === null)
    throw refuse('ARGUMENT_INVALID', {
      field,
      problem: `${text} is not an amount`,
      fix: 'write digits, as 12 or 12.5',
    });
  if ((match[2] ?? '').length > decimals)
    throw refuse('ARGUMENT_INVALID', {
      field,
      problem: `${text} has more than ${decimals} decimals`,
      fix: 'round it',
    });
  return parseUnits(text.trim(), decimals);
}

/** Seconds of `90`, `90s`, `15m`, `24h` or `7d`. */
export function parseSeconds(text: string, field: string): bigint {
  const match = /^(\d{1,9})([smhd]?)$/.exec(text.trim());
  if (match === null)
    throw refuse('ARGUMENT_INVALID', {
      field,
      problem: `${text} is not a duration`,
      fix: 'write it as 90s, 15m, 24h or 7d',
    });
  return BigInt(match[1] ?? '0') * BigInt(SECONDS[(match[2] || 's') as keyof typeof SECONDS]);
}

/** A whole number between two bounds. */
export function parseWhole(text: string, field: string, min: number, max: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    throw refuse('ARGUMENT_INVALID', {
      field,
      problem: `${text} is not a whole number from ${min} to ${max}`,
      fix: 'correct it',
    });
  return value;
}
