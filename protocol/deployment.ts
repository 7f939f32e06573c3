import { z } from 'zod';
import type { Hex } from 'viem';

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be an address: 0x and 40 hex digits')
  .transform((text) => text.toLowerCase() as Hex);

/** The address file that `tocsin deploy` writes and every command reads. `deployedAt` is a height. */
export const deploymentSchema = z.strictObject({
  chainId: z.int('must be a whole number').positive('must be above 0'),
  deployedAt: z.int('must be a whole number').nonnegative('must not be below 0'),
  token: address,
  watchers: address,
  committee: address,
  registry: address,
  hub: address,
  judge: address,
  court: address,
  prover: address,
  book: address,
  verifier: address,
});

/** Where one Tocsin lives. */
export type Deployment = z.infer<typeof deploymentSchema>;
