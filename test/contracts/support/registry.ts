import type { NetworkConnection } from 'hardhat/types/network';
import {
  encodeAbiParameters,
  encodeFunctionData,
  getAddress,
  type Hex,
  keccak256,
  numberToHex,
  parseAbiParameters,
  slice,
  zeroHash,
} from 'viem';
import type { Rule } from '../../../protocol/types.ts';
import { evmRule, ruleId } from '../../../protocol/verdict.ts';
import type { Key } from './bls.ts';
import { openFully, seatWatchers } from './committee.ts';
import type { seatMany } from './gas.ts';
import { certify } from './roster.ts';

/** Weights of the seven watchers, in per cent. */
export const WEIGHTS = [16, 16, 15, 14, 14, 13, 12] as const;
/** `{}` as bytes: the registry keeps a manifest without reading it. */
export const MANIFEST: Hex = '0x7b7d';
export const FUNDS = 10n ** 18n;
/** Height and hash of what a rule without an anchor is armed at. */
export const NO_ANCHOR = [0n, zeroHash] as const;
/** An id of nothing. */
export const UNKNOWN = keccak256('0x');
const SEED = keccak256('0x01');

/** A verdict as the registry takes it. */
export type VerdictArgs = Readonly<{
  observedChainId: bigint;
  coverageId: Hex;
  ruleId: Hex;
  blockHash: Hex;
  subject: Hex;
  height: bigint;
  epoch: bigint;
  rung: number;
  life: number;
  claimsRoot: Hex;
}>;

/** Puts watchers of these weights into a new committee. */
export type Seating = (
  ...given: Parameters<typeof seatWatchers>
) => Promise<Awaited<ReturnType<typeof seatWatchers | typeof seatMany>>>;

/** A registry with seven watchers in force, a guarded target and a predicate; nothing covered yet. */
export const deployRegistry = async (
  connection: NetworkConnection,
  {
    weights = WEIGHTS,
    ruleDelay = 0n,
    seat = seatWatchers,
    judges = [],
    premiums,
    isOpen = true,
  }: {
    weights?: readonly number[];
    ruleDelay?: bigint;
    seat?: Seating;
    judges?: readonly Hex[];
    premiums?: Hex | undefined;
    isOpen?: boolean;
  } = {},
) => {
  const { viem, networkHelpers } = connection;
  const { committee, watchers, registry, court, prover, judge, token, keys } = await seat(
    connection,
    weights,
    { ruleDelay, judges, ...(premiums && { premiums }) },
  );
  if (isOpen) await openFully(connection, committee.address);
  const hub = await viem.getContractAt('BreakerHub', await registry.read.HUB());
  const accounts = await viem.getWalletClients();
  const [guardian, submitter, stranger] = accounts.slice(-3) as [Wallet, Wallet, Wallet];
  const target = await viem.deployContract('GuardedSample', [
    hub.address,
    guardian.account.address,
  ]);
  const predicate = await viem.deployContract('FeedBound');
  const client = await viem.getPublicClient();
  const codeHash = keccak256((await client.getCode({ address: predicate.address })) ?? '0x');
  const epoch = await committee.read.latestEpoch();
  await networkHelpers.mine(2);
  const rule: Rule = {
    class: 'A',
    rung: 3,
    life: 3600,
    family: 'price',
    detector: 'feed-bound@1.0.0',
    code: getAddress(predicate.address),
    codeHash,
    gas: 50_000,
    reference: { kind: 'anchor' },
    hold: 0,
    startBlock: 0n,
    slots: [{ account: getAddress(target.address), slot: numberToHex(0, { size: 32 }) }],
    params: encodeAbiParameters(parseAbiParameters('uint32, uint32'), [1000, 2000]),
  };
  return {
    connection,
    committee,
    watchers,
    registry,
    hub,
    judge,
    court,
    prover,
    token,
    target,
    predicate,
    client,
    keys,
    epoch,
    rule,
    guardian,
    submitter,
    stranger,
    chainId: BigInt(await client.getChainId()),
  };
};
export type Rig = Awaited<ReturnType<typeof deployRegistry>>;
/** An account that signs. */
export type Wallet = Awaited<ReturnType<NetworkConnection['viem']['getWalletClients']>>[number];

