import { type Hex, isHex } from 'viem';
import { z } from 'zod';
import { faults } from '../../protocol/fault.ts';
import type { Domain } from '../../protocol/types.ts';
import { commit, type Database, part } from './database.ts';

const fault = faults<{ OPENING_UNREADABLE: { key: string } }>();

const wei = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform(BigInt);
const openingSchema = z.strictObject({
  hash: z.custom<Hex>((value) => isHex(value)),
  nonce: z.int().min(0),
  maxFeePerGas: wei,
  maxPriorityFeePerGas: wei,
});

/** The newest transaction of one nonce that opens an epoch. */
export type Opening = Readonly<z.output<typeof openingSchema>>;

/** The opening of an epoch that is not mined yet: after a crash its nonce would hold up every certificate behind it. */
export type Openings = ReturnType<typeof openOpenings>;

/** Writes are synced to disk before they are answered. */
export function openOpenings(database: Database, { chainId, registry }: Domain) {
  const room = part(database, 'openings');
  const key = `${chainId}:${registry.toLowerCase()}`;
  return {
    get: async (): Promise<Opening | null> => {
      const text = await room.get(key);
      if (text === undefined) return null;
      try {
        return openingSchema.parse(JSON.parse(text));
      } catch (error) {
        throw fault('OPENING_UNREADABLE', { key }, error);
      }
    },
    set: (opening: Opening | null): Promise<void> =>
      commit(
        database,
        room,
        opening === null ? [{ type: 'del', key }] : [{ type: 'put', key, value: format(opening) }],
      ),
  };
}

const format = (opening: Opening) =>
  JSON.stringify(opening, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
