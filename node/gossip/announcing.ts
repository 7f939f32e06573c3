import { setTimeout as pause } from 'node:timers/promises';
import type { Hex } from 'viem';
import type { Certificate, Domain, Verdict } from '../../protocol/types.ts';
import { verdictDigest } from '../../protocol/verdict.ts';
import { encodeCertificate } from '../../protocol/wire.ts';
import { isNews } from './certificate-judge.ts';
import { committeeOf, type Context } from './context.ts';
import type { createKnownCertificates } from './known-certificates.ts';

/** What announcements stand on. */
export type AnnouncingDeps = Readonly<{
  domain: Domain;
  context(): Context;
  known: ReturnType<typeof createKnownCertificates>;
  /** Certificates kept from before this start that are not final. */
  kept(): readonly Certificate[];
  /** Milliseconds that are left to the seats before this one. */
  patience(verdict: Verdict, digest: Hex): number;
  publish(bytes: Uint8Array): Promise<void>;
}>;

/** Tells of certificates: many nodes form one at the same time, and one voice is enough. */
export function createAnnouncing(deps: AnnouncingDeps, signal: AbortSignal) {
  const { domain, context, known, kept, patience, publish } = deps;

  /** All that are not final, each verdict's once. */
  const all = (): readonly Certificate[] => [
    ...known.all(),
    ...kept().filter(({ verdict }) => known.get(verdictDigest(domain, verdict)) === null),
  ];

  /** Tells the others, unless one of the seats before has told this node. */
  const say = async (certificate: Certificate): Promise<void> => {
    const { verdict } = certificate;
    const digest = verdictDigest(domain, verdict);
    const committee = committeeOf(context(), verdict.epoch);
    if (committee === null || isNews(context(), committee, certificate, known.get(digest)))
      known.keep(digest, certificate);
    const ms = patience(verdict, digest);
    if (ms > 0) await pause(ms, undefined, { signal }).catch(() => undefined);
    if (signal.aborted || known.isAnnounced(digest)) return;
    known.announce(digest);
    await publish(encodeCertificate(certificate));
  };

  return { all, say };
}
