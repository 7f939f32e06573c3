import { type Hex, stringToHex } from 'viem';
import { breakerHubAbi, registryAbi } from '../../protocol/abi.ts';
import { canonicalManifest, type Manifest } from '../../protocol/manifest.ts';
import { evmRule } from '../../protocol/verdict.ts';
import type { Change, PlannedRule } from './cover-change.ts';
import type { Head, Standing } from './cover-standing.ts';
import type { Request } from './transact.ts';

const NO_ANCHOR = [0n, `0x${'00'.repeat(32)}`] as const;

/** The registry's, with the errors of the hub, which pass through it. */
const abi = [...registryAbi, ...breakerHubAbi.filter(({ type }) => type === 'error')];

/** The transaction that makes or amends a coverage; null when the chain says it already. */
export function changeRequest(
  registry: Hex,
  manifest: Manifest,
  change: Change,
  found: Standing | null,
  fund: bigint,
): Request | null {
  const rules = change.rules.map(({ rule }) => evmRule(rule));
  const bytes = stringToHex(canonicalManifest(manifest));
  const to = { address: registry, abi } as const;
  switch (change.kind) {
    case 'none':
      return null;
    case 'cover': {
      const args = [manifest.target, rules, bytes];
      return { ...to, name: 'cover', functionName: 'cover', args, value: fund };
    }
    case 'amend': {
      const args = [found!.coverageId, found!.ruleIds, rules, bytes];
      return { ...to, name: 'amend', functionName: 'amend', args };
    }
  }
}

/** The transaction that fills the escrow of a live coverage up to `fund`; null when it holds as much. */
export function fundRequest(
  registry: Hex,
  change: Change,
  found: Standing | null,
  fund: bigint,
): Request | null {
  if (change.kind === 'cover' || found === null || found.escrow >= fund) return null;
  const to = { address: registry, abi } as const;
  const value = fund - found.escrow;
  return { ...to, name: 'fund', functionName: 'fund', args: [found.coverageId], value };
}

/** The transaction that arms a rule. The newest block's own hash is known only in the block after it. */
export function armRequest(
  registry: Hex,
  coverageId: Hex,
  { ruleId, rule, named }: PlannedRule,
  { number, parentHash }: Head,
): Request {
  const anchor =
    rule.reference.kind === 'anchor' ? ([number - 1n, parentHash] as const) : NO_ANCHOR;
  return {
    address: registry,
    abi,
    name: `arm ${named.name}`,
    functionName: 'arm',
    args: [coverageId, ruleId, ...anchor],
  };
}
