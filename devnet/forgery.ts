import { hexToBigInt, keccak256, toHex } from 'viem';

/** What someone without a single seat's key can hand in: nobody absent, nobody listed, everybody listed. */
export const forgeries = (seats: number) => {
  const everybody = [(1n << BigInt(seats)) - 1n];
  return [
    { listsSigners: false, signature: generator, seats: [] },
    { listsSigners: true, signature: generator, seats: everybody },
    { listsSigners: true, signature: infinity, seats: everybody },
    { listsSigners: false, signature: noise, seats: [] },
  ] as const;
};

type Point = readonly [bigint, bigint, bigint, bigint];

// The generator of G1, as EIP-2537 takes a point: a valid signature of nothing.
const generator: Point = [
  0x17f1d3a73197d7942695638c4fa9ac0fn,
  0xc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bbn,
  0x08b3f481e3aaa0f1a09e30ed741d8ae4n,
  0xfcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1n,
];
const infinity: Point = [0n, 0n, 0n, 0n];
const noise: Point = [
  0n,
  hexToBigInt(keccak256(toHex('x'))),
  0n,
  hexToBigInt(keccak256(toHex('y'))),
];
