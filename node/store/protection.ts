import type { Hex } from 'viem';
import { isHex, size } from 'viem';
import { z } from 'zod';
import { faults } from '../../protocol/fault.ts';
import type { Domain } from '../../protocol/types.ts';
import { createLock } from '../lib/lock.ts';
import type { Database, Write } from './database.ts';
import { commit, part } from './database.ts';

const fault = faults<{
  PROTECTION_NOT_STARTED: { registry: Hex };
  PROTECTION_UNREADABLE: { key: string };
  PROTECTION_CONFLICT: { keyDigest: Hex; stored: Hex; imported: Hex };
  PROTECTION_FOREIGN: { chainId: bigint; registry: Hex };
  PROTECTION_MALFORMED: { field: string };
}>();

/**
 * What became of asking to sign: `recorded` and `same` allow it, `conflict` is another digest under the same key,
 * `stale` a height whose records may already be gone.
 */
export type Permission = 'recorded' | 'same' | 'conflict' | 'stale';

/** What this node has allowed itself to sign under one key. `payload` is what the signer needs to say it again. */
export type ProtectionRecord = Readonly<{
  keyDigest: Hex;
  digest: Hex;
  height: bigint;
  payload: Hex;
}>;

/** The memory that keeps a key from signing two digests; nothing is signed that is not in it. */
export type Protection = Awaited<ReturnType<typeof openProtection>>;

/**
 * Opens the record of one domain. It is kept per watcher, not per BLS key: liability outlives a rotated key.
 * Each answer that allows a signature has been synced to disk first.
 */
export async function openProtection(database: Database, domain: Domain) {
  const room = part(database, 'protection', `${domain.chainId}`, domain.registry.toLowerCase());
  const lock = createLock();
  const stored = await readLow();
  let low = stored;
  // Only what was signed or forgotten here makes the mark final.
  let isFinal = stored !== null;

  async function readLow(): Promise<bigint | null> {
    const text = await room.get('low');
    if (text === undefined) return null;
    if (!/^\d+$/.test(text)) throw fault('PROTECTION_UNREADABLE', { key: 'low' });
    return BigInt(text);
  }

  async function read(keyDigest: Hex): Promise<ProtectionRecord | null> {
    const text = await room.get(recordKey(keyDigest));
    return text === undefined ? null : parseRecord(keyDigest, text);
  }

  /** The digest stored under a key. It is on disk twice: a copy that is gone or differs throws, so nothing is signed. */
  async function digestOf(keyDigest: Hex, height: bigint): Promise<Hex | null> {
    const [stored, copy] = [await read(keyDigest), await room.get(placeKey(height, keyDigest))];
    if (stored === null && copy === undefined) return null;
    if (stored !== null && (stored.height !== height || stored.digest === copy))
      return stored.digest;
    throw fault('PROTECTION_UNREADABLE', { key: keyDigest });
  }

  async function* records(from: bigint): AsyncGenerator<ProtectionRecord, void, undefined> {
    for await (const key of room.keys({ gte: heightKey(from), lt: 'h:~' })) {
      const found = await read(keyDigestOf(key));
      if (found !== null) yield found;
    }
  }

  /**
   * A folder that nothing was signed from: what an earlier, lost folder may have signed lies at or below `head`. The
   * mark is kept in memory until the first signature, which writes it: a height that a provider invented is forgotten
   * at the next start, and cannot silence the node for ever.
   */
  const start = (head: bigint) =>
    lock(async () => {
      if (!isFinal) low = head + 1n;
    });

  /** Asks to sign `digest` under `keyDigest` and remembers it, on disk, before it answers. */
  const record = (
    keyDigest: Hex,
    digest: Hex,
    height: bigint,
    payload: Hex = '0x',
  ): Promise<Permission> =>
    lock(async () => {
      if (low === null) throw fault('PROTECTION_NOT_STARTED', { registry: domain.registry });
      const before = await digestOf(keyDigest, height);
      if (before !== null) return before === digest ? 'same' : 'conflict';
      if (height < low) return 'stale';
      const mark = isFinal ? [] : [lowWrite(low)];
      await commit(database, room, [...mark, ...writes({ keyDigest, digest, height, payload })]);
      isFinal = true;
      return 'recorded';
    });

  /**
   * Forgets records below `height` and, in the same synced batch, refuses everything up to the highest of them from
   * then on. No more than that: `height` is a provider's word, what was signed is not.
   */
  const prune = (height: bigint): Promise<number> =>
    lock(async () => {
      const keys = await room.keys({ gte: 'h:', lt: heightKey(height) }).all();
      const highest = keys.at(-1);
      if (low === null || highest === undefined) return 0;
      const above = heightOf(highest) + 1n;
      const raised = above > low ? above : low;
      await commit(database, room, [
        lowWrite(raised),
        ...keys.flatMap((key) => [
          { type: 'del' as const, key },
          { type: 'del' as const, key: recordKey(keyDigestOf(key)) },
        ]),
      ]);
      low = raised;
      return keys.length;
    });

  /** The whole record as JSON, to take to another machine once this node is stopped for good. */
  const exportJson = (): Promise<string> =>
    lock(async () => {
      const kept = [];
      for await (const { height, ...rest } of records(0n))
        kept.push({ ...rest, height: `${height}` });
      const { chainId, registry } = domain;
      return JSON.stringify(
        {
          version: 1,
          chainId: `${chainId}`,
          registry,
          low: `${isFinal ? low : 0n}`,
          records: kept,
        },
        null,
        2,
      );
    });

  /** Takes in an export, all of it or nothing; afterwards nothing at or below its highest height is signed anew. */
  const importJson = (text: string): Promise<number> =>
    lock(async () => {
      const { low: theirs, chainId, registry, records: found } = parseExport(text);
      if (chainId !== domain.chainId || registry.toLowerCase() !== domain.registry.toLowerCase())
        throw fault('PROTECTION_FOREIGN', { chainId, registry });
      const seen = new Map<Hex, Hex>();
      for (const { keyDigest, digest } of found) {
        const stored = seen.get(keyDigest) ?? (await read(keyDigest))?.digest ?? digest;
        if (stored !== digest)
          throw fault('PROTECTION_CONFLICT', { keyDigest, stored, imported: digest });
        seen.set(keyDigest, digest);
      }
      const raised = [theirs, low ?? 0n, ...found.map(({ height }) => height + 1n)].reduce(
        (a, b) => (a > b ? a : b),
      );
      // Of a folder that nothing was signed from either: the mark is still to be set at the start.
      if (raised === 0n) return 0;
      await commit(database, room, [...found.flatMap(writes), lowWrite(raised)]);
      [low, isFinal] = [raised, true];
      return found.length;
    });

  return { start, record, prune, records, exportJson, importJson, low: () => low };
}

