import type { Hex } from 'viem';

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
  rules: readonly Readonly<{ coverageId: Hex; ruleId: Hex; name: string; phase: string }>[];
  counts: Readonly<{
    blocks: number;
    findings: number;
    attested: number;
    certificates: number;
    trips: number;
  }>;
}>;
