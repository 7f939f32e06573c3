import { setTimeout as wait } from 'node:timers/promises';
import type { Connection, Stream } from '@libp2p/interface';
import type { Bindings } from './bindings.ts';
import type { CatchUpSource } from './catch-up.ts';
import { answerMissed, askMissed } from './catch-up.ts';
import type { Channels } from './channels.ts';
import type { Context } from './context.ts';
import { WINDOW } from './context.ts';
import { createCrowd } from './crowd.ts';
import type { Claim, HandshakeDeps } from './handshake.ts';
import { isRefused, shakeHands, vouch } from './handshake.ts';
import type { Host } from './host.ts';
import type { OnOutcome } from './outcome.ts';
import { createPace } from './pace.ts';
import { CATCH_UP, HANDSHAKE } from './topics.ts';

/** Items of an answer judged at once: half of what a peer may have waiting, the rest is for what it says meanwhile. */
const CHUNK = 32;
/** Handshakes of one peer begun in a second; an honest one retries after a second at the earliest. */
const HANDSHAKES = 2;
const ANSWER_EVERY_MS = 1_000;
const ASK_AGAIN_MS = 2_000;
const nothing: CatchUpSource = { attestations: () => [], certificates: () => [] };
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** What a connection goes through: handshake, then catch-up in both directions. */
export type SessionDeps = Readonly<{
  host: Host;
  bindings: Bindings;
  channels: Pick<Channels, 'judge'>;
  handshake: HandshakeDeps;
  source: CatchUpSource;
  /** Connections of peers without a seat kept at once. */
  strangers: number;
  context(): Context;
  onOutcome: OnOutcome;
  onFault(where: string, peer: string, error: unknown): void;
}>;

/** The sessions of all peers. */
export type Sessions = Readonly<{ advance(): Promise<void> }>;