/** As much of a rule's family's hash as its state keeps. */
export const familyOf = (rule: Rule): Hex => slice(keccak256(evmRule(rule).family), 0, 6);

/** A call of whoever owns the coverages. */
export const asOwner = ({ guardian }: Pick<Rig, 'guardian'>) => ({ account: guardian.account });

/** What `NotOwner` says of a stranger's call. */
export const notOwner = ({
  stranger,
  guardian,
}: Pick<Rig, 'stranger' | 'guardian'>): [Hex, Hex] => [
  getAddress(stranger.account.address),
  getAddress(guardian.account.address),
];

/** Covers a target with these rules, all in shadow, and answers the coverage id. */
export const cover = async (
  { registry, guardian, client, target }: Rig,
  rules: readonly Rule[],
  { of = target.address, value = FUNDS }: { of?: Hex; value?: bigint } = {},
) => {
  const args = [of, rules.map(evmRule), MANIFEST] as const;
  const hash = await registry.write.cover(args, { account: guardian.account, value });
  await client.waitForTransactionReceipt({ hash });
  return registry.read.coverageOf([of]);
};

/** Arms a rule, an anchored one at the newest block. */
export const arm = async ({ registry, guardian, client }: Rig, id: Hex, rule: Rule) => {
  const { number, hash } = await client.getBlock();
  const anchor = rule.reference.kind === 'anchor' ? ([number, hash] as const) : NO_ANCHOR;
  return registry.write.arm([id, ruleId(rule), ...anchor], { account: guardian.account });
};

/** Covers and arms: what is needed before anything can trip. Mines the block that verdicts may first be about. */
export const coverArmed = async (
  rig: Rig,
  rules: readonly Rule[] = [rig.rule],
  options: Parameters<typeof cover>[2] = {},
) => {
  const id = await cover(rig, rules, options);
  for (const rule of rules) await arm(rig, id, rule);
  await rig.connection.networkHelpers.mine();
  return id;
};

/** A true verdict of `rule` about the newest block, with what a test wants otherwise. */
export const verdictOf = async (
  rig: Rig,
  coverageId: Hex,
  changes: Partial<VerdictArgs> = {},
  rule: Rule = rig.rule,
): Promise<VerdictArgs> => {
  const head = await rig.client.getBlockNumber();
  const height = changes.height ?? head;
  const block = height > head ? null : await rig.client.getBlock({ blockNumber: height });
  return {
    observedChainId: rig.chainId,
    coverageId,
    ruleId: ruleId(rule),
    blockHash: block?.hash ?? zeroHash,
    subject: zeroHash,
    height,
    epoch: rig.epoch,
    rung: rule.rung,
    life: rule.life,
    claimsRoot: SEED,
    ...changes,
  };
};

/** A certificate over a verdict by all seats but the absent ones. */
export const certifyVerdict = async (
  rig: Pick<Rig, 'registry' | 'keys'>,
  verdict: VerdictArgs,
  absent: readonly number[] = [],
  listsSigners?: boolean,
  keys: readonly Key[] = rig.keys,
) => certify(await rig.registry.read.digest([verdict]), keys, absent, listsSigners);

/** Makes, certifies and submits a verdict, and answers the transaction's hash. */
export const trip = async (
  rig: Rig,
  coverageId: Hex,
  {
    changes = {},
    rule = rig.rule,
    absent = [],
  }: { changes?: Partial<VerdictArgs>; rule?: Rule; absent?: readonly number[] } = {},
) => {
  return submit(rig, await verdictOf(rig, coverageId, changes, rule), absent);
};

/** Submits a verdict that all seats but the absent ones certify. */
export const submit = async (rig: Rig, verdict: VerdictArgs, absent: readonly number[] = []) =>
  rig.registry.write.submit([verdict, await certifyVerdict(rig, verdict, absent)], {
    account: rig.submitter.account,
  });

/** A verdict of a rule with everybody's certificate, and the call that submits it. */
export const submission = async (rig: Rig, id: Hex, rule = rig.rule) => {
  const verdict = await verdictOf(rig, id, {}, rule);
  const certificate = await certifyVerdict(rig, verdict);
  const call = encodeFunctionData({
    abi: rig.registry.abi,
    functionName: 'submit',
    args: [verdict, certificate],
  });
  return { verdict, certificate, call };
};
