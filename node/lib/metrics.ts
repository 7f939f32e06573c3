import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ChainState } from './pipeline.ts';

/** Every metric of a node, in the order a block travels. */
export const createMetrics = (register: Registry) => {
  const registers = [register];
  const milliseconds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];
  return {
    head: new Gauge({ name: 'tocsin_head_block', help: 'Newest block observed.', registers }),
    epoch: new Gauge({
      name: 'tocsin_epoch',
      help: 'Epoch in force at the newest block.',
      registers,
    }),
    blocks: new Counter({
      name: 'tocsin_blocks_total',
      help: 'Canonical blocks observed.',
      registers,
    }),
    reorgs: new Counter({ name: 'tocsin_reorgs_total', help: 'Reorgs followed.', registers }),
    requests: new Counter({
      name: 'tocsin_rpc_requests_total',
      help: 'HTTP requests and WebSocket messages to all providers, to observe the chain.',
      registers,
    }),
    calls: new Counter({
      name: 'tocsin_rpc_calls_total',
      help: 'JSON-RPC calls in those requests.',
      labelNames: ['method'],
      registers,
    }),
    rpc: new Counter({
      name: 'tocsin_rpc_faults_total',
      help: 'RPC answers that failed or were refused.',
      labelNames: ['code'],
      registers,
    }),
    rules: new Gauge({
      name: 'tocsin_rules',
      help: 'Rules of live coverages.',
      labelNames: ['phase'],
      registers,
    }),
    facts: new Counter({ name: 'tocsin_facts_total', help: 'Facts read and proven.', registers }),
    abstentions: new Counter({
      name: 'tocsin_abstentions_total',
      help: 'Rules not judged at a block.',
      labelNames: ['code'],
      registers,
    }),
    findings: new Counter({
      name: 'tocsin_findings_total',
      help: 'Rules that fired at a block.',
      registers,
    }),
    verdicts: new Counter({
      name: 'tocsin_verdicts_total',
      help: 'Verdicts signed or refused.',
      labelNames: ['outcome'],
      registers,
    }),
    blockToAttestation: new Histogram({
      name: 'tocsin_block_to_attestation_milliseconds',
      help: 'Block seen until attested.',
      buckets: milliseconds,
      registers,
    }),
    peers: new Gauge({
      name: 'tocsin_peers',
      help: 'Peers connected.',
      labelNames: ['kind'],
      registers,
    }),
    received: new Counter({
      name: 'tocsin_gossip_received_total',
      help: 'Gossip messages that came, repeats included.',
      registers,
    }),
    receivedBytes: new Counter({
      name: 'tocsin_gossip_received_bytes_total',
      help: 'Bytes of gossip messages that came, repeats included.',
      registers,
    }),
    gossip: new Counter({
      name: 'tocsin_gossip_total',
      help: 'Messages by outcome.',
      labelNames: ['topic', 'outcome', 'code'],
      registers,
    }),
    evidence: new Gauge({
      name: 'tocsin_evidence',
      help: 'Contradictions of seats stored with both signatures.',
      registers,
    }),
    certificates: new Counter({
      name: 'tocsin_certificates_total',
      help: 'Certificates by origin.',
      labelNames: ['origin'],
      registers,
    }),
    blockToCertificate: new Histogram({
      name: 'tocsin_block_to_certificate_milliseconds',
      help: 'Block seen until certified.',
      buckets: milliseconds,
      registers,
    }),
    submissions: new Counter({
      name: 'tocsin_submissions_total',
      help: 'What became of offered certificates.',
      labelNames: ['outcome'],
      registers,
    }),
    reverts: new Counter({
      name: 'tocsin_submission_reverts_total',
      help: 'Reasons not to submit, counted when they change.',
      labelNames: ['code'],
      registers,
    }),
    transactions: new Counter({
      name: 'tocsin_transactions_total',
      help: 'Transactions sent.',
      labelNames: ['kind'],
      registers,
    }),
    trips: new Counter({
      name: 'tocsin_trips_total',
      help: 'Trips the registry recorded.',
      registers,
    }),
    blockToTrip: new Histogram({
      name: 'tocsin_block_to_trip_milliseconds',
      help: 'Block seen until its trip was seen.',
      buckets: milliseconds,
      registers,
    }),
  };
};

/** Every metric of a node. */
export type Metrics = ReturnType<typeof createMetrics>;

/** A registry of its own with the process's default metrics in it. */
export function createRegister(): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return register;
}

/** What a new block changes. */
export function noteBlock(metrics: Metrics, { block, epoch, rules }: ChainState): void {
  metrics.blocks.inc();
  metrics.head.set(Number(block.height));
  metrics.epoch.set(Number(epoch));
  for (const phase of ['armed', 'shadow'] as const)
    metrics.rules.set({ phase }, rules.filter((rule) => rule.phase === phase).length);
}

/** What is counted only when somebody asks. */
export function notePeers(
  metrics: Metrics,
  { connected, seated }: Readonly<{ connected: number; seated: number }>,
): void {
  metrics.peers.set({ kind: 'connected' }, connected);
  metrics.peers.set({ kind: 'seated' }, seated);
}
