import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { createKeyring } from '../../../../node/lib/keyring.ts';
import { loadFast } from '../../../../protocol/bls-fast.ts';
import type { Attestation, Certificate, Committee } from '../../../../protocol/types.ts';
import type { Context } from '../../../../node/gossip/context.ts';
import type { Gossip, GossipDeps, GossipOptions } from '../../../../node/gossip/gossip.ts';
import { createGossip } from '../../../../node/gossip/gossip.ts';
import type { Equivocation } from '../../../../node/lib/pipeline.ts';
import { committeeOf, covered, domain, hash, secretsOf } from './committee.ts';

/** One watcher's gossip, and everything that came out of it. */
export type Watcher = Gossip &
  Readonly<{
    heard: Attestation[];
    certified: Certificate[];
    counts: Map<string, number>;
    evidence: Equivocation[];
    faults: string[];
    address: string;
    count(key: string): number;
  }>;

/** Hot account of a seat. */
export const hotAccount = (seat: number) => privateKeyToAccount(hash(`hot ${seat}`));

/** A committee of `seats` watchers and a chain at height 100 that all of them see. */
export async function createTown(seats: number, weights?: readonly bigint[]) {
  const secrets = secretsOf(seats);
  const committee = committeeOf(secrets, weights);
  const chain = {
    head: 100n,
    committees: [committee] as readonly Committee[],
    struck: new Set<number>(),
    /** Empty: a watcher that knows no height hears of any block. */
    hashes: new Map<bigint, readonly Hex[]>(),
  };
  const keyring = createKeyring(await loadFast());
  const abort = new AbortController();
  const open: Gossip[] = [];

  const context = (): Context => ({
    head: chain.head,
    committees: chain.committees,
    ruleOf: (coverageId, ruleId) =>
      coverageId === covered.coverageId && ruleId === covered.ruleId ? covered : null,
    isCalled: () => null,
    isStruck: (_, seat) => chain.struck.has(seat),
    hashesAt: (height) => chain.hashes.get(height) ?? [],
  });
  const submitters = new Map<Hex, Hex>(
    committee.seats.map(({ index, keyHash }) => [keyHash, hotAccount(index).address]),
  );

  /** Joins as a seat, or as an observer with null. */
  const join = async (
    seat: number | null,
    peers: readonly string[],
    changes: Partial<GossipDeps> = {},
    options: Partial<GossipOptions> = {},
  ): Promise<Watcher> => {
    const counts = new Map<string, number>();
    const [evidence, faults]: [Equivocation[], string[]] = [[], []];
    const gossip = await createGossip(
      {
        domain,
        keyring,
        privateKey: await generateKeyPair('Ed25519'),
        seat:
          seat === null
            ? null
            : { own: new Set([committee.seats[seat]!.keyHash]), account: hotAccount(seat) },
        context,
        submitterOf: async (keyHash) => submitters.get(keyHash) ?? null,
        certificates: () => [],
        onOutcome: (channel, outcome, code) => {
          for (const key of [`${channel} ${outcome} ${code}`, code])
            counts.set(key, (counts.get(key) ?? 0) + 1);
        },
        onEquivocation: (found) => evidence.push(found),
        onFault: (where, _, error) =>
          faults.push(`${where}: ${String((error as { code?: string }).code ?? error)}`),
        ...changes,
      },
      { listen: '/ip4/127.0.0.1/tcp/0', peers, ...options },
      abort.signal,
    );
    open.push(gossip);
    const [heard, certified]: [Attestation[], Certificate[]] = [[], []];
    void (async () => {
      for await (const attestation of gossip.attestations) heard.push(attestation);
    })();
    void (async () => {
      for await (const certificate of gossip.certificates) certified.push(certificate);
    })();
    const count = (key: string) => counts.get(key) ?? 0;
    return {
      ...gossip,
      heard,
      certified,
      counts,
      evidence,
      faults,
      count,
      address: gossip.addresses()[0]!,
    };
  };

  /** Every seat joins and dials those before it. */
  const joinAll = async (): Promise<readonly Watcher[]> => {
    const watchers: Watcher[] = [];
    for (let seat = 0; seat < seats; seat++)
      watchers.push(
        await join(
          seat,
          watchers.map(({ address }) => address),
        ),
      );
    return watchers;
  };

  const close = async () => {
    for (const gossip of open.reverse()) await gossip.close();
    abort.abort();
  };

  return { secrets, committee, chain, keyring, submitters, context, join, joinAll, close };
}

export type Town = Awaited<ReturnType<typeof createTown>>;
