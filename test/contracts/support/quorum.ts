import hre from 'hardhat';
import { type Address, getContractAddress, type Hex, keccak256, toHex } from 'viem';
import type { Key } from './bls.ts';
import { type CertificateArgs, pageCode, rosterCode, type SeatAt, seatsOf } from './roster.ts';

/** What the seats of these tests sign. */
export const DIGEST = keccak256(toHex('a verdict'));
/** The zero signature. */
export const NO_POINT = [0n, 0n, 0n, 0n] as const;

/** Weight of a seat: no two alike. */
export const weightOf = (seat: number): number => 1_000 + seat ** 2;
/** Weight of several seats. */
export const weigh = (seats: readonly number[]): bigint =>
  BigInt(seats.reduce((sum, seat) => sum + weightOf(seat), 0));
/** The first `count` seats. */
export const all = (count: number): number[] => Array.from({ length: count }, (_, seat) => seat);

/** The library over a committee whose contracts hold any bytes. */
export const openQuorum = async (override: object = {}) => {
  const { viem } = await hre.network.create({ override });
  const harness = await viem.deployContract('QuorumHarness');
  const write = async (...codes: readonly Hex[]) => {
    for (const code of codes) await harness.write.write([code]);
  };
  const verify = (nonce: number, certificate: CertificateArgs, digest = DIGEST) =>
    harness.read.verify([harness.address, nonce, digest, certificate]);
  const child = (nonce: number): Address =>
    getContractAddress({ from: harness.address, nonce: BigInt(nonce) });
  return { viem, harness, write, verify, child };
};

/** A committee of these keys, one page with nonce 1 and one roster with nonce 2. */
export const seatQuorum = async (
  keys: readonly Key[],
  change: (seats: SeatAt[]) => SeatAt[] = (s) => s,
) => {
  const opened = await openQuorum();
  await opened.write(pageCode(keys), rosterCode(change(seatsOf(keys, weightOf))));
  return opened;
};
