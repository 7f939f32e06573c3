import { encodeFunctionData, type Hex, hexToBigInt, parseAbi, size, slice } from 'viem';
import { z } from 'zod';
import type { View } from './detector.ts';

/** The contract at `what`. */
export const address = (what: string) =>
  z
    .string('must be an address in quotes')
    .regex(/^0x[0-9a-f]{40}$/, 'must be an address: 0x and 40 lower-case hex digits')
    .transform((text) => text as Hex)
    .describe(what);

/** Hundredths of a per cent. */
export const bps = (what: string, max: number) =>
  whole(1, max).describe(`${what}, in bps (100 bps are 1 %)`);

/** Blocks, as a rule's lookback counts them. */
export const blocks = (what: string, max: number) => whole(1, max).describe(`${what}, in blocks`);

/** Decimals of a token or a feed. */
export const decimals = (what: string) => whole(0, 36).describe(what);

/** Seconds. */
export const seconds = (what: string) => whole(1, 31_536_000).describe(`${what}, in seconds`);

/** A decimal number of a token's smallest unit, as text since JSON's numbers are too small for it. */
export const amount = (what: string) =>
  z
    .string('must be a whole number in quotes, in the smallest unit of the token')
    .regex(
      /^(0|[1-9]\d{0,77})$/,
      'must be a whole number in quotes, in the smallest unit of the token',
    )
    .transform(BigInt)
    .describe(`${what}, in the token's smallest unit`);

/** A call of a function that takes nothing or what is given. */
export const view = (to: Hex, signature: string, args: readonly unknown[] = []): View => {
  const abi = parseAbi([signature]) as unknown[];
  return { to, data: encodeFunctionData({ abi, args } as never) };
};

/** The words of an answer that has just so many; null for any other. */
export function wordsOf(answer: Hex | null | undefined, count: number): readonly bigint[] | null {
  if (answer === null || answer === undefined || size(answer) !== 32 * count) return null;
  return Array.from({ length: count }, (_, index) =>
    hexToBigInt(slice(answer, 32 * index, 32 * index + 32)),
  );
}

const whole = (min: number, max: number) =>
  z
    .int('must be a whole number')
    .min(min, `must be ${min} or more`)
    .max(max, `must be ${max} or less`);
