import type { Hex } from 'viem';
import { bytesToHex, hexToBytes, isHex } from 'viem';
import { z } from 'zod';
import { faults } from '../../protocol/fault.ts';
import type { Certificate, Domain } from '../../protocol/types.ts';
import { decodeCertificate, encodeCertificate } from '../../protocol/wire.ts';
import { createLock } from '../lib/lock.ts';
import type { Database } from './database.ts';
import { commit, part } from './database.ts';

const fault = faults<{
  CERTIFICATE_UNREADABLE: { digest: Hex; code: string };
  CERTIFICATE_UNKNOWN: { digest: Hex };
}>();

/** How far a certificate has come towards the registry. `height` is the home chain's when it got there. */
export type SubmissionState =
  | Readonly<{ kind: 'waiting' }>
  | Readonly<{
      kind: 'sent';
      nonce: number;
      /** Those of the newest of `transactions`, in wei. */
      maxFeePerGas: bigint;
      maxPriorityFeePerGas: bigint;
      transactions: readonly Hex[];
      height: bigint;
    }>
  | Readonly<{ kind: 'tripped'; transaction: Hex | null; height: bigint }>
  | Readonly<{ kind: 'dropped'; code: string; height: bigint }>;

/** A certificate and what became of it. */
export type StoredCertificate = Readonly<{
  digest: Hex;
  certificate: Certificate;
  state: SubmissionState;
}>;

/** Certificates by digest; what is stored survives kill -9. */
export type Certificates = Awaited<ReturnType<typeof openCertificates>>;

/** Reads every kept certificate of one domain into memory; writes are synced to disk before they are answered. */
export async function openCertificates(database: Database, { chainId, registry }: Domain) {
  const room = part(database, 'certificates', `${chainId}`, registry.toLowerCase());
  const lock = createLock();
  const known = new Map<Hex, StoredCertificate>();
  for await (const [digest, text] of room.iterator())
    known.set(digest as Hex, parse(digest as Hex, text));

  const write = async (stored: StoredCertificate) => {
    await commit(database, room, [{ type: 'put', key: stored.digest, value: format(stored) }]);
    known.set(stored.digest, stored);
  };

  /** Keeps the newest certificate of a digest, and how far an earlier one has come. */
  const put = (digest: Hex, certificate: Certificate): Promise<'stored' | 'replaced'> =>
    lock(async () => {
      const state = known.get(digest)?.state;
      await write({ digest, certificate, state: state ?? { kind: 'waiting' } });
      return state === undefined ? 'stored' : 'replaced';
    });

  const setState = (digest: Hex, state: SubmissionState): Promise<void> =>
    lock(async () => {
      const stored = known.get(digest);
      if (stored === undefined) throw fault('CERTIFICATE_UNKNOWN', { digest });
      await write({ ...stored, state });
    });

  /** Forgets certificates of blocks below `height`: call it with a height that is final and past the age limit. */
  const prune = (height: bigint): Promise<number> =>
    lock(async () => {
      const old = [...known.values()].filter(
        ({ certificate }) => certificate.verdict.height < height,
      );
      if (old.length > 0)
        await commit(
          database,
          room,
          old.map(({ digest }) => ({ type: 'del', key: digest })),
        );
      for (const { digest } of old) known.delete(digest);
      return old.length;
    });

  return {
    put,
    setState,
    prune,
    get: (digest: Hex): StoredCertificate | null => known.get(digest) ?? null,
    all: (): readonly StoredCertificate[] => [...known.values()],
  };
}

const hex = z.custom<Hex>((value) => isHex(value));
const height = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform(BigInt);
const wei = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform(BigInt);
const stateSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('waiting') }),
  z.strictObject({
    kind: z.literal('sent'),
    nonce: z.int().min(0),
    maxFeePerGas: wei,
    maxPriorityFeePerGas: wei,
    transactions: z.array(hex),
    height,
  }),
  z.strictObject({ kind: z.literal('tripped'), transaction: hex.nullable(), height }),
  z.strictObject({ kind: z.literal('dropped'), code: z.string(), height }),
]);
const storedSchema = z.strictObject({ certificate: hex, state: stateSchema });

const format = ({ certificate, state }: StoredCertificate) =>
  JSON.stringify({ certificate: bytesToHex(encodeCertificate(certificate)), state }, (_, value) =>
    typeof value === 'bigint' ? `${value}` : value,
  );

function parse(digest: Hex, text: string): StoredCertificate {
  try {
    const { certificate: bytes, state } = storedSchema.parse(JSON.parse(text));
    const certificate = decodeCertificate(hexToBytes(bytes));
    if (certificate.ok) return { digest, certificate: certificate.value, state };
  } catch (error) {
    throw fault('CERTIFICATE_UNREADABLE', { digest, code: 'JSON' }, error);
  }
  throw fault('CERTIFICATE_UNREADABLE', { digest, code: 'WIRE' });
}
