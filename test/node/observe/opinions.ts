import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { concatHex, type Hex, keccak256, numberToHex, size } from 'viem';
import { createFolds } from '../../../node/detect/folds.ts';
import { createSentinels } from '../../../node/detect/sentinels.ts';
import type { Abstention, ChainState, CoveredRule, Finding } from '../../../node/lib/pipeline.ts';
import type { Observer } from '../../../node/observe/observer.ts';
import { createOpinions } from '../../../node/opinions.ts';
import { type NamedRule, ruleOf } from '../../../protocol/named-rule.ts';
import { ruleId } from '../../../protocol/verdict.ts';
import { word, type World } from './support.ts';

type Compiler = Readonly<{ compile: (input: string) => string }>;
type Output = Readonly<{
  contracts: Readonly<
    Record<string, Readonly<Record<string, { evm: { deployedBytecode: { object: string } } }>>>
  >;
}>;

/** What a person's own compiler makes of a contract: other settings than this project's, metadata trailer and all. */
export async function compiledByItsAuthor(name: string): Promise<Hex> {
  const solc = createRequire(import.meta.url)('solc') as Compiler;
  const file = new URL(`../../../contracts/harness/${name}.sol`, import.meta.url);
  const input = {
    language: 'Solidity',
    sources: { [name]: { content: await readFile(file, 'utf8') } },
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'cancun',
      outputSelection: { '*': { '*': ['evm.deployedBytecode.object'] } },
    },
  };
  const { contracts } = JSON.parse(solc.compile(JSON.stringify(input))) as Output;
  return `0x${contracts[name]![name]!.evm.deployedBytecode.object}`;
}

/** A rule whose code goes with it. */
export const sentinelRule = (
  name: string,
  bytecode: Hex,
  more: Partial<Extract<NamedRule, { kind: 'sentinel' }>> = {},
): NamedRule => ({
  name,
  kind: 'sentinel',
  family: 'balance',
  rung: 2,
  life: 600,
  detector: `${name}@1.0.0`,
  bytecode,
  codeHash: keccak256(bytecode),
  gas: 200_000,
  samples: 1,
  ...more,
});

/** A node's opinions over an observer; `of` gives what it says of a block. */
export function opinionsOver(observer: Observer, chainId: number) {
  const folds = createFolds({ blockAt: observer.blockAt, read: observer.allViews });
  const opinions = createOpinions({ observer, sentinels: createSentinels({ chainId }), folds });
  return {
    of: async (state: ChainState): Promise<readonly (Finding | Abstention)[]> => {
      const said: (Finding | Abstention)[] = [];
      void opinions.begin(state, (one) => said.push(one));
      await opinions.settled();
      opinions.check();
      return said;
    },
  };
}

/** Raw code: one part answers `collect()`, the other `shouldRespond`. */
export function sentinelCode(collect: Hex, respond: Hex): Hex {
  const place = 7 + size(respond);
  return concatHex([
    '0x6004361460',
    numberToHex(place, { size: 1 }),
    '0x57',
    respond,
    '0x5b',
    collect,
  ]);
}

/** Where `BalanceTrap` looks, with `VAULT_CODE` in the tests that need more than a balance. */
export const VAULT: Hex = '0x000000000000000000000000000000000000beef';

/**
 * Told two words it keeps the second in the slot named by the first, told three it sends the first away in wei; any
 * view is answered from the slot named by its first byte: 0x01 totalAssets, 0x18 totalSupply, 0x70 balanceOf.
 */
export const VAULT_CODE: Hex = concatHex([
  '0x60403614601a57', // 00 two words, go to 1a
  '0x60603614602257', // 07 three, go to 22
  '0x5f3560f81c545f5260205ff3', // 0e
  '0x5b6020355f355500', // 1a
  '0x5b5f5f5f5f5f355f5af100', // 22
]);

/** A rule of a coverage as a block's state has it. */
export const covered = (named: NamedRule, more: Partial<CoveredRule> = {}): CoveredRule => {
  const rule = ruleOf(named);
  return {
    coverageId: word(1),
    ruleId: ruleId(rule),
    name: named.name,
    target: '0x00000000000000000000000000000000000000aa',
    kind: named.kind,
    rule,
    bytecode: named.kind === 'sentinel' ? (named.bytecode ?? null) : null,
    phase: 'shadow',
    armedAt: 0n,
    notBefore: 0n,
    escrow: 0n,
    lastHeight: 0n,
    anchor: null,
    ...more,
  };
};

/** A sentinel with its code on the chain. */
export async function deployed(world: World, rule: NamedRule): Promise<NamedRule> {
  if (rule.kind !== 'sentinel') return rule;
  const { bytecode, ...rest } = rule;
  const code: Hex = '0x00000000000000000000000000000000c0de0001';
  await world.request('anvil_setCode', code, bytecode);
  return { ...rest, code };
}
