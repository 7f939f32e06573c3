import type { Hex } from 'viem';
import type { RuleKind } from '../../protocol/named-rule.ts';
import type { EvmCertificate } from '../../protocol/certificate.ts';
import type { Leaf } from '../../protocol/roll-call.ts';
import type { Attestation, Certificate, Committee, Rule, Verdict } from '../../protocol/types.ts';

/** One header, as far as a watcher needs it. `stateRoot` was checked to belong to `hash`. */
export type Block = Readonly<{
  chainId: bigint;
  height: bigint;
  hash: Hex;
  parentHash: Hex;
  timestamp: bigint;
  stateRoot: Hex;
}>;

/** A rule of a live coverage as the chain has it at one block. `anchor` is null until the rule is armed. */
export type CoveredRule = Readonly<{
  coverageId: Hex;
  ruleId: Hex;
  name: string;
  target: Hex;
  kind: RuleKind;
  rule: Rule;
  /** Runtime code of a sentinel that is not deployed. */
  bytecode: Hex | null;
  phase: 'shadow' | 'armed';
  armedAt: bigint;
  notBefore: bigint;
  /** What the coverage can still refund, in wei. */
  escrow: bigint;
  lastHeight: bigint;
  anchor: Hex | null;
}>;

/** What registry and committee decide, read at one block hash. `committee` is null while no roster is in force. */
export type ChainState = Readonly<{
  block: Block;
  epoch: bigint;
  committee: Committee | null;
  rules: readonly CoveredRule[];
  /** Seats barred for a proven lie, by the epochs a certificate can still be about. */
  struck: readonly Readonly<{ epoch: bigint; seats: readonly number[] }>[];
}>;

/** A trip the registry recorded in a block. */
export type Trip = Readonly<{
  digest: Hex;
  coverageId: Hex;
  ruleId: Hex;
  verdict: Verdict;
  /** Weight behind it; none is behind a trip by proof. */
  signed: bigint;
  rung: number;
  /** Whether more than two thirds had signed. */
  isFull: boolean;
  end: bigint;
  submitter: Hex;
  transaction: Hex;
}>;

/** A roll call as the payroll told of it when it was booked. */
export type Booking = Readonly<{
  verdict: Verdict;
  leaves: readonly Leaf[];
  certificate: EvmCertificate;
}>;

/**
 * What observe yields, in order: every canonical block once, reorgs before the blocks that replace. Without a `common`
 * block nothing that was seen before can be relied on, and some of the blocks that replace never come out.
 */
export type BlockEvent =
  | Readonly<{
      kind: 'block';
      block: Block;
      state: ChainState;
      trips: readonly Trip[];
      /** Coverages whose target failed when it should have tripped. */
      failures: readonly Hex[];
      /** Null where providers did not tell: they are to be asked for again. */
      bookings: readonly Booking[] | null;
      seenAt: number;
    }>
  | Readonly<{ kind: 'reorg'; common: Block | null; dropped: readonly Block[] }>
  | Readonly<{ kind: 'final'; height: bigint }>;

/** Slot values of one evaluation of a rule: at its block, and at its reference (empty when the rule has none). */
export type Evaluation = Readonly<{ at: readonly Hex[]; before: readonly Hex[] }>;

/** What was read for one rule, pinned to a block hash. */
export type Fact = Readonly<{
  block: Block;
  epoch: bigint;
  covered: CoveredRule;
  evaluations: readonly Evaluation[];
}>;

/** What a sentinel collected, newest first, and the code that judges it. */
export type SampledFact = Readonly<{
  block: Block;
  epoch: bigint;
  covered: CoveredRule;
  code: Hex;
  samples: readonly Hex[];
}>;

/** A rule that cannot be judged at this block: missing data is never all-clear. */
export type Abstention = Readonly<{ block: Block; coverageId: Hex; ruleId: Hex; code: string }>;

/** A rule that fires. `values` are the claims in the order of `claimsRoot`. */
export type Finding = Readonly<{
  block: Block;
  epoch: bigint;
  covered: CoveredRule;
  values: readonly Hex[];
  measure: bigint;
}>;

/** What is said of a coverage at a block at which it is called: the state of each rule that is armed, in its order. */
export type Roll = Readonly<{
  block: Block;
  epoch: bigint;
  coverageId: Hex;
  /** Of all its rules. */
  ruleIds: readonly Hex[];
  leaves: readonly Leaf[];
}>;

export type SignedVerdict = Readonly<{ digest: Hex; verdict: Verdict; attestation: Attestation }>;
export type QuorumReached = Readonly<{
  digest: Hex;
  verdict: Verdict;
  certificate: Certificate;
  signed: bigint;
  total: bigint;
}>;

/** Two verified attestations of one seat under one key that say different things. */
export type Equivocation = Readonly<{
  epoch: bigint;
  seat: number;
  first: Attestation;
  second: Attestation;
}>;

/** Which judge of the court takes what, by its place on the bench. */
export const JUDGES = ['equivocation', 'false-claim', 'non-sequitur', 'false-silence'] as const;

/** What a verdict of class A should have claimed, in the order of `claimsRoot`, and the proof as the judges take it. */
export type TrueClaims = Readonly<{
  evaluations: readonly Evaluation[];
  values: readonly Hex[];
  proof: Hex;
}>;

/** A trip that a lie has made, by its coverage, rung and timestamps. */
export type FalseTrip = Readonly<{ coverageId: Hex; rung: number; trippedAt: bigint; end: bigint }>;

/** What a court can be shown: who lied in an epoch, what that has tripped, and the evidence as the judge takes it. */
export type Offence = Readonly<{
  judge: (typeof JUDGES)[number];
  epoch: bigint;
  seats: readonly number[];
  landed: FalseTrip | null;
  evidence: Hex;
}>;