const recordKey = (keyDigest: Hex) => `k:${keyDigest}`;
const heightKey = (height: bigint) => `h:${height.toString(16).padStart(16, '0')}`;
const placeKey = (height: bigint, keyDigest: Hex) => `${heightKey(height)}:${keyDigest}`;
const heightOf = (place: string) => BigInt(`0x${place.split(':')[1]}`);
const keyDigestOf = (place: string) => place.slice(place.lastIndexOf(':') + 1) as Hex;

const lowWrite = (height: bigint): Write => ({ type: 'put', key: 'low', value: `${height}` });

/** The record and its place in the order of heights. */
const writes = ({ keyDigest, digest, height, payload }: ProtectionRecord): readonly Write[] => [
  {
    type: 'put',
    key: recordKey(keyDigest),
    value: JSON.stringify({ digest, height: `${height}`, payload }),
  },
  { type: 'put', key: placeKey(height, keyDigest), value: digest },
];

// Lower case only: two spellings of one key would be two records.
const hash = z.custom<Hex>(
  (value) => /^0x[0-9a-f]{64}$/.test(String(value)),
  'must be 32 bytes of lower-case hex',
);
const height = z
  .string()
  .regex(/^\d{1,20}$/, 'must be a decimal string')
  .transform(BigInt);
const recordSchema = z.strictObject({
  digest: hash,
  height,
  payload: z.custom<Hex>((value) => isHex(value)),
});
const exportSchema = z.strictObject({
  version: z.literal(1),
  chainId: height,
  registry: z.custom<Hex>((value) => isHex(value) && size(value) === 20, 'must be an address'),
  low: height,
  records: z.array(recordSchema.extend({ keyDigest: hash })),
});

function parseRecord(keyDigest: Hex, text: string): ProtectionRecord {
  try {
    return { keyDigest, ...recordSchema.parse(JSON.parse(text)) };
  } catch (error) {
    throw fault('PROTECTION_UNREADABLE', { key: keyDigest }, error);
  }
}

function parseExport(text: string): z.infer<typeof exportSchema> {
  try {
    return exportSchema.parse(JSON.parse(text));
  } catch (error) {
    const field = error instanceof z.ZodError ? (error.issues[0]?.path.join('.') ?? '') : 'JSON';
    throw fault('PROTECTION_MALFORMED', { field }, error);
  }
}
