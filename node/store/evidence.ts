import type { Hex } from 'viem';
import { bytesToHex, hexToBytes, isHex } from 'viem';
import { z } from 'zod';
import { faults } from '../../protocol/fault.ts';
import { MAX_SEATS } from '../../protocol/quorum.ts';
import type { Attestation, Domain } from '../../protocol/types.ts';
import { keyDigest } from '../../protocol/verdict.ts';
import { decodeAttestation, encodeAttestation } from '../../protocol/wire.ts';
import { createLock } from '../lib/lock.ts';
import type { Equivocation } from '../lib/pipeline.ts';
import type { Database } from './database.ts';
import { commit, part } from './database.ts';

const fault = faults<{ EVIDENCE_UNREADABLE: { key: string } }>();

/** Pairs kept of one seat in one epoch: one proves the lie. */
const PER_SEAT = 4;
/** Pairs kept in all: what two whole rosters can contradict themselves. */
const KEPT = 2 * MAX_SEATS * PER_SEAT;

/** Equivocations this node has witnessed; what is stored survives kill -9. */
export type Evidence = Awaited<ReturnType<typeof openEvidence>>;

/**
 * Keeps both attestations of each pair as they were signed. Only pairs of the oldest epochs ever give way, and only when
 * there are more than two rosters can make: none is lost while a certificate of its epoch can still count.
 */
export async function openEvidence(database: Database, domain: Domain) {
  const room = part(database, 'evidence', `${domain.chainId}`, domain.registry.toLowerCase());
  const lock = createLock();
  // Ascending, so the oldest epoch comes first.
  let keys: readonly string[] = await room.keys().all();

  const put = (found: Equivocation): Promise<'stored' | 'known' | 'enough'> =>
    lock(async () => {
      const seat = seatKey(found);
      const key = `${seat}${keyDigest(domain, found.first.verdict)}`;
      if (keys.includes(key)) return 'known';
      if (keys.filter((kept) => kept.startsWith(seat)).length >= PER_SEAT) return 'enough';
      const all = [...keys, key].sort();
      const old = all.slice(0, Math.max(0, all.length - KEPT));
      await commit(database, room, [
        { type: 'put', key, value: format(found) },
        ...old.map((kept) => ({ type: 'del' as const, key: kept })),
      ]);
      keys = all.slice(old.length);
      return 'stored';
    });

  /** Oldest epoch first. */
  const all = (): Promise<readonly Equivocation[]> =>
    lock(async () => {
      const found: Equivocation[] = [];
      for await (const [key, text] of room.iterator()) found.push(parse(key, text));
      return found;
    });

  return { put, all, size: () => keys.length };
}

const seatKey = ({ epoch, seat }: Equivocation) =>
  `${epoch.toString(16).padStart(16, '0')}:${seat.toString(16).padStart(4, '0')}:`;

const hex = z.custom<Hex>((value) => isHex(value));
const pairSchema = z.strictObject({ first: hex, second: hex });

const format = ({ first, second }: Equivocation) =>
  JSON.stringify({ first: textOf(first), second: textOf(second) });

const textOf = (attestation: Attestation): Hex => bytesToHex(encodeAttestation(attestation));

function parse(key: string, text: string): Equivocation {
  try {
    const pair = pairSchema.parse(JSON.parse(text));
    const [first, second] = [pair.first, pair.second].map((bytes) =>
      decodeAttestation(hexToBytes(bytes)),
    );
    if (first?.ok === true && second?.ok === true)
      return {
        epoch: first.value.verdict.epoch,
        seat: first.value.seat,
        first: first.value,
        second: second.value,
      };
  } catch (error) {
    throw fault('EVIDENCE_UNREADABLE', { key }, error);
  }
  throw fault('EVIDENCE_UNREADABLE', { key });
}
