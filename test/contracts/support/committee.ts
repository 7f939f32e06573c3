import type { NetworkConnection } from 'hardhat/types/network';
import { concatHex, getContractAddress, type Hex, parseUnits, zeroAddress } from 'viem';
import { CERTIFICATE_AGE } from '../../../protocol/quorum.ts';
import { type Key, keysFrom, provePossession } from './bls.ts';

/** One whole token, which is also one unit of weight. */
export const TOKEN = parseUnits('1', 18);

/** Durations and stakes that tests deploy with. */
export const settings = {
  minStake: TOKEN,
  maxStake: 1_000n * TOKEN,
  weightUnit: TOKEN,
  exitDelay: 14n * 86_400n,
  rosterLife: 7n * 86_400n,
  certificateAge: 3_600n,
  disputeWindow: 3n * 86_400n,
} as const;

/** Seconds an epoch lasts in tests. */
export const EPOCH = 3_600n;

/** Lets an epoch pass, in seconds and in blocks. */
export const passEpoch = async ({ networkHelpers }: Pick<NetworkConnection, 'networkHelpers'>) => {
  await networkHelpers.mine(CERTIFICATE_AGE);
  await networkHelpers.time.increase(EPOCH);
};

/** Where the deployer's contract will be once it has sent so many transactions more. */
export const foretold = async ({ viem }: NetworkConnection, later: bigint): Promise<Hex> => {
  const [deployer] = await viem.getWalletClients();
  if (!deployer) throw new RangeError('no account');
  const from = deployer.account.address;
  const client = await viem.getPublicClient();
  const nonce = BigInt(await client.getTransactionCount({ address: from }));
  return getContractAddress({ from, nonce: nonce + later });
};

/** Watchers over a token of which the deployer has the smallest stake to show, which makes it approve. */
export const deployWatchers = async (
  connection: NetworkConnection,
  token: Hex,
  { court = zeroAddress, given = settings }: { court?: Hex; given?: Settings } = {},
) => {
  const { viem } = connection;
  const [deployer] = await viem.getWalletClients();
  if (!deployer) throw new RangeError('no account');
  const stake = await viem.getContractAt('TestToken', token);
  await stake.write.mint([deployer.account.address, given.minStake]);
  await stake.write.approve([await foretold(connection, 1n), given.minStake]);
  return viem.deployContract('Watchers', [token, given, court]);
};
type Settings = { readonly [Name in keyof typeof settings]: bigint };

/** A registry over a committee, after the library of its owners' entries: two transactions. */
export const placeRegistry = async (
  { viem }: NetworkConnection,
  committee: Hex,
  { ruleDelay = 0n, court = zeroAddress, prover = zeroAddress }: Named = {},
) => {
  const { address } = await viem.deployContract('OwnerEntries');
  return viem.deployContract('Registry', [committee, ruleDelay, court, prover], {
    libraries: { OwnerEntries: address },
  });
};
type Named = { readonly ruleDelay?: bigint; readonly court?: Hex; readonly prover?: Hex };

/** A token, Watchers and a Committee with nobody in them, the registry over them and the court and prover they name. */
export const deployCommittee = async (
  connection: NetworkConnection,
  { token: named, ruleDelay = 0n, judges = [], premiums = zeroAddress }: Options = {},
) => {
  const { viem } = connection;
  const token = named
    ? await viem.getContractAt('TestToken', named)
    : await viem.deployContract('TestToken');
  const judge = await viem.deployContract('EquivocationJudge');
  // Minting, approving, and the four contracts before it.
  const home = await foretold(connection, 6n);
  const proving = await foretold(connection, 7n);
  const watchers = await deployWatchers(connection, token.address, { court: home });
  const committee = await viem.deployContract('Committee', [watchers.address, EPOCH]);
  const registry = await placeRegistry(connection, committee.address, {
    ruleDelay,
    court: home,
    prover: proving,
  });
  const bench = [judge.address, ...judges];
  const court = await viem.deployContract('Court', [registry.address, premiums, bench]);
  const prover = await viem.deployContract('Prover', [registry.address]);
  return { token, watchers, committee, registry, court, prover, judge };
};
type Options = {
  readonly token?: Hex;
  readonly ruleDelay?: bigint;
  readonly judges?: readonly Hex[];
  readonly premiums?: Hex;
};

/** Takes steps until the current epoch is open; the gas of each. */
export const openFully = async ({ viem }: NetworkConnection, address: Hex) => {
  const committee = await viem.getContractAt('Committee', address);
  const client = await viem.getPublicClient();
  const before = await committee.read.latestEpoch();
  const gas: number[] = [];
  while ((await committee.read.latestEpoch()) === before) {
    const hash = await committee.write.openEpoch();
    gas.push(Number((await client.getTransactionReceipt({ hash })).gasUsed));
  }
  return gas;
};

/** Registers an account under a key; submitter and payout are the account unless given. */
export const registerWatcher = async (
  { viem }: NetworkConnection,
  { token, watchers }: Pick<Awaited<ReturnType<typeof deployCommittee>>, 'token' | 'watchers'>,
  account: number,
  key: Key,
  stake: bigint,
) => {
  const wallet = (await viem.getWalletClients())[account];
  if (!wallet) throw new RangeError(`account ${account}`);
  const operator = wallet.account.address;
  await token.write.mint([operator, stake]);
  await token.write.approve([watchers.address, stake], { account: wallet.account });
  const message = await watchers.read.possessionMessage([operator, key.hash]);
  await watchers.write.register(
    [stake, key.words, provePossession(message, key), operator, operator],
    { account: wallet.account },
  );
  return { operator, wallet, key };
};

/** Registers one account for each weight, from account 1 on, and writes their keys into one page. */
export const seatWatchers = async (
  connection: NetworkConnection,
  weights: readonly number[],
  options: Options = {},
) => {
  const deployed = await deployCommittee(connection, options);
  const keys = keysFrom(weights.length);
  const operators = [];
  for (const [index, key] of keys.entries()) {
    const stake = BigInt(weights[index] ?? 0) * TOKEN;
    operators.push(await registerWatcher(connection, deployed, index + 1, key, stake));
  }
  await deployed.committee.write.writePage([concatHex(keys.map((key) => key.raw)), []]);
  return { ...deployed, keys, operators };
};
