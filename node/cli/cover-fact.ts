import type { Hex } from 'viem';
import type { NamedRule } from '../../protocol/named-rule.ts';
import type { Rule } from '../../protocol/types.ts';
import { ruleId } from '../../protocol/verdict.ts';
import type { Block, CoveredRule } from '../lib/pipeline.ts';
import { type Head, NO_COVERAGE } from './cover-standing.ts';
import type { Network } from './options.ts';

/** What a stage is told of the newest block; what it does not look at is zero. */
export const blockOf = (
  { chainId }: Network,
  { number, hash, parentHash, timestamp }: Head,
): Block => ({
  hash,
  parentHash,
  timestamp,
  height: number,
  chainId: BigInt(chainId),
  stateRoot: NO_COVERAGE,
});

/** A rule as a stage is told of one in shadow. */
export const shadowOf = (
  { name, kind }: NamedRule,
  rule: Rule,
  bytecode: Hex | null,
): CoveredRule => ({
  coverageId: NO_COVERAGE,
  ruleId: ruleId(rule),
  name,
  kind,
  target: rule.code,
  rule,
  bytecode,
  phase: 'shadow',
  armedAt: 0n,
  notBefore: 0n,
  escrow: 0n,
  lastHeight: 0n,
  anchor: null,
});
