import type { NetworkConnection } from 'hardhat/types/network';
import { concatHex, type Hex, parseUnits } from 'viem';
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

/** A token, Watchers and a Committee with nobody in them. */
export const deployCommittee = async ({ viem }: NetworkConnection) => {
  const token = await viem.deployContract('TestToken');
  const watchers = await viem.deployContract('Watchers', [token.address, settings]);
  const committee = await viem.deployContract('Committee', [watchers.address, EPOCH]);
  return { token, watchers, committee };
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
export const seatWatchers = async (connection: NetworkConnection, weights: readonly number[]) => {
  const deployed = await deployCommittee(connection);
  const keys = keysFrom(weights.length);
  const operators = [];
  for (const [index, key] of keys.entries()) {
    const stake = BigInt(weights[index] ?? 0) * TOKEN;
    operators.push(await registerWatcher(connection, deployed, index + 1, key, stake));
  }
  await deployed.committee.write.writePage([concatHex(keys.map((key) => key.raw)), []]);
  return { ...deployed, keys, operators };
};
