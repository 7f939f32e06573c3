import {
  type Address,
  concatHex,
  encodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  keccak256,
  numberToHex,
  parseEther,
  stringToHex,
} from 'viem';
import type { Chain } from '../../devnet/chain.ts';
import { limits } from '../../devnet/vault.ts';
import {
  feedBoundBytecode,
  leakyVaultAbi,
  leakyVaultBytecode,
  registryAbi,
} from '../../protocol/abi.ts';
import type { Deployment } from '../../protocol/deployment.ts';
import { canonicalManifest, type Manifest, rulesOf } from '../../protocol/manifest.ts';
import { evmRule, ruleId } from '../../protocol/verdict.ts';
import { together, send } from './together.ts';

/** What a bench covers: so many targets, so many rules each, in shadow or armed. */
export type Wanted = Readonly<{ coverages: number; rules: number; armed: boolean }>;

/** A guarded target whose slots the bench writes; rule n looks at slot FIRST + n. */
export type Target = Readonly<{ address: Address; coverageId: Hex; ruleIds: readonly Hex[] }>;

/** Targets under coverage, and what makes one of their rules fire in the next block and in no other. */
export type Targets = Awaited<ReturnType<typeof coverTargets>>;

/** Above those that the mixin and the vault use. */
const FIRST = 16;
/** A rule lets a price rise to its double and fall to its half from one block to the next. */
const [CALM, HIGH] = [100n, 300n];
const ESCROW = parseEther('5');

/** Places the targets, covers each by rules over slots of its own, and arms them where that is wanted. */
export async function coverTargets(chain: Chain, deployment: Deployment, wanted: Wanted) {
  const [, guardian, writer] = chain.accounts as [Address, Address, Address];
  const numbers = Array.from({ length: wanted.rules }, (_, index) => index);
  const create = async (codes: readonly Hex[]): Promise<readonly Address[]> => {
    const placed = await together(
      chain,
      codes.map((data) => ({ from: guardian, data })),
    );
    return placed.map(({ contractAddress }) => contractAddress!.toLowerCase() as Address);
  };
  const [vault, predicate] = (await create([
    encodeDeployData({
      abi: leakyVaultAbi,
      bytecode: leakyVaultBytecode,
      args: [deployment.hub, guardian, deployment.token, limits],
    }),
    feedBoundBytecode,
  ])) as [Address, Address];
  const addresses = await create(Array.from({ length: wanted.coverages }, () => targetOf(vault)));
  const write = (to: Address, number: number, value: bigint) => ({
    from: writer,
    to,
    data: concatHex([wordOf(FIRST + number), wordOf(value)]),
    gas: 60_000n,
  });
  // A feed that says nothing fires: each says something before anybody looks.
  await together(
    chain,
    addresses.flatMap((to) => numbers.map((number) => write(to, number, CALM))),
  );

  const codeHash = keccak256((await chain.client.getCode({ address: predicate })) ?? '0x');
  const manifests = addresses.map((target, index) => ({
    version: 1 as const,
    name: `Bench target ${index}`,
    target,
    rules: numbers.map((number) => feedRule(target, number, { code: predicate, codeHash })),
  }));
  const targets = await coverEach(chain, deployment.registry, guardian, manifests);
  if (wanted.armed) await armEach(chain, deployment.registry, guardian, targets);

  const now = new Map<string, bigint>();
  /** Queued for the next block; the transaction's hash. */
  const flip = ({ address }: Target, number: number): Promise<Hex> => {
    const key = `${address}${number}`;
    const value = now.get(key) === HIGH ? CALM : HIGH;
    now.set(key, value);
    return send(chain, write(address, number, value));
  };
  return { targets, flip };
}

async function coverEach(
  chain: Chain,
  address: Address,
  from: Address,
  manifests: readonly Manifest[],
): Promise<readonly Target[]> {
  const registry = { address, abi: registryAbi } as const;
  const cover = (manifest: Manifest) => ({
    from,
    to: address,
    value: ESCROW,
    gas: 7_000_000n,
    data: encodeFunctionData({
      abi: registryAbi,
      functionName: 'cover',
      args: [
        manifest.target,
        rulesOf(manifest).map(evmRule),
        stringToHex(canonicalManifest(manifest)),
      ],
    }),
  });
  await together(chain, manifests.map(cover));
  return Promise.all(
    manifests.map(async (manifest) => ({
      address: manifest.target,
      coverageId: await chain.client.readContract({
        ...registry,
        functionName: 'coverageOf',
        args: [manifest.target],
      }),
      ruleIds: rulesOf(manifest).map(ruleId),
    })),
  );
}

const armEach = (chain: Chain, to: Address, from: Address, targets: readonly Target[]) =>
  together(
    chain,
    targets.flatMap(({ coverageId, ruleIds }) =>
      ruleIds.map((id) => ({
        from,
        to,
        gas: 300_000n,
        data: encodeFunctionData({
          abi: registryAbi,
          functionName: 'arm',
          args: [coverageId, id, 0n, wordOf(0)],
        }),
      })),
    ),
  );

/** A rule of class A over one slot; others can stand beside it in a manifest. */
const feedRule = (
  account: Address,
  number: number,
  { code, codeHash }: Readonly<{ code: Address; codeHash: Hex }>,
): Manifest['rules'][number] => ({
  name: `feed-${number}`,
  kind: 'predicate',
  family: 'price',
  rung: 3,
  life: 600,
  detector: 'feed-bound@1.0.0',
  code,
  codeHash,
  gas: 50_000,
  reference: { kind: 'lookback', blocks: 1 },
  hold: 0,
  slots: [{ account, slot: wordOf(FIRST + number) }],
  params: encodeAbiParameters([{ type: 'uint32' }, { type: 'uint32' }], [10_000, 5_000]),
});

/**
 * Creation code of a guarded vault of its own (EIP-1167) that besides stores the second word it is sent in the slot
 * which the first names: CALLDATASIZE == 64 goes to 34, everything else to the vault's code.
 */
const targetOf = (vault: Address): Hex =>
  concatHex([
    '0x603c8060095f395ff3',
    `0x36604014603457363d3d373d3d3d363d73${vault.slice(2)}5af43d82803e903d91603257fd5bf3`,
    '0x5b6020355f355500',
  ]);

const wordOf = (value: number | bigint): Hex => numberToHex(value, { size: 32 });
