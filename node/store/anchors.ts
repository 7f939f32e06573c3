import type { Hex } from 'viem';
import { isHex, size } from 'viem';
import { z } from 'zod';
import type { AccountAnswer } from '../../protocol/block-proof.ts';
import { faults } from '../../protocol/fault.ts';
import type { Database } from './database.ts';
import { part } from './database.ts';

const fault = faults<{ ANCHOR_UNREADABLE: { key: string } }>();

const valuesSchema = z.array(z.custom<Hex>((value) => isHex(value) && size(value) === 32));

/** What slots hold at an anchor, and by account in lower case the answers to eth_getProof that show it. */
type Shown = Readonly<{ values: readonly Hex[]; answers: ReadonlyMap<Hex, AccountAnswer> }>;

/** Proofs kept, of up to 240 kB: twice the rules that are read at one block. Those that were not read for longest give way. */
const MOST = 4_096;

/** Proven slot values at anchor blocks, and their proofs: a pruned provider cannot give them again. */
export type Anchors = Awaited<ReturnType<typeof openAnchors>>;

/**
 * Values by rule and anchor block; what is stored was proven before, and losing it costs a request. Of what an earlier
 * version has stored there are no proofs.
 */
export async function openAnchors(
  database: Database,
  { most = MOST }: Readonly<{ most?: number }> = {},
) {
  const room = part(database, 'anchors');
  const proofs = part(database, 'anchor-proofs');
  const kept = new Set(await proofs.keys().all());
  const keyOf = (ruleId: Hex, blockHash: Hex) => `${ruleId}:${blockHash}`;
  return {
    get: async (ruleId: Hex, blockHash: Hex): Promise<readonly Hex[] | null> => {
      const key = keyOf(ruleId, blockHash);
      const text = await room.get(key);
      if (kept.delete(key)) kept.add(key);
      if (text === undefined) return null;
      try {
        return valuesSchema.parse(JSON.parse(text));
      } catch (error) {
        throw fault('ANCHOR_UNREADABLE', { key }, error);
      }
    },

    /** Answers to eth_getProof by account, as they were stored: whoever shows them proves them again. */
    answers: async (
      ruleId: Hex,
      blockHash: Hex,
    ): Promise<Readonly<Record<Hex, unknown>> | null> => {
      const key = keyOf(ruleId, blockHash);
      const text = await proofs.get(key);
      if (text === undefined) return null;
      try {
        return JSON.parse(text) as Readonly<Record<Hex, unknown>>;
      } catch (error) {
        throw fault('ANCHOR_UNREADABLE', { key }, error);
      }
    },

    put: async (ruleId: Hex, blockHash: Hex, { values, answers }: Shown): Promise<void> => {
      const key = keyOf(ruleId, blockHash);
      await proofs.put(key, JSON.stringify(Object.fromEntries(answers)));
      await room.put(key, JSON.stringify(values));
      kept.add(key);
      const [oldest] = kept;
      if (kept.size <= most || oldest === undefined) return;
      kept.delete(oldest);
      await proofs.del(oldest);
    },
  };
}
