import type { NetworkConnection } from 'hardhat/types/network';
import { concatHex, encodeFunctionData, getAddress, type Hex, numberToHex, zeroHash } from 'viem';
import type { Rule, Slot } from '../../../protocol/types.ts';
import { claimsRoot, evmRule, ruleId } from '../../../protocol/verdict.ts';
import { createProofs, SLOTS_CODE } from './chain-proofs.ts';
import { detector, openRegistry } from './coverage.ts';
import { coverArmed, deployRegistry, type Rig as Registered, verdictOf } from './registry.ts';

/** A 32-byte word. */
export const word = (value: bigint | number): Hex => numberToHex(value, { size: 32 });

/** The price that rules compare with, one at which they fire and one at which they do not. */
export const [ANCHOR, LOW, HIGH] = [100n, 50n, 99n] as const;

/** Creation code of the contract whose slots are written. */
const SLOTS_CREATION = concatHex(['0x66', SLOTS_CODE, '0x5f5260076019f3']);

/** The price slot of a new contract whose slots are all empty. */
export const placeSlots = async ({ client, stranger }: Writing): Promise<Slot> => {
  const hash = await stranger.sendTransaction({ data: SLOTS_CREATION });
  const { contractAddress } = await client.getTransactionReceipt({ hash });
  return { account: getAddress(contractAddress!), slot: word(1) };
};

/** Writes a slot, that of the price unless another is named, in a block of its own, whose height it answers. */
export const write = async (
  { client, stranger, slot: price }: Writing & { readonly slot: Slot },
  value: bigint,
  { account, slot }: Slot = price,
): Promise<bigint> => {
  const data = concatHex([slot, word(value)]);
  const hash = await stranger.sendTransaction({ to: account, data });
  return (await client.getTransactionReceipt({ hash })).blockNumber;
};
type Writing = Pick<Registered, 'client' | 'stranger'>;

/** A registry with a coverage by the price in a slot, all of its rules armed. */
export const deployPriced = async (
  connection: NetworkConnection,
  options: Parameters<typeof deployRegistry>[1] = {},
) => {
  const rig = await deployRegistry(connection, options);
  const slot = await placeSlots(rig);
  const rule: Rule = { ...rig.rule, slots: [slot] };
  const rules = {
    /** Fires when the price has fallen since it was armed. */
    rule,
    /** Fires when it has fallen within a block. */
    lookback: { ...rule, reference: { kind: 'lookback', blocks: 1 } },
    /** Must fire two blocks earlier as well. */
    held: { ...rule, hold: 2 },
    /** Its predicate wants what this one does not give it. */
    faulting: { ...rule, reference: { kind: 'none' } },
    opinion: { ...rule, ...detector, class: 'B', rung: 2 },
  } satisfies Readonly<Record<string, Rule>>;
  const priced = { ...rig, ...rules, slot };
  await write(priced, ANCHOR);
  await write(priced, ANCHOR, { ...slot, slot: word(2) });
  return { ...priced, id: await coverArmed(priced, Object.values(rules)) };
};
export type Rig = Awaited<ReturnType<typeof deployPriced>>;

/** Proofs of blocks of a chain. */
export const proofsOn = ({ client }: Pick<Rig, 'client'>) =>
  createProofs((method, ...params) => client.request({ method, params } as never));

/** An honest proof of what a rule looks at, for a verdict about a height. */
export const proofOf = async (rig: Rig, id: Hex, rule: Rule, height: bigint): Promise<Hex> => {
  const blockHash = await rig.registry.read.anchor([id, ruleId(rule)]);
  const anchor =
    blockHash === zeroHash ? height : (await rig.client.getBlock({ blockHash })).number;
  return concatHex(await proofsOn(rig).proofsOf(rule, height, anchor));
};

/** What a trip by proof is tried with. */
export type Attempt = Readonly<{ id?: Hex; rule?: Rule; height?: bigint; proof?: Hex }>;

/** What the prover takes: of the newest block and with an honest proof, but for what a test wants otherwise. */
export const proving = async (
  rig: Rig,
  { id = rig.id, rule = rig.rule, height, proof }: Attempt = {},
): Promise<readonly [Hex, ReturnType<typeof evmRule>, bigint, Hex]> => {
  const at = height ?? (await rig.client.getBlockNumber());
  return [id, evmRule(rule), at, proof ?? (await proofOf(rig, id, rule, at))];
};

/** Trips by proof, and answers the transaction's hash. */
export const prove = async (rig: Rig, attempt?: Attempt): Promise<Hex> =>
  rig.prover.write.trip(await proving(rig, attempt), { account: rig.submitter.account });

/** The call that does. */
export const callOf = async (rig: Rig, attempt?: Attempt): Promise<Hex> =>
  encodeFunctionData({
    abi: rig.prover.abi,
    functionName: 'trip',
    args: await proving(rig, attempt),
  });

/** The verdict that a proof of these prices stands for. */
export const verdictAt = (
  rig: Rig,
  height: bigint,
  prices: readonly bigint[],
  rule: Rule = rig.rule,
) => verdictOf(rig, rig.id, { height, claimsRoot: claimsRoot(prices.map(word)) }, rule);

/** A chain, and priced coverages on it. */
export const openProver = async () => {
  const { connection, viem, networkHelpers } = await openRegistry();
  const deploy = () => deployPriced(connection);
  const fresh = () => networkHelpers.loadFixture(deploy);
  return { connection, viem, networkHelpers, fresh };
};
