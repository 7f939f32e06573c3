import type { GossipSub } from '@chainsafe/libp2p-gossipsub';
import type { GossipSubComponents } from '@chainsafe/libp2p-gossipsub';
import { noise } from '@libp2p/noise';
import { yamux } from '@libp2p/yamux';
import { identify } from '@libp2p/identify';
import type { Libp2p, PrivateKey } from '@libp2p/interface';
import { ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { createLibp2p } from 'libp2p';

/** The libp2p host of a node, with gossipsub as its one service of weight. */
export type Host = Libp2p<{ pubsub: GossipSub }>;

/** Starts a host that listens on `listen` (port 0 takes a free one). */
export function createHost(
  privateKey: PrivateKey,
  listen: string,
  pubsub: (components: GossipSubComponents) => GossipSub,
): Promise<Host> {
  return createLibp2p({
    privateKey,
    addresses: { listen: [listen] },
    transports: [tcp({ maxConnections: 256 })],
    connectionEncrypters: [noise()],
    streamMuxers: [
      yamux({ maxInboundStreams: 64, maxOutboundStreams: 64, maxMessageSize: 64 * 1024 }),
    ],
    connectionManager: {
      maxConnections: 256,
      // The defaults, 5 a second and 10 at once for one address, refuse a devnet's nodes with a misleading reset.
      inboundConnectionThreshold: 64,
      maxIncomingPendingConnections: 64,
      maxParallelDials: 16,
      dialTimeout: 5_000,
      // Reconnecting is done by keepDialling.
      reconnectRetries: 0,
    },
    connectionMonitor: { pingInterval: 60_000, pingTimeout: { minTimeout: 10_000 } },
    services: { identify: identify({ timeout: 10_000 }), ping: ping(), pubsub },
  });
}
