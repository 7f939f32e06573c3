import type { Hex } from 'viem';
import type { Claim } from './verification.ts';

/** What one peer may have waiting. Claims of one digest cost little more than one, so digests bound first. */
const DIGESTS = 64;
const CLAIMS = 512;

/** A claim that waits for its answer; null is "not looked at". */
export type Waiting = Readonly<{
  claim: Claim;
  resolve(isValid: boolean | null): void;
  reject(error: unknown): void;
}>;

/** Claims of one digest that one peer brought. Suspects failed together and share a check with no other peer's. */
export type Share = Readonly<{
  peer: string;
  digest: Hex;
  isSuspect: boolean;
  waiting: readonly Waiting[];
}>;

/**
 * Claims by the peer that brought them (the seat they name may be forged). Peers take turns, so whoever brings much
 * waits behind himself only.
 */
export function createClaimQueue(isHeard: (peer: string) => boolean) {
  const byPeer = new Map<string, readonly Share[]>();
  let size = 0;

  /** Whoever was served goes to the end of the line. */
  const set = (peer: string, shares: readonly Share[], isServed: boolean) => {
    if (isServed || shares.length === 0) byPeer.delete(peer);
    if (shares.length > 0) byPeer.set(peer, shares);
  };

  /** How many claims of the peer wait with it; null when there is no room for it. */
  const add = (peer: string, waiting: Waiting): number | null => {
    const shares = byPeer.get(peer) ?? [];
    const { digest } = waiting.claim;
    const at = shares.findIndex((share) => !share.isSuspect && share.digest === digest);
    if (at < 0 && shares.length >= DIGESTS) return null;
    const before = shares.reduce((sum, share) => sum + share.waiting.length, 0);
    if (before >= CLAIMS) return null;
    const own = shares[at] ?? { peer, digest, isSuspect: false, waiting: [] };
    const longer = { ...own, waiting: [...own.waiting, waiting] };
    set(peer, at < 0 ? [...shares, longer] : shares.with(at, longer), false);
    size++;
    return before + 1;
  };

  /** Takes at most `most` claims out of a share. */
  const cut = (share: Share, most: number, isServed: boolean): Share => {
    const taken = { ...share, waiting: share.waiting.slice(0, most) };
    const rest = { ...share, waiting: share.waiting.slice(most) };
    const shares = (byPeer.get(share.peer) ?? []).flatMap((other) =>
      other !== share ? [other] : rest.waiting.length > 0 ? [rest] : [],
    );
    set(share.peer, shares, isServed);
    size -= taken.waiting.length;
    return taken;
  };

  /** What a peer that is heard no more had waiting is nobody's work. */
  const drop = (peer: string) => {
    for (const { waiting } of byPeer.get(peer) ?? [])
      for (const { resolve } of waiting) {
        resolve(null);
        size--;
      }
    byPeer.delete(peer);
  };

  /** The oldest share of the peer whose turn it is, and what others say of its digest; empty when none of `ready` waits. */
  const next = (most: number, ready: ReadonlySet<Hex>): readonly Share[] => {
    for (const [peer, shares] of byPeer) {
      const first = shares.find(({ digest }) => ready.has(digest));
      if (!isHeard(peer)) drop(peer);
      else if (first !== undefined) {
        const group = first.isSuspect ? [first] : [first, ...others(first)];
        let room = most;
        return group.flatMap((share) => {
          if (room === 0) return [];
          const taken = cut(share, room, share === first);
          room -= taken.waiting.length;
          return [taken];
        });
      }
    }
    return [];
  };

  const others = ({ peer, digest }: Share): readonly Share[] =>
    [...byPeer].flatMap(([other, shares]) => {
      const same = shares.find((share) => !share.isSuspect && share.digest === digest);
      return same === undefined || other === peer || !isHeard(other) ? [] : [same];
    });

  /** Halves of a share that failed: its peer's next turns are spent on them. */
  const putBack = ({ waiting, ...share }: Share) => {
    const middle = waiting.length >> 1;
    const halves = [waiting.slice(0, middle), waiting.slice(middle)].map((half) => ({
      ...share,
      isSuspect: true,
      waiting: half,
    }));
    set(share.peer, [...halves, ...(byPeer.get(share.peer) ?? [])], false);
    size += waiting.length;
  };

  /** What waits of one digest, whoever brought it. */
  const of = (digest: Hex): readonly Claim[] =>
    [...byPeer].flatMap(([peer, shares]) =>
      (isHeard(peer) ? shares : [])
        .filter((share) => share.digest === digest)
        .flatMap(({ waiting }) => waiting.map(({ claim }) => claim)),
    );

  return { add, next, of, putBack, size: () => size };
}
