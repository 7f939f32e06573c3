import hre from 'hardhat';
import { concatHex, getContractAddress, type Hex } from 'viem';
import type { Key } from './bls.ts';
import { EPOCH, openFully, passEpoch, settings } from './committee.ts';

const NEXT_NONCE_SHIFT = 128n;

/** Keys as writePage takes them. */
export const pageOf = (keys: readonly Key[]): Hex => concatHex(keys.map(({ raw }) => raw));

/** A committee over weights set at will. */
export const openCommittee = async () => {
  const connection = await hre.network.create();
  const { viem, networkHelpers } = connection;
  const watchers = await viem.deployContract('FakeWatchers', [settings.rosterLife]);
  const committee = await viem.deployContract('Committee', [watchers.address, EPOCH]);
  const client = await viem.getPublicClient();
  const weigh = async (keys: readonly Key[], weight: number) =>
    watchers.write.setWeights([keys.map(({ hash }) => hash), weight]);
  const seat = async (keys: readonly Key[], weight = 10) => {
    await weigh(keys, weight);
    await committee.write.writePage([pageOf(keys), []]);
  };
  const openNext = async () => {
    await passEpoch({ networkHelpers });
    return finish();
  };
  /** Takes steps until the epoch is open; `gas` is that of each. */
  const finish = async () => {
    const gas = await openFully(connection, committee.address);
    const epoch = await committee.read.latestEpoch();
    return { epoch, height: await client.getBlockNumber(), gas, ...(await rosterOf(epoch)) };
  };
  const rosterOf = (epoch: bigint) => committee.read.roster([epoch]);
  const codeOf = (nonce: number) =>
    client.getCode({
      address: getContractAddress({ from: committee.address, nonce: BigInt(nonce) }),
    });
  return {
    viem,
    networkHelpers,
    client,
    watchers,
    committee,
    weigh,
    seat,
    openNext,
    finish,
    rosterOf,
    codeOf,
  };
};

/** Puts the account's nonce, and the contract's own count of it, where years would bring them. */
export const moveNonce = async (
  helpers: Awaited<ReturnType<typeof openCommittee>>['networkHelpers'],
  address: Hex,
  nonce: number,
) => {
  await helpers.setNonce(address, nonce);
  const slot = BigInt(await helpers.getStorageAt(address, 0));
  const cleared = slot & ~(0xffffffffn << NEXT_NONCE_SHIFT);
  await helpers.setStorageAt(address, 0, cleared | (BigInt(nonce) << NEXT_NONCE_SHIFT));
};
