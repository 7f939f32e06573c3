/** Lets each peer do a thing a few times within a span, and no more. */
export function createPace(times: number, spanMs: number, now: () => number = Date.now) {
  const byPeer = new Map<string, readonly number[]>();
  return {
    /** Counts the time it says yes. */
    may: (peer: string): boolean => {
      const lately = (byPeer.get(peer) ?? []).filter((at) => now() - at < spanMs);
      if (lately.length >= times) return false;
      byPeer.set(peer, [...lately, now()]);
      return true;
    },
    forget: (peer: string) => {
      byPeer.delete(peer);
    },
  };
}
