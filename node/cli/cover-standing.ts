import { concatHex, getAbiItem, type Hex, hexToBytes, keccak256 } from 'viem';
import { breakerHubAbi, registryAbi } from '../../protocol/abi.ts';
import { type Manifest, parseManifest } from '../../protocol/manifest.ts';
import { ruleOf } from '../../protocol/named-rule.ts';
import { ruleId } from '../../protocol/verdict.ts';
import { refuse } from '../lib/refusal.ts';
import { logsOf } from './logs.ts';
import type { Network } from './options.ts';

/** Zero: what the registry answers when there is no coverage. */
export const NO_COVERAGE: Hex = `0x${'00'.repeat(32)}`;

const PHASES = ['none', 'shadow', 'armed'] as const;
const CLASSES = ['-', 'A', 'B', 'C'] as const;

/** A coverage as the chain has it at one block. Times are unix seconds, heights are blocks, amounts are wei. */
export type Standing = Readonly<{
  coverageId: Hex;
  target: Hex;
  owner: Hex;
  retired: boolean;
  escrow: bigint;
  notBefore: bigint;
  /** What the newest event names; null when it is no manifest of these rules. */
  manifest: Manifest | null;
  ruleIds: readonly Hex[];
  rules: readonly StandingRule[];
}>;

/** One rule of it. */
export type StandingRule = Readonly<{
  ruleId: Hex;
  name: string;
  phase: (typeof PHASES)[number];
  class: (typeof CLASSES)[number];
  rung: number;
  life: number;
  armedAt: bigint;
  armableAt: bigint;
  lastHeight: bigint;
  anchor: Hex | null;
}>;

/** The block that a command reads everything at. */
export type Head = Readonly<{
  number: bigint;
  timestamp: bigint;
  hash: Hex;
  parentHash: Hex;
  baseFee: bigint;
}>;

/** The newest block. */
export async function headOf({ client }: Network): Promise<Head> {
  const { number, timestamp, hash, parentHash, baseFeePerGas } = await client.getBlock();
  return { number, timestamp, hash, parentHash, baseFee: baseFeePerGas ?? 0n };
}

/** The coverage that the registry names for a target, retired or not; zero when there is none. */
export const coverageIdOf = (
  { client, deployment }: Network,
  target: Hex,
  { number }: Head,
): Promise<Hex> =>
  client.readContract({
    address: deployment.registry,
    abi: registryAbi,
    functionName: 'coverageOf',
    args: [target],
    blockNumber: number,
  });

/** A coverage by its id; null when the registry knows none. */
export async function standingOf(
  network: Network,
  coverageId: Hex,
  head: Head,
): Promise<Standing | null> {
  const { client, deployment } = network;
  const registry = {
    address: deployment.registry,
    abi: registryAbi,
    blockNumber: head.number,
  } as const;
  const named = await namedBy(network, coverageId);
  if (named === null) return null;
  const { target, owner, retired, escrow, notBefore } = await client.readContract({
    ...registry,
    functionName: 'coverage',
    args: [coverageId],
  });
  const { ruleIds } = named;
  const pinned = await client.readContract({
    ...registry,
    functionName: 'rulesHash',
    args: [coverageId],
  });
  if (keccak256(concatHex(ruleIds)) !== pinned)
    throw refuse('EVENTS_MISSING', {
      field: '--rpc',
      problem: `the provider leaves out an event of coverage ${coverageId}`,
      fix: 'name another provider',
    });
  const manifest = manifestOf(named.manifest, ruleIds);
  const states = await Promise.all(
    ruleIds.map((id) =>
      client.readContract({ ...registry, functionName: 'ruleState', args: [coverageId, id] }),
    ),
  );
  const anchors = await Promise.all(
    ruleIds.map((id) =>
      client.readContract({ ...registry, functionName: 'anchor', args: [coverageId, id] }),
    ),
  );
  const rules = ruleIds.map((id, index): StandingRule => {
    const { phase, class: ofClass, rung, life, armedAt, armableAt, lastHeight } = states[index]!;
    return {
      ruleId: id,
      name: manifest?.rules[index]?.name ?? id.slice(0, 10),
      phase: PHASES[phase] ?? 'none',
      class: CLASSES[ofClass] ?? '-',
      rung,
      life,
      armedAt: BigInt(armedAt),
      armableAt: BigInt(armableAt),
      lastHeight: BigInt(lastHeight),
      anchor: BigInt(anchors[index]!) === 0n ? null : anchors[index]!,
    };
  });
  return { coverageId, target, owner, retired, escrow, notBefore, manifest, ruleIds, rules };
}

/** Until when each rung of a target is tripped, 0 when it is not. */
export async function tripsOf({ client, deployment }: Network, target: Hex, head: Head) {
  const rungs = [1, 2, 3] as const;
  const found = await Promise.all(
    rungs.map((rung) =>
      client.readContract({
        address: deployment.hub,
        abi: breakerHubAbi,
        functionName: 'tripOf',
        args: [target, rung],
        blockNumber: head.number,
      }),
    ),
  );
  return rungs.flatMap((rung, index) => {
    const { first, end } = found[index]!;
    return end > head.timestamp ? [{ rung, first, end }] : [];
  });
}

/** Rules and manifest of the newest event that names them. */
async function namedBy(network: Network, coverageId: Hex) {
  const { client, deployment } = network;
  const from = BigInt(deployment.deployedAt);
  const args = { coverageId };
  const at = { address: deployment.registry, args } as const;
  const [covered, amended] = await Promise.all([
    logsOf(client, { ...at, event: getAbiItem({ abi: registryAbi, name: 'Covered' }) }, from),
    logsOf(client, { ...at, event: getAbiItem({ abi: registryAbi, name: 'Amended' }) }, from),
  ]);
  return (amended.at(-1) ?? covered.at(-1))?.args ?? null;
}

function manifestOf(bytes: Hex, ruleIds: readonly Hex[]): Manifest | null {
  const parsed = parseManifest(hexToBytes(bytes));
  if (!parsed.ok) return null;
  const ids = parsed.value.rules.map((named) => ruleId(ruleOf(named)));
  const isSame = ids.length === ruleIds.length && ids.every((id, index) => id === ruleIds[index]);
  return isSame ? parsed.value : null;
}
