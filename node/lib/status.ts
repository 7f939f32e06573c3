import type { Hex } from 'viem';
import type { ChainState } from './pipeline.ts';

/** Milliseconds without a block after which a node calls itself unhealthy. */
const STALE_MS = 60_000;

/** What /status shows of a running node; bigints are decimal strings there. */
export type NodeStatus = Readonly<{
  /** False while the newest block is late or no roster is in force. */
  healthy: boolean;
  /** Newest block observed, null before the first. */
  head: Readonly<{ height: bigint; hash: Hex }> | null;
  epoch: bigint;
  /** Own seat in the roster in force, null without one. */
  seat: number | null;
  /** `seated` peers have proven which seat they speak for. */
  peers: Readonly<{ connected: number; seated: number }>;
  /** Seats' contradictions that are stored with both signatures, of this run and earlier ones. */
  evidence: number;
  rules: readonly Readonly<{ coverageId: Hex; ruleId: Hex; name: string; phase: string }>[];
  counts: Readonly<{
    blocks: number;
    findings: number;
    attested: number;
    certificates: number;
    trips: number;
  }>;
}>;

/** The status of a node: `age` is how long ago its newest block was seen, in milliseconds. */
export function statusOf(
  state: Readonly<{ newest: ChainState | null; age: number | null }> &
    Pick<NodeStatus, 'seat' | 'peers' | 'evidence'>,
  counts: NodeStatus['counts'],
): NodeStatus {
  const { newest, age, seat, peers, evidence } = state;
  return {
    healthy: newest !== null && newest.committee !== null && age !== null && age < STALE_MS,
    head: newest === null ? null : { height: newest.block.height, hash: newest.block.hash },
    epoch: newest?.epoch ?? 0n,
    seat,
    peers,
    evidence,
    rules: (newest?.rules ?? []).map(({ coverageId, ruleId, name, phase }) => ({
      coverageId,
      ruleId,
      name,
      phase,
    })),
    counts,
  };
}
