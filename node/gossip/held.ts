/** Messages held in all, and of one peer: an eighth. */
const HELD = 1024;
const PER_PEER = 128;

/** What came too early, with the peer that brought it. */
export type Held<M extends Readonly<{ peer: string }>> = ReturnType<typeof createHeld<M>>;

/** A bounded memory that peers share fairly: when it is full, whoever holds the most loses his oldest. */
export function createHeld<M extends Readonly<{ peer: string }>>() {
  let byPeer = new Map<string, M[]>();
  let size = 0;

  const shift = (messages: M[]) => {
    messages.shift();
    size--;
  };

  return {
    add: (message: M) => {
      const own = byPeer.get(message.peer) ?? [];
      byPeer.set(message.peer, own);
      if (own.length >= PER_PEER) shift(own);
      else if (size >= HELD)
        shift([...byPeer.values()].reduce((a, b) => (b.length > a.length ? b : a)));
      own.push(message);
      size++;
    },
    /** Everything held, which is held no longer. */
    take: (): readonly M[] => {
      const messages = [...byPeer.values()].flat();
      byPeer = new Map();
      size = 0;
      return messages;
    },
  };
}
