import type { Abi, Hex } from 'viem';

/** Something to be sent. `kind` labels a metric; `about` goes with the line that tells of it. */
export type Act = Readonly<{
  kind: 'incident' | 'signers' | 'claim' | 'lapse' | 'credit';
  about: Readonly<Record<string, unknown>>;
  address: Hex;
  abi: Abi;
  functionName: string;
  args: readonly unknown[];
}>;

/** Something that may be owed: how much, and how to get it. */
export type Due = Readonly<{ owed: () => Promise<bigint>; act: (owed: bigint) => Act }>;

/** Sends an act, whatever else is due; false where it would fail, or cannot be paid. */
export type Send = (act: Act) => Promise<boolean>;
