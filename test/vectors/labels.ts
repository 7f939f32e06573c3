import { type Hex, keccak256, toHex } from 'viem';

/** A word that nothing else hashes to. */
export const word = (label: string): Hex => keccak256(toHex(label));

/** An address of that name. */
export const account = (label: string): Hex => `0x${word(label).slice(26)}`;

/** Largest uint64. */
export const MAX64 = (1n << 64n) - 1n;

/** Coordinate of a point, 48 bytes. */
export const coordinate = (value: bigint): string => value.toString(16).padStart(96, '0');
