import type { Hex } from 'viem';
import { isHex, size } from 'viem';
import { z } from 'zod';
import { faults } from '../../protocol/fault.ts';
import type { Database } from './database.ts';
import { part } from './database.ts';

const fault = faults<{ ANCHOR_UNREADABLE: { key: string } }>();

const valuesSchema = z.array(z.custom<Hex>((value) => isHex(value) && size(value) === 32));

/** Proven slot values at anchor blocks: a pruned provider cannot give them again. */
export type Anchors = ReturnType<typeof openAnchors>;

/** Values by rule and anchor block; what is stored was proven before, and losing it costs a request. */
export function openAnchors(database: Database) {
  const room = part(database, 'anchors');
  const keyOf = (ruleId: Hex, blockHash: Hex) => `${ruleId}:${blockHash}`;
  return {
    get: async (ruleId: Hex, blockHash: Hex): Promise<readonly Hex[] | null> => {
      const key = keyOf(ruleId, blockHash);
      const text = await room.get(key);
      if (text === undefined) return null;
      try {
        return valuesSchema.parse(JSON.parse(text));
      } catch (error) {
        throw fault('ANCHOR_UNREADABLE', { key }, error);
      }
    },
    put: (ruleId: Hex, blockHash: Hex, values: readonly Hex[]): Promise<void> =>
      room.put(keyOf(ruleId, blockHash), JSON.stringify(values)),
  };
}
