import { type Hex, isHex } from 'viem';
import { z } from 'zod';
import { faults } from '../../protocol/fault.ts';
import type { Domain } from '../../protocol/types.ts';
import { commit, type Database, part } from './database.ts';

const fault = faults<{ PENDING_UNREADABLE: { stage: string; key: string } }>();

const wei = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform(BigInt);
const sentSchema = z.strictObject({
  hash: z.custom<Hex>((value) => isHex(value)),
  nonce: z.int().min(0),
  maxFeePerGas: wei,
  maxPriorityFeePerGas: wei,
});
type Sent = Readonly<z.output<typeof sentSchema>>;

/** What has a transaction of its own now and then: opening epochs, telling a court, trips by proof, roll calls, and pay. */
export type Errands = 'openings' | 'challenges' | 'proofs' | 'bookings' | 'pay';

/** The newest transaction of one nonce, until it is mined: after a crash it would hold up every certificate behind it. */
export type Pending = ReturnType<typeof openPending>;

/** Writes are synced to disk before they are answered. */
export function openPending(database: Database, { chainId, registry }: Domain, errands: Errands) {
  const room = part(database, errands);
  const key = `${chainId}:${registry.toLowerCase()}`;
  return {
    get: async (): Promise<Sent | null> => {
      const text = await room.get(key);
      if (text === undefined) return null;
      try {
        return sentSchema.parse(JSON.parse(text));
      } catch (error) {
        throw fault('PENDING_UNREADABLE', { stage: errands, key }, error);
      }
    },
    set: (sent: Sent | null): Promise<void> =>
      commit(
        database,
        room,
        sent === null ? [{ type: 'del', key }] : [{ type: 'put', key, value: format(sent) }],
      ),
  };
}

const format = (sent: Sent) =>
  JSON.stringify(sent, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
