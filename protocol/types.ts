import type { Hex } from 'viem';

/** What a verdict rests on: A a storage proof, B replay, C statistics. */
export type Class = 'A' | 'B' | 'C';

/** The second set of values a predicate compares with. */
export type Reference =
  | Readonly<{ kind: 'none' }>
  | Readonly<{ kind: 'lookback'; blocks: number }>
  | Readonly<{ kind: 'anchor' }>;

/** One storage slot of one account. */
export type Slot = Readonly<{ account: Hex; slot: Hex }>;

/** Everything that decides what a rule says; its hash is the rule id. `life` in seconds, `hold` in blocks. */
export type Rule = Readonly<{
  class: Class;
  rung: number;
  life: number;
  family: string;
  detector: string;
  code: Hex;
  codeHash: Hex;
  gas: number;
  reference: Reference;
  hold: number;
  startBlock: bigint;
  slots: readonly Slot[];
  params: Hex;
}>;

/** Where digests are valid: the home chain and its registry. */
export type Domain = Readonly<{ chainId: bigint; registry: Hex }>;

/** The fields that name a verdict; two different verdicts of one watcher under one key are equivocation. */
export type VerdictKey = Readonly<{
  observedChainId: bigint;
  coverageId: Hex;
  ruleId: Hex;
  blockHash: Hex;
  subject: Hex;
}>;

/** A finding in its one canonical encoding: the key, and what follows from it and the chain at `blockHash`. */
export type Verdict = VerdictKey &
  Readonly<{ height: bigint; epoch: bigint; rung: number; life: number; claimsRoot: Hex }>;

/** One seat's signature of a verdict: 48 bytes, compressed G1. */
export type Attestation = Readonly<{ verdict: Verdict; seat: number; signature: Uint8Array }>;

/** An aggregate signature with the seats that are absent or, when fewer, those that signed (ascending). */
export type Certificate = Readonly<{
  verdict: Verdict;
  listsSigners: boolean;
  seatCount: number;
  seats: readonly number[];
  signature: Uint8Array;
}>;

/** One place in a roster. `key` is 96 bytes, compressed G2. */
export type Seat = Readonly<{ index: number; key: Uint8Array; keyHash: Hex; weight: bigint }>;

/** The roster in force during an epoch. */
export type Committee = Readonly<{
  epoch: bigint;
  seats: readonly Seat[];
  totalWeight: bigint;
  maxRung: number;
}>;
