import { Command } from 'commander';
import { getAbiItem, type Hex, hexToString, type LocalAccount, stringToHex } from 'viem';
import { registryAbi } from '../../protocol/abi.ts';
import { canonicalManifest, type Manifest, rulesOf } from '../../protocol/manifest.ts';
import type { Rule } from '../../protocol/types.ts';
import { evmRule, ruleId } from '../../protocol/verdict.ts';
import { refuse } from '../lib/refusal.ts';
import { parseAmount } from '../lib/units.ts';
import { logsOf } from './logs.ts';
import { readManifest } from './manifest-file.ts';
import {
  type Network,
  openNetwork,
  openSigner,
  withJson,
  withNetwork,
  withSigner,
} from './options.ts';
import { columns, print, say } from './output.ts';
import { rehearse } from './rehearsal.ts';
import { transact } from './transact.ts';

type Flags = Readonly<{
  config?: string;
  deployment?: string;
  rpc?: string;
  keystore?: string;
  passwordFile?: string;
  fund: string;
  arm?: boolean;
  json?: boolean;
}>;

const NO_COVERAGE: Hex = `0x${'00'.repeat(32)}`;
const SHADOW = 1;
const NO_ANCHOR = [0n, `0x${'00'.repeat(32)}`] as const;
/** The registry keeps escrows in whole gwei. */
const GWEI = 10n ** 9n;

/** `tocsin cover apply FILE`: makes the chain cover a target as a manifest says. Applied twice it changes nothing. */
export const coverApplyCommand = () =>
  withJson(
    withSigner(withNetwork(new Command('apply').argument('<file>', 'manifest, YAML or JSON'))),
  )
    .description(
      'Cover the target of a manifest; the account of --keystore must be its guardian. Rules start in shadow.',
    )
    .option('--fund <ether>', 'escrow that refunds are paid from', '0')
    .option(
      '--arm',
      'let every rule trip from now on; the block before the newest is the anchor of those that compare with one',
    )
    .action(async (file: string, flags: Flags) => {
      const manifest = await readManifest(file);
      const fund = parseAmount(flags.fund, 9, '--fund') * GWEI;
      const network = await openNetwork(flags);
      const account = await openSigner(flags, network.config);
      const rules = rulesOf(manifest).map((rule, index) => ({
        name: manifest.rules[index]?.name ?? '',
        rule,
        ruleId: ruleId(rule),
      }));
      const ruleIds = rules.map((rule) => rule.ruleId);
      const existing = await coverageOn(network, manifest);
      await rehearse(network, manifest);
      const coverageId = existing ?? (await cover(network, account, manifest, fund));
      say(flags.json, `${existing === null ? 'covered' : 'was covered already'}: ${coverageId}`);
      const armed = flags.arm === true ? await arm(network, account, coverageId, rules) : [];
      print(
        flags.json,
        { coverageId, target: manifest.target, ruleIds, applied: existing === null, armed },
        columns([
          ['coverage', coverageId],
          ['target', manifest.target],
          ...rules.map(
            ({ name, ruleId: id }) =>
              [`rule ${name}`, `${id}${armed.includes(id) ? ' (armed now)' : ''}`] as const,
          ),
        ]),
      );
    });

async function cover(
  network: Network,
  account: LocalAccount,
  manifest: Manifest,
  value: bigint,
): Promise<Hex> {
  const { client, deployment } = network;
  await transact(network, account, {
    name: 'cover',
    address: deployment.registry,
    abi: registryAbi,
    functionName: 'cover',
    args: [
      manifest.target,
      rulesOf(manifest).map(evmRule),
      stringToHex(canonicalManifest(manifest)),
    ],
    value,
  });
  return await client.readContract({
    address: deployment.registry,
    abi: registryAbi,
    functionName: 'coverageOf',
    args: [manifest.target],
  });
}

/** The live coverage of the manifest's target; refuses when it says something else. */
async function coverageOn(
  { client, deployment }: Network,
  manifest: Manifest,
): Promise<Hex | null> {
  const registry = { address: deployment.registry, abi: registryAbi } as const;
  const coverageId = await client.readContract({
    ...registry,
    functionName: 'coverageOf',
    args: [manifest.target],
  });
  if (coverageId === NO_COVERAGE) return null;
  if (
    (await client.readContract({ ...registry, functionName: 'coverage', args: [coverageId] }))
      .retired
  )
    return null;
  const event = getAbiItem({ abi: registryAbi, name: 'Covered' });
  const logs = await logsOf(
    client,
    { address: deployment.registry, event },
    BigInt(deployment.deployedAt),
  );
  const covered = logs.find(({ args }) => args.coverageId === coverageId);
  if (covered !== undefined && hexToString(covered.args.manifest) === canonicalManifest(manifest))
    return coverageId;
  throw refuse('MANIFEST_INVALID', {
    field: 'target',
    problem: `${manifest.target} is covered by another manifest (${coverageId})`,
    fix: 'retire that coverage first or apply its own manifest',
  });
}

async function arm(
  network: Network,
  account: LocalAccount,
  coverageId: Hex,
  rules: readonly Readonly<{ ruleId: Hex; rule: Rule }>[],
): Promise<readonly Hex[]> {
  const registry = { address: network.deployment.registry, abi: registryAbi } as const;
  const armed: Hex[] = [];
  for (const { ruleId: id, rule } of rules) {
    const { phase } = await network.client.readContract({
      ...registry,
      functionName: 'ruleState',
      args: [coverageId, id],
    });
    if (phase !== SHADOW) continue;
    // A call at the newest block does not know that block's own hash yet.
    const { number, parentHash } = await network.client.getBlock();
    const anchor =
      rule.reference.kind === 'anchor' ? ([number - 1n, parentHash] as const) : NO_ANCHOR;
    await transact(network, account, {
      ...registry,
      name: 'arm',
      functionName: 'arm',
      args: [coverageId, id, ...anchor],
    });
    armed.push(id);
  }
  return armed;
}
