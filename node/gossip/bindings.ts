import type { Hex } from 'viem';
import type { Claim } from './handshake.ts';

/** How long messages of a peer wait for its handshake before it is taken for an observer. */
const SETTLE_MS = 3_000;

/** Peers that may speak for one seat at once: a node, and its successor while it takes over. */
const PEERS_PER_SEAT = 2;

/** False signatures of a connection before nothing more of it is looked at; gossipsub has silenced it as well then. */
const LIES = 3;

/** Which peer has proven which seat. */
export type Bindings = ReturnType<typeof createBindings>;

/** Keeps one entry a connected peer; `hasSeat` is asked anew each time, since rosters change. */
export function createBindings(hasSeat: (keyHash: Hex) => boolean) {
  type Entry = {
    keyHash: Hex | null;
    /** A key that no roster held when it was claimed. */
    claim: Claim | null;
    /** The own key that it was shown last. */
    shown: Hex | null;
    strikes: number;
    lies: number;
    isSettled: boolean;
    settled: Promise<void>;
    settle(): void;
  };
  const entries = new Map<string, Entry>();

  /** Starts the wait of a peer that has just connected. */
  const open = (peer: string) => {
    if (entries.has(peer)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const settle = () => {
      clearTimeout(timer);
      entry.isSettled = true;
      resolve();
    };
    const timer = setTimeout(settle, SETTLE_MS);
    const none = { keyHash: null, claim: null, shown: null, strikes: 0, lies: 0 };
    const entry: Entry = { ...none, isSettled: false, settled: promise, settle };
    entries.set(peer, entry);
  };

  /** Ends the wait; null is an observer. The peers that held the seat longest lose it. */
  const bind = (peer: string, keyHash: Hex | null) => {
    const entry = entries.get(peer);
    if (entry === undefined) return;
    if (keyHash !== null) {
      const holders = [...entries.values()].filter(
        (other) => other !== entry && other.keyHash === keyHash,
      );
      for (const holder of holders.slice(0, Math.max(0, holders.length - PEERS_PER_SEAT + 1)))
        holder.keyHash = null;
      entry.keyHash = keyHash;
    }
    entry.settle();
  };

  /** Waits with a claim until a roster holds its key; null takes it back. */
  const postpone = (peer: string, claim: Claim | null) => {
    const entry = entries.get(peer);
    if (entry !== undefined) entry.claim = claim;
  };

  /** Claims whose key some roster holds by now. */
  const due = (): readonly Readonly<{ peer: string; claim: Claim }>[] =>
    [...entries].flatMap(([peer, { claim }]) =>
      claim !== null && hasSeat(claim.keyHash) ? [{ peer, claim }] : [],
    );

  const show = (peer: string, keyHash: Hex | null) => {
    const entry = entries.get(peer);
    if (entry !== undefined) entry.shown = keyHash;
  };

  const forget = (peer: string) => {
    entries.get(peer)?.settle();
    entries.delete(peer);
  };

  const isSeated = (peer: string): boolean => {
    const keyHash = entries.get(peer)?.keyHash ?? null;
    return keyHash !== null && hasSeat(keyHash);
  };

  return {
    open,
    bind,
    postpone,
    due,
    show,
    shownTo: (peer: string): Hex | null => entries.get(peer)?.shown ?? null,
    forget,
    isSeated,
    /** Peers that have shown this key. */
    peersOf: (keyHash: Hex): readonly string[] =>
      [...entries].flatMap(([peer, entry]) => (entry.keyHash === keyHash ? [peer] : [])),
    keyHashOf: (peer: string): Hex | null => entries.get(peer)?.keyHash ?? null,
    isSettled: (peer: string): boolean => entries.get(peer)?.isSettled ?? true,
    settled: (peer: string): Promise<void> => entries.get(peer)?.settled ?? Promise.resolve(),
    strike: (peer: string) => {
      const entry = entries.get(peer);
      if (entry !== undefined) entry.strikes++;
    },
    blame: (peer: string) => {
      const entry = entries.get(peer);
      if (entry !== undefined) entry.lies++;
    },
    isHeard: (peer: string): boolean => isSeated(peer) && entries.get(peer)!.lies < LIES,
    strikes: (peer: string) => entries.get(peer)?.strikes ?? 0,
    seated: (): readonly Hex[] => [
      ...new Set([...entries.keys()].filter(isSeated).map((peer) => entries.get(peer)!.keyHash!)),
    ],
    size: () => entries.size,
  };
}
