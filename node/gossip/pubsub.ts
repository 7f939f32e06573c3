import { createHash } from 'node:crypto';
import type { GossipSub, GossipSubComponents, GossipsubOpts } from '@chainsafe/libp2p-gossipsub';
import { gossipsub, StrictNoSign } from '@chainsafe/libp2p-gossipsub';
import { createTopicScoreParams } from '@chainsafe/libp2p-gossipsub/score';
import type { PeerId } from '@libp2p/interface';
import { concatBytes, stringToBytes } from 'viem';
import type { Bindings } from './bindings.ts';
import type { Topics } from './topics.ts';

/** Bytes of one gossip RPC; several messages may share one. */
const MAX_RPC = 64 * 1024;

/** Whoever falls below is heard no more. */
const GRAYLIST = -80;

/** Below gossip and publish thresholds nothing, above the graylist: a stranger listens but joins no mesh. */
const STRANGER_SCORE = -1;
const STRIKE_SCORE = -40;

type Rpc = Readonly<{
  messages?: readonly Readonly<{ data?: Uint8Array | null }>[];
  control?: Readonly<{ ihave?: readonly unknown[] }>;
}>;
// Public on the class but not in the exported interface of the pinned version; the tests of strangers hold it.
type Receiving = GossipSub & {
  handleReceivedRpc(from: PeerId, rpc: Rpc): Promise<void>;
  getScore(peer: string): number;
  sendRpc(peer: string, rpc: object): boolean;
  seenCache: { entries: Map<string, unknown> };
};

/**
 * Gossipsub that hears seats only. Messages of strangers, and of seats that lied, are taken out before gossipsub
 * marks them as seen: were they only ignored afterwards, whoever repeats a seat first could silence it.
 */
export const pubsub =
  (
    topics: Topics,
    bindings: Bindings,
    onStranger: (messages: number) => void,
    onReceived: (bytes: number) => void = () => undefined,
  ) =>
  (components: GossipSubComponents): GossipSub => {
    const service = gossipsub(gossipOptions(topics, bindings))(components) as Receiving;
    const receive = service.handleReceivedRpc.bind(service);
    service.handleReceivedRpc = async (from, rpc) => {
      const peer = from.toString();
      for (const { data } of rpc.messages ?? []) onReceived(data?.length ?? 0);
      await bindings.settled(peer);
      if (bindings.isHeard(peer)) return receive(from, rpc);
      if (rpc.messages !== undefined && rpc.messages.length > 0) onStranger(rpc.messages.length);
      const control = rpc.control === undefined ? {} : { control: { ...rpc.control, ihave: [] } };
      return receive(from, { ...rpc, messages: [], ...control });
    };
    return service;
  };

/** True of who has lied too often, before a disconnection as well; the score is up to a second old. */
export const isGraylisted = (service: GossipSub, peer: string): boolean =>
  (service as Receiving).getScore(peer) < GRAYLIST;

/** Takes a message for one that was never seen: the next to bring it is heard as well. */
export const forget = (service: GossipSub, topic: string, data: Uint8Array): void => {
  const { seenCache } = service as unknown as Receiving;
  seenCache.entries.delete(nameOf(idOf(topic, data)));
};

const idOf = (topic: string, data: Uint8Array): Uint8Array =>
  createHash('sha256')
    .update(concatBytes([stringToBytes(topic), data]))
    .digest()
    .subarray(0, 20);

const nameOf = (id: Uint8Array): string => Buffer.from(id).toString('base64');

/** Sends a message to some peers alone; whether there is one that it went to. */
export const tell = (
  service: GossipSub,
  topic: string,
  data: Uint8Array,
  peers: readonly string[],
): boolean =>
  peers
    .map((peer) =>
      (service as Receiving).sendRpc(peer, { subscriptions: [], messages: [{ topic, data }] }),
    )
    .includes(true);

/** Publishes to all peers, also what gossipsub has seen and takes for published. */
export const publishAgain = async (
  service: GossipSub,
  topic: string,
  data: Uint8Array,
): Promise<void> => {
  const { recipients } = await service.publish(topic, data);
  if (recipients.length > 0) return;
  tell(service, topic, data, service.getSubscribers(topic).map(String));
};

function gossipOptions(topics: Topics, bindings: Bindings): Partial<GossipsubOpts> {
  return {
    // Whoever signs tells all its peers itself; what is passed on is for those it does not know.
    D: 4,
    Dlo: 3,
    Dhi: 6,
    Dscore: 2,
    heartbeatInterval: 700,
    floodPublish: true,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    fallbackToFloodsub: false,
    emitSelf: false,
    doPX: false,
    globalSignaturePolicy: StrictNoSign,
    allowedTopics: Object.values(topics),
    msgIdFn: ({ topic, data }) => idOf(topic, data),
    msgIdToStrFn: nameOf,
    maxInboundStreams: 4,
    maxOutboundStreams: 4,
    maxInboundDataLength: MAX_RPC,
    maxOutboundBufferSize: 4 * 1024 * 1024,
    maxTopicBytesPerPeer: 8 * 1024,
    // One RPC of a peer is taken up after the other, so a peer that is not yet settled is held back by its stream.
    awaitRpcHandler: true,
    pruneBackoff: 10_000,
    decodeRpcLimits: {
      maxSubscriptions: 8,
      maxMessages: 512,
      maxIhaveMessageIDs: 2048,
      maxIwantMessageIDs: 2048,
      maxIdontwantMessageIDs: 512,
      maxControlMessages: 16,
      maxPeerInfos: 0,
    },
    scoreParams: {
      topics: Object.fromEntries(
        Object.values(topics).map((topic) => [topic, createTopicScoreParams(topicScore)]),
      ),
      appSpecificWeight: 1,
      appSpecificScore: (peer) =>
        (bindings.isSeated(peer) ? 0 : STRANGER_SCORE) + STRIKE_SCORE * bindings.strikes(peer),
      // Several nodes of a devnet share the loopback address.
      IPColocationFactorWhitelist: new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']),
      behaviourPenaltyThreshold: 6,
      behaviourPenaltyDecay: 0.8,
      retainScore: 10 * 60_000,
    },
    scoreThresholds: { gossipThreshold: -40, publishThreshold: -60, graylistThreshold: GRAYLIST },
  };
}

/** Traffic is rare and bursty: nothing is expected of a peer (no P3), but three false signatures silence it. */
const topicScore = {
  topicWeight: 1,
  timeInMeshWeight: 0.01,
  timeInMeshQuantum: 1_000,
  timeInMeshCap: 300,
  firstMessageDeliveriesWeight: 0.1,
  firstMessageDeliveriesDecay: 0.9,
  firstMessageDeliveriesCap: 50,
  meshMessageDeliveriesWeight: 0,
  meshFailurePenaltyWeight: 0,
  invalidMessageDeliveriesWeight: -12,
  invalidMessageDeliveriesDecay: 0.99,
};
