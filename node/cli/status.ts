import { Command } from 'commander';
import { getAbiItem, type Hex, hexToBytes } from 'viem';
import { breakerHubAbi, committeeAbi, registryAbi } from '../../protocol/abi.ts';
import { parseManifest } from '../../protocol/manifest.ts';
import { refuse } from '../lib/refusal.ts';
import { isHttpUrl } from '../lib/schema.ts';
import { logsOf } from './logs.ts';
import { type Network, openNetwork, withJson, withNetwork } from './options.ts';
import { columns, print } from './output.ts';

type Flags = Readonly<{
  config?: string;
  deployment?: string;
  rpc?: string;
  api?: string;
  json?: boolean;
}>;
type CoverageStatus = Readonly<{
  coverageId: Hex;
  target: Hex;
  name: string;
  retired: boolean;
  escrow: bigint;
  rungInForce: number;
  rules: readonly Readonly<{ ruleId: Hex; phase: string; rung: number; lastHeight: bigint }>[];
}>;

const PHASES = ['none', 'shadow', 'armed'] as const;
const API_TIMEOUT_MS = 2_000;

/** `tocsin status`: what the chain says of the network and, where it answers, what a node says of itself. */
export const statusCommand = () =>
  withJson(withNetwork(new Command('status')))
    .description(
      'Show roster, coverages, rungs in force and, with --config or --api, what the node itself reports.',
    )
    .option('--api <url>', "the node's endpoint (default: that of --config)")
    .action(async (flags: Flags) => {
      if (flags.api !== undefined && !isHttpUrl(flags.api))
        throw refuse('ARGUMENT_INVALID', {
          field: '--api',
          problem: `${flags.api} is not an http:// or https:// URL`,
          fix: 'write it as http://127.0.0.1:9760',
        });
      const network = await openNetwork(flags);
      const [head, roster, coverages] = await Promise.all([
        network.client.getBlockNumber({ cacheTime: 0 }),
        rosterOf(network),
        coveragesOf(network),
      ]);
      const api = network.config?.api ?? null;
      const url = flags.api ?? (api === null ? null : `http://${api.host}:${api.port}`);
      const node = url === null ? null : await askNode(url);
      print(flags.json, { chainId: network.chainId, head, roster, coverages, node }, [
        ...columns([
          ['chain', `${network.chainId} at block ${head}`],
          [
            'epoch',
            roster.epoch === 0n
              ? 'none was opened'
              : `${roster.epoch}, ${roster.seats} seats, up to rung ${roster.maxRung}`,
          ],
          [
            'valid until',
            roster.epoch === 0n ? '-' : new Date(Number(roster.validUntil) * 1000).toISOString(),
          ],
        ]),
        ...coverages.flatMap(linesOf),
        ...(url === null
          ? []
          : [`node at ${url}: ${node === null ? 'does not answer' : JSON.stringify(node)}`]),
      ]);
    });

async function rosterOf({ client, deployment }: Network) {
  const committee = { address: deployment.committee, abi: committeeAbi } as const;
  const epoch = await client.readContract({ ...committee, functionName: 'latestEpoch' });
  const { seats, maxRung, openedAt, validUntil } = await client.readContract({
    ...committee,
    functionName: 'roster',
    args: [epoch],
  });
  return { epoch, seats, maxRung, openedAt, validUntil };
}

async function coveragesOf({ client, deployment }: Network): Promise<readonly CoverageStatus[]> {
  const registry = { address: deployment.registry, abi: registryAbi } as const;
  const from = BigInt(deployment.deployedAt);
  const { address } = registry;
  const [covered, amended] = await Promise.all([
    logsOf(client, { address, event: getAbiItem({ abi: registryAbi, name: 'Covered' }) }, from),
    logsOf(client, { address, event: getAbiItem({ abi: registryAbi, name: 'Amended' }) }, from),
  ]);
  return await Promise.all(
    covered.map(async ({ args: { coverageId, target, ...first } }) => {
      const last = amended.findLast(({ args }) => args.coverageId === coverageId);
      const { ruleIds, manifest } = last?.args ?? first;
      const [{ retired, escrow }, rungInForce, states] = await Promise.all([
        client.readContract({ ...registry, functionName: 'coverage', args: [coverageId] }),
        client.readContract({
          address: deployment.hub,
          abi: breakerHubAbi,
          functionName: 'rungOf',
          args: [target],
        }),
        Promise.all(
          ruleIds.map((id) =>
            client.readContract({ ...registry, functionName: 'ruleState', args: [coverageId, id] }),
          ),
        ),
      ]);
      const rules = ruleIds.map((ruleId, index) => {
        const state = states[index];
        return {
          ruleId,
          phase: PHASES[state?.phase ?? 0] ?? 'none',
          rung: state?.rung ?? 0,
          lastHeight: BigInt(state?.lastHeight ?? 0),
        };
      });
      return { coverageId, target, name: nameOf(manifest), retired, escrow, rungInForce, rules };
    }),
  );
}

/** A manifest on chain may be anything: what cannot be read has no name. */
function nameOf(manifest: Hex): string {
  const parsed = parseManifest(hexToBytes(manifest));
  return parsed.ok ? parsed.value.name : `unreadable manifest (${parsed.code})`;
}

async function askNode(url: string): Promise<unknown> {
  try {
    const response = await fetch(new URL('/status', url), {
      signal: AbortSignal.timeout(API_TIMEOUT_MS),
    });
    return await response.json();
  } catch {
    return null;
  }
}

function linesOf({
  coverageId,
  target,
  name,
  retired,
  escrow,
  rungInForce,
  rules,
}: CoverageStatus): string[] {
  const state = retired
    ? 'retired'
    : rungInForce === 0
      ? 'clear'
      : `TRIPPED at rung ${rungInForce}`;
  return [
    `coverage ${coverageId} ${name}: ${state}`,
    `  target ${target}, escrow ${escrow} wei`,
    ...rules.map(
      ({ ruleId, phase, rung, lastHeight }) =>
        `  rule ${ruleId} ${phase}, rung ${rung}${lastHeight === 0n ? '' : `, last tripped by block ${lastHeight}`}`,
    ),
  ];
}
