import type { Connection } from '@libp2p/interface';
import type { Hex } from 'viem';
import type { Bindings } from './bindings.ts';
import type { Host } from './host.ts';

/** Connections one peer may have: two ends that dial each other at once have two. */
const PER_PEER = 4;

/** A connection somebody without a seat has opened. */
type Stranger = Readonly<{ isSettled: boolean; openedAt: number }>;

/**
 * Which of the strangers have to go: first whoever showed no seat, then whoever still may; the oldest first, since a
 * seat needs a moment only to prove itself.
 */
export const surplus = <S extends Stranger>(strangers: readonly S[], most: number): readonly S[] =>
  strangers
    .toSorted((a, b) => Number(b.isSettled) - Number(a.isSettled) || a.openedAt - b.openedAt)
    .slice(0, Math.max(0, strangers.length - most));

/** Keeps room for seats: idle strangers shall not fill the host. What this node dialled itself is not counted. */
export function createCrowd(
  host: Host,
  bindings: Pick<Bindings, 'keyHashOf' | 'isSettled'>,
  mayHaveSeat: (keyHash: Hex) => boolean,
  most: number,
) {
  const isStranger = ({ remotePeer, direction, status }: Connection) => {
    const keyHash = bindings.keyHashOf(remotePeer.toString());
    const isWelcome = keyHash !== null && mayHaveSeat(keyHash);
    return direction === 'inbound' && status === 'open' && !isWelcome;
  };

  /** To be called at each new connection and whenever seats may have changed. */
  const thin = () => {
    const strangers = host
      .getConnections()
      .filter(isStranger)
      .map((connection) => ({
        connection,
        isSettled: bindings.isSettled(connection.remotePeer.toString()),
        openedAt: connection.timeline.open,
      }));
    for (const { connection } of surplus(strangers, most)) drop(connection);
  };

  const admit = (connection: Connection) => {
    if (host.getConnections(connection.remotePeer).length > PER_PEER) drop(connection);
    thin();
  };

  return { admit, thin };
}

const drop = (connection: Connection) =>
  connection.abort(new DOMException('too many strangers', 'AbortError'));
