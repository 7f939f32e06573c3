import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Address, encodeAbiParameters, type Hex, keccak256, numberToHex } from 'viem';
import {
  aaveV3BreakerAbi,
  aaveV3BreakerBytecode,
  feedBoundAbi,
  feedBoundBytecode,
  sharePriceFallAbi,
  sharePriceFallBytecode,
} from '../protocol/abi.ts';
import type { Deployment } from '../protocol/deployment.ts';
import { canonicalManifest, type Manifest, rulesOf } from '../protocol/manifest.ts';
import { longestLife } from '../protocol/quorum.ts';
import type { Rule, Verdict } from '../protocol/types.ts';
import { ruleId } from '../protocol/verdict.ts';
import type { Market } from './aave.ts';
import { aclManagerAbi } from './aave-abi.ts';
import type { Chain } from './chain.ts';
import type { Processes } from './processes.ts';
import { expected } from './refusal.ts';
import { tocsin } from './tocsin.ts';
import type { Vault } from './vault.ts';
import { type Keys, passwordFileOf } from './watchers.ts';

/** A pure contract that a rule runs. */
export type Predicate = Readonly<{ address: Address; codeHash: Hex }>;

/** What a coverage was registered as. */
export type Coverage = Readonly<{
  coverageId: Hex;
  target: Address;
  ruleIds: readonly Hex[];
  rules: readonly Rule[];
}>;

/** The rule that a verdict is of. */
export function ruleOf({ rules }: Coverage, { ruleId: id }: Pick<Verdict, 'ruleId'>): Rule {
  const rule = rules.find((each) => ruleId(each) === id);
  if (rule === undefined) throw expected(`${id} to be a rule of the coverage`);
  return rule;
}

/** Seconds a trip of the devnet lasts. */
export const LIFE = 600;
/** Bounds of a feed around its anchor: a crash of half is weather, twice the price is not. */
export const FEED_BOUNDS = { maxRiseBps: 10_000, maxFallBps: 5_000 } as const;
/** How much of its worth a share may lose over so many blocks, and what follows when it loses more. */
export type ShareRule = Readonly<{
  name: string;
  rung: number;
  blocks: number;
  maxFallBps: number;
}>;
/** A tenth of a per cent a block. */
export const sharePrice: ShareRule = { name: 'share-price', rung: 3, blocks: 1, maxFallBps: 10 };

const GAS = 200_000;
/** Blocks over which an outflow is an opinion. */
const OUTFLOW_BLOCKS = 4;
/** What rung 1 leaves of a loan-to-value. */
const LTV_SHARE_BPS = 9_000n;

/** A feed each, bounded around what it answered when the rule was armed. */
export const marketManifest = (
  target: Address,
  market: Market,
  feedBound: Predicate,
): Manifest => ({
  version: 1,
  name: 'Devnet lending market',
  target: lower(target),
  rules: market.reserves.map(({ symbol, feed }) => ({
    name: `${symbol.toLowerCase()}-feed`,
    kind: 'predicate',
    family: 'price',
    rung: 2,
    life: LIFE,
    detector: 'feed-bound@1.0.0',
    code: lower(feedBound.address),
    codeHash: feedBound.codeHash,
    gas: GAS,
    reference: { kind: 'anchor' },
    hold: 0,
    slots: [{ account: lower(feed), slot: slotOf(0) }],
    params: encodeAbiParameters(
      [{ type: 'uint32' }, { type: 'uint32' }],
      [FEED_BOUNDS.maxRiseBps, FEED_BOUNDS.maxFallBps],
    ),
  })),
});

/** What a share is worth, against an earlier block: assets in slot 1, shares in slot 2. */
export const vaultManifest = (
  vault: Address,
  sharePriceFall: Predicate,
  { name, rung, blocks, maxFallBps }: ShareRule = sharePrice,
): Manifest => ({
  version: 1,
  name: 'Devnet vault',
  target: lower(vault),
  rules: [
    {
      name,
      kind: 'predicate',
      family: 'share-price',
      rung,
      life: LIFE,
      detector: 'share-price-fall@1.0.0',
      code: lower(sharePriceFall.address),
      codeHash: sharePriceFall.codeHash,
      gas: GAS,
      reference: { kind: 'lookback', blocks },
      hold: 0,
      slots: [1, 2].map((slot) => ({ account: lower(vault), slot: slotOf(slot) })),
      params: encodeAbiParameters([{ type: 'uint32' }], [maxFallBps]),
    },
  ],
});