/** Serves both stream protocols and starts a session with every peer that connects, until the signal aborts. */
export async function openSessions(deps: SessionDeps, signal: AbortSignal): Promise<Sessions> {
  const { host, bindings, onFault } = deps;
  const crowd = createCrowd(host, bindings, deps.handshake.mayHaveSeat, deps.strangers);
  const answers = createPace(1, ANSWER_EVERY_MS);
  const handshakes = createPace(HANDSHAKES, 1_000);
  const asked = new Set<string>();

  /** Once a connection, and not before the peer has a seat: this node may not know the roster yet. */
  const ask = async (connection: Connection): Promise<void> => {
    const peer = connection.remotePeer.toString();
    if (asked.has(peer) || !bindings.isSeated(peer)) return;
    asked.add(peer);
    await catchUp(deps, connection, signal);
    // What a peer published before our subscription reached it went to nobody, and gossipsub does not repeat it.
    await wait(ASK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted && connection.status === 'open') await catchUp(deps, connection, signal);
  };

  const shake = async (stream: Stream, peer: string): Promise<void> => {
    const key = deps.handshake.keyHash();
    const claim = await shakeHands(deps.handshake, stream, peer, signal);
    bindings.postpone(peer, claim?.isVouched === false ? claim : null);
    bindings.bind(peer, claim?.isVouched === true ? claim.keyHash : null);
    bindings.show(peer, key);
  };

  const openHandshake = (connection: Connection): Promise<Stream> =>
    connection.newStream(HANDSHAKE, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]),
    });

  /** Shows a peer the key that has come into a roster since, in place of the one before. */
  const renew = async (connection: Connection): Promise<void> => {
    const peer = connection.remotePeer.toString();
    const [former, key] = [bindings.shownTo(peer), deps.handshake.keyHash()];
    if (former === null || key === null || former === key || connection.status !== 'open') return;
    bindings.show(peer, key);
    try {
      await shake(await openHandshake(connection), peer);
    } catch (error) {
      // The next block is another try.
      bindings.show(peer, former);
      onFault('handshake', peer, error);
    }
  };

  /** A key that has come into a roster since it was claimed. */
  const settle = async ({ peer, claim }: Readonly<{ peer: string; claim: Claim }>) => {
    try {
      await vouch(deps.handshake, claim);
      bindings.bind(peer, claim.keyHash);
      bindings.postpone(peer, null);
    } catch (error) {
      // Where the chain could not be read, the next block asks again.
      if (isRefused(error)) bindings.postpone(peer, null);
      onFault('handshake', peer, error);
    }
  };

  /** The dialling end leads and tries again: the other's chain access may have been down. */
  const lead = async (connection: Connection): Promise<void> => {
    const peer = connection.remotePeer.toString();
    for (
      let pause = FIRST_RETRY_MS;
      !signal.aborted && connection.status === 'open';
      pause = Math.min(2 * pause, LONGEST_RETRY_MS)
    ) {
      try {
        await shake(await openHandshake(connection), peer);
        return await ask(connection);
      } catch (error) {
        if (signal.aborted) return;
        onFault('handshake', peer, error);
        bindings.bind(peer, null);
      }
      await wait(pause, undefined, { signal }).catch(() => undefined);
    }
  };

  const follow = async (stream: Stream, connection: Connection): Promise<void> => {
    const peer = connection.remotePeer.toString();
    // Before anything is signed, recovered or read.
    if (!handshakes.may(peer)) return stream.abort(new DOMException('too many', 'AbortError'));
    try {
      await shake(stream, peer);
      await ask(connection);
    } catch (error) {
      stream.abort(error as Error);
      onFault('handshake', peer, error);
    }
  };

  const answer = async (stream: Stream, connection: Connection): Promise<void> => {
    const peer = connection.remotePeer.toString();
    try {
      await bindings.settled(peer);
      const isSeated = bindings.isSeated(peer);
      const refused = !isSeated || !answers.may(peer);
      if (refused) deps.onOutcome('catchup', 'ignore', isSeated ? 'TOO_MANY' : 'STRANGER');
      await answerMissed(stream, refused ? nothing : deps.source, signal);
    } catch (error) {
      stream.abort(error as Error);
      onFault('catchup', peer, error);
    }
  };

  host.addEventListener('connection:open', ({ detail: connection }) => {
    bindings.open(connection.remotePeer.toString());
    crowd.admit(connection);
    if (connection.direction === 'outbound')
      void lead(connection).catch((error: unknown) =>
        onFault('session', connection.remotePeer.toString(), error),
      );
  });
  host.addEventListener('peer:disconnect', ({ detail }) => {
    bindings.forget(detail.toString());
    answers.forget(detail.toString());
    handshakes.forget(detail.toString());
    asked.delete(detail.toString());
  });
  await host.handle(HANDSHAKE, follow, { maxInboundStreams: 2, maxOutboundStreams: 2 });
  await host.handle(CATCH_UP, answer, { maxInboundStreams: 2, maxOutboundStreams: 2 });

  /** At a new block: binds and asks the peers whose seat has become known by it, and shows them a new key of this node. */
  const advance = async (): Promise<void> => {
    await Promise.all(bindings.due().map(settle));
    crowd.thin();
    const connections = host.getConnections();
    await Promise.all([...connections.map(ask), ...connections.map(renew)]);
  };

  return { advance };
}

/** Asks one peer for what was missed and judges it like gossip; the first false thing ends it. */
async function catchUp(
  deps: SessionDeps,
  connection: Connection,
  signal: AbortSignal,
): Promise<void> {
  const { bindings, channels, context, onFault } = deps;
  const peer = connection.remotePeer.toString();
  const { head } = context();
  let chunk: Promise<boolean>[] = [];
  /** A strike for each false thing. */
  const judged = async (): Promise<boolean> => {
    const results = await Promise.all(chunk);
    chunk = [];
    for (const isTrue of results) if (!isTrue) bindings.strike(peer);
    return results.every(Boolean);
  };
  try {
    const stream = await connection.newStream(CATCH_UP, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]),
    });
    for await (const { channel, bytes } of askMissed(
      stream,
      head > WINDOW ? head - WINDOW : 0n,
      signal,
    )) {
      chunk.push(
        channels.judge('catchup', channel, bytes, peer).then(({ outcome }) => outcome !== 'reject'),
      );
      if (chunk.length < CHUNK || (await judged())) continue;
      stream.abort(new DOMException('a false message', 'AbortError'));
      return;
    }
    await judged();
  } catch (error) {
    if (!signal.aborted) onFault('catchup', peer, error);
  }
}
