import { setTimeout as wait } from 'node:timers/promises';
import type { Libp2p } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 15_000;

/** Dials each address until the signal aborts: backs off while nobody answers, and dials anew when a peer is lost. */
export async function keepDialling(
  host: Libp2p,
  addresses: readonly string[],
  signal: AbortSignal,
  onDialled: (address: string, error: unknown) => void = () => undefined,
): Promise<void> {
  await Promise.all(addresses.map((address) => keepOne(host, address, signal, onDialled)));
}

async function keepOne(
  host: Libp2p,
  address: string,
  signal: AbortSignal,
  onDialled: (address: string, error: unknown) => void,
): Promise<void> {
  let pause = FIRST_WAIT_MS;
  while (!signal.aborted) {
    try {
      const { remotePeer } = await host.dial(multiaddr(address), { signal });
      onDialled(address, null);
      pause = FIRST_WAIT_MS;
      // Its own address in its list of peers, as when all nodes share one list.
      if (remotePeer.equals(host.peerId)) return;
      await lost(host, remotePeer.toString(), signal);
    } catch (error) {
      if (signal.aborted || isSelf(error)) return;
      onDialled(address, error);
    }
    // Spread between half and all of the pause, so that two ends do not dial each other in step.
    await wait(pause * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    pause = Math.min(pause * 2, LONGEST_WAIT_MS);
  }
}

/** Waits until a peer has no connection left. */
async function lost(host: Libp2p, peer: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const check = () => {
    if (
      !host
        .getConnections()
        .some(({ remotePeer, status }) => remotePeer.toString() === peer && status === 'open')
    )
      resolve();
  };
  const done = () => resolve();
  host.addEventListener('peer:disconnect', check);
  signal.addEventListener('abort', done, { once: true });
  if (signal.aborted) resolve();
  check();
  await promise;
  host.removeEventListener('peer:disconnect', check);
  signal.removeEventListener('abort', done);
}

const isSelf = (error: unknown) => error instanceof Error && /dial self/i.test(error.message);
