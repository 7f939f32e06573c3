import hre from 'hardhat';
import type { NetworkConnection } from 'hardhat/types/network';
import { concatHex, encodeFunctionData, type Hex, keccak256, numberToHex, pad, toHex } from 'viem';
import { keyAt, keysFrom } from './bls.ts';
import { deployCommittee, openFully, passEpoch, registerWatcher, TOKEN } from './committee.ts';
import { coverArmed, deployRegistry, submit, verdictOf } from './registry.ts';
import { absentees, certify } from './roster.ts';

const KEYS_A_PAGE = 127;

/** Sizes of a committee that are measured. */
export const SIZES = [8, 16, 32, 64, 128, 256, 512] as const;
/** Shares that sign, in percent; 67 is the fewest that are more than two thirds. */
export const SHARES = [100, 90, 75, 67] as const;

/** How many of the seats are absent when about this share signs, all of one weight. */
export const absentOf = (seats: number, percent: number): number =>
  percent === 67 ? Math.ceil(seats / 3) - 1 : Math.floor((seats * (100 - percent)) / 100);

/** Members whose stakes lie in the storage of the real Watchers, as if each had registered; `pages` is the gas of each. */
export const seatMany = async (
  connection: NetworkConnection,
  weights: readonly number[],
  options: Parameters<typeof deployCommittee>[1] = {},
) => {
  const { viem, networkHelpers } = connection;
  const client = await viem.getPublicClient();
  const deployed = await deployCommittee(connection, options);
  const keys = keysFrom(weights.length);
  const { address } = deployed.watchers;
  for (const [index, { hash }] of keys.entries()) {
    const operator = pad(numberToHex(0x1000_0000 + index), { size: 20 });
    // holders is the second mapping; of a watcher the first word is submitter, exit and weight.
    await networkHelpers.setStorageAt(address, entry(hash, 1n), pad(operator));
    const standing = (BigInt(weights[index] ?? 0) << 224n) | BigInt(operator);
    await networkHelpers.setStorageAt(
      address,
      entry(pad(operator), 0n),
      toHex(standing, { size: 32 }),
    );
  }
  const pages: number[] = [];
  for (let first = 0; first < keys.length; first += KEYS_A_PAGE) {
    const page = concatHex(keys.slice(first, first + KEYS_A_PAGE).map(({ raw }) => raw));
    const hash = await deployed.committee.write.writePage([page, []]);
    pages.push(await gasOf(client, hash));
  }
  return { ...deployed, keys, pages };
};

/** Opening an epoch for the first time, again with nobody changed, and with every weight changed: each step's gas. */
export const measureRoster = async (seats: number) => {
  const connection = await hre.network.create();
  const { committee, watchers, keys, pages } = await seatMany(connection, equal(seats));
  const first = await openFully(connection, committee.address);
  await passEpoch(connection);
  const same = await openFully(connection, committee.address);
  for (let index = 0; index < keys.length; index++) {
    const operator = pad(numberToHex(0x1000_0000 + index), { size: 20 });
    const standing = (11n << 224n) | BigInt(operator);
    const { networkHelpers } = connection;
    const where = entry(pad(operator), 0n);
    await networkHelpers.setStorageAt(watchers.address, where, toHex(standing, { size: 32 }));
  }
  await passEpoch(connection);
  const changed = await openFully(connection, committee.address);
  return { first, same, changed, pages };
};

/** Verification alone and a whole trip by certificates of these shares; and what each part of verification costs. */
export const measureQuorum = async (seats: number, shares: readonly number[]) => {
  const connection = await hre.network.create();
  const { viem, networkHelpers } = connection;
  const rig = await deployRegistry(connection, { weights: equal(seats), seat: seatMany });
  const id = await coverArmed(rig);
  const verifier = await viem.deployContract('QuorumVerifier');
  const meter = await viem.deployContract('QuorumGas');
  const { nonce } = await rig.committee.read.roster([rig.epoch]);
  const armed = await networkHelpers.takeSnapshot();
  const figures = [];
  for (const percent of shares) {
    const absent = absentees(absentOf(seats, percent), seats);
    const verdict = await verdictOf(rig, id);
    const trip = await gasOf(rig.client, await submit(rig, verdict, absent));
    await armed.restore();
    const digest = keccak256(toHex(`${seats} seats, ${absent.length} absent`));
    const args = [rig.committee.address, nonce, digest, certify(digest, rig.keys, absent)] as const;
    const call = encodeFunctionData({ abi: verifier.abi, functionName: 'verify', args });
    const verified = await rig.submitter.sendTransaction({ to: verifier.address, data: call });
    const verify = await gasOf(rig.client, verified);
    const parts = await meter.read.meter(args);
    figures.push({ seats, percent, absent: absent.length, verify, trip, parts });
  }
  return figures;
};

/** Registering the second watcher: the first one's transaction makes the token's slots. */
export const measureRegister = async (): Promise<number> => {
  const connection = await hre.network.create();
  const deployed = await deployCommittee(connection);
  const client = await connection.viem.getPublicClient();
  await registerWatcher(connection, deployed, 1, keyAt(0), 5n * TOKEN);
  await registerWatcher(connection, deployed, 2, keyAt(1), 5n * TOKEN);
  return Number((await client.getBlock()).gasUsed);
};

/** Weights of so many seats, all the same. */
export const equal = (seats: number): number[] => Array.from({ length: seats }, () => 1_000);

/** Where a mapping at a slot keeps what a key has. */
export const entry = (key: Hex, slot: bigint): Hex =>
  keccak256(concatHex([key, toHex(slot, { size: 32 })]));

/** What a transaction that succeeded has used. */
export const gasOf = async (
  client: Awaited<ReturnType<NetworkConnection['viem']['getPublicClient']>>,
  hash: Hex,
): Promise<number> => {
  const { gasUsed, status } = await client.getTransactionReceipt({ hash });
  if (status !== 'success') throw new RangeError(`${hash} reverted`);
  return Number(gasUsed);
};