/** The same vault by opinion alone: two of class B, of families that corroborate each other, for as long as they may. */
export const opinionsManifest = ({ address, asset }: Vault): Manifest => {
  const opinion = {
    kind: 'detector',
    class: 'B',
    rung: 2,
    life: longestLife(2),
    startBlock: 0,
  } as const;
  const vault = lower(address);
  return {
    version: 1,
    name: 'Devnet vault by opinion',
    target: vault,
    rules: [
      {
        ...opinion,
        name: 'outflow',
        family: 'outflow',
        detector: 'outflow@1.0.0',
        lookback: OUTFLOW_BLOCKS,
        parameters: { token: lower(asset.token), holder: vault, windowBlocks: OUTFLOW_BLOCKS },
      },
      {
        ...opinion,
        name: 'share-price',
        family: 'share-price',
        detector: 'share-price@1.0.0',
        lookback: 1,
        parameters: { vault },
      },
    ],
  };
};

/** Deploys the two predicates and the market's adapter, which is granted RISK_ADMIN and nothing else. */
export async function deployGuards(
  chain: Chain,
  market: Market,
  deployment: Deployment,
  guardian: Address,
) {
  const deploy = async (sent: Promise<Hex>): Promise<Address> => {
    const receipt = await chain.client.waitForTransactionReceipt({ hash: await sent });
    return receipt.contractAddress!;
  };
  const withHash = async (address: Address): Promise<Predicate> => ({
    address,
    codeHash: keccak256((await chain.client.getCode({ address })) ?? '0x'),
  });
  const own = { chain: null, gas: 5_000_000n } as const;
  const feedBound = await deploy(
    chain.admin.deployContract({ ...own, abi: feedBoundAbi, bytecode: feedBoundBytecode }),
  );
  const sharePriceFall = await deploy(
    chain.admin.deployContract({
      ...own,
      abi: sharePriceFallAbi,
      bytecode: sharePriceFallBytecode,
    }),
  );
  const breaker = await deploy(
    chain.admin.deployContract({
      ...own,
      abi: aaveV3BreakerAbi,
      bytecode: aaveV3BreakerBytecode,
      args: [
        deployment.hub,
        guardian,
        market.provider,
        market.reserves.map(({ token }) => token),
        LTV_SHARE_BPS,
        false,
      ],
    }),
  );
  await chain.admin.writeContract({
    chain: null,
    address: market.acl,
    abi: aclManagerAbi,
    functionName: 'addRiskAdmin',
    args: [breaker],
  });
  return {
    breaker,
    feedBound: await withHash(feedBound),
    sharePriceFall: await withHash(sharePriceFall),
  };
}

/** Registers and arms a coverage through the CLI, as the protocol's guardian does. */
export async function applyCoverage(
  processes: Processes,
  guardian: Keys,
  manifest: Manifest,
  network: Readonly<{ folder: string; deployment: string; rpc: string }>,
): Promise<Coverage> {
  const file = join(network.folder, `${manifest.name.toLowerCase().replaceAll(' ', '-')}.json`);
  await writeFile(file, canonicalManifest(manifest));
  const applied = await tocsin<Omit<Coverage, 'rules'>>(processes, [
    'cover',
    'apply',
    file,
    '--arm',
    '--fund',
    '5',
    '--deployment',
    network.deployment,
    '--rpc',
    network.rpc,
    '--keystore',
    guardian.hotKeystore,
    '--password-file',
    passwordFileOf(network.folder),
  ]);
  return { ...applied, rules: rulesOf(manifest) };
}

const lower = (address: Hex) => address.toLowerCase() as Hex;
const slotOf = (slot: number) => numberToHex(slot, { size: 32 });
