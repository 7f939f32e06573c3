import type { Hex } from 'viem';
import type { Certificate, Verdict } from '../../protocol/types.ts';
import { WINDOW } from './context.ts';

/** Certificates kept at once of one rule, and of all rules: a quorum of rung 1 cannot push out what others agreed on. */
const PER_RULE = 512;
const CAPACITY = 4096;

/** Verified certificates of the window. */
export type KnownCertificates = ReturnType<typeof createKnownCertificates>;

/** A memory of verified certificates, by digest. */
export function createKnownCertificates() {
  const byDigest = new Map<Hex, Certificate>();
  const byRule = new Map<string, Set<Hex>>();
  /** Those of which others know too. */
  const announced = new Set<Hex>();

  const forget = (digest: Hex, { verdict }: Certificate) => {
    byDigest.delete(digest);
    announced.delete(digest);
    const ofRule = byRule.get(ruleKey(verdict));
    ofRule?.delete(digest);
    if (ofRule?.size === 0) byRule.delete(ruleKey(verdict));
  };

  /** Makes room: the oldest of the same rule, then the oldest of the rule that holds the most. */
  const makeRoom = (rule: string) => {
    const own = byRule.get(rule);
    const largest = () => [...byRule.values()].reduce((a, b) => (b.size > a.size ? b : a));
    const from =
      (own?.size ?? 0) >= PER_RULE ? own : byDigest.size >= CAPACITY ? largest() : undefined;
    const [oldest] = from ?? [];
    if (oldest !== undefined) forget(oldest, byDigest.get(oldest)!);
  };

  return {
    get: (digest: Hex): Certificate | null => byDigest.get(digest) ?? null,
    /** In place of a former one of its verdict; others have to be told of this one too. */
    keep: (digest: Hex, certificate: Certificate) => {
      const rule = ruleKey(certificate.verdict);
      if (!byDigest.has(digest)) makeRoom(rule);
      announced.delete(digest);
      byDigest.set(digest, certificate);
      byRule.set(rule, (byRule.get(rule) ?? new Set()).add(digest));
    },
    announce: (digest: Hex) => {
      if (byDigest.has(digest)) announced.add(digest);
    },
    isAnnounced: (digest: Hex): boolean => announced.has(digest),
    prune: (head: bigint) => {
      for (const [digest, certificate] of byDigest)
        if (certificate.verdict.height + WINDOW < head) forget(digest, certificate);
    },
    all: (): readonly Certificate[] => [...byDigest.values()],
  };
}

const ruleKey = ({ coverageId, ruleId }: Verdict) => `${coverageId}:${ruleId}`;
