import type { Hex } from 'viem';
import type { Certificate } from '../../protocol/types.ts';
import { WINDOW } from './context.ts';

/** Certificates kept at once, whatever comes. */
const CAPACITY = 4096;

/** Verified certificates of the window. */
export type KnownCertificates = ReturnType<typeof createKnownCertificates>;

/** A memory of verified certificates, by digest. */
export function createKnownCertificates() {
  const byDigest = new Map<Hex, Certificate>();
  return {
    get: (digest: Hex): Certificate | null => byDigest.get(digest) ?? null,
    keep: (digest: Hex, certificate: Certificate) => {
      const [oldest] = byDigest.keys();
      if (byDigest.size >= CAPACITY && oldest !== undefined) byDigest.delete(oldest);
      byDigest.set(digest, certificate);
    },
    prune: (head: bigint) => {
      for (const [digest, { verdict }] of byDigest)
        if (verdict.height + WINDOW < head) byDigest.delete(digest);
    },
    all: (): readonly Certificate[] => [...byDigest.values()],
  };
}
