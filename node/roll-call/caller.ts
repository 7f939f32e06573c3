import { type Hex, zeroHash } from 'viem';
import type { Attestation } from '../../protocol/types.ts';
import { createBackground } from '../lib/background.ts';
import type { Abstention, ChainState, Fact, Finding, Roll } from '../lib/pipeline.ts';
import type { IsPaid } from './paid.ts';
import { calledAt, isArmed, missed, rollOf } from './leaves.ts';

/** Roll calls on their way from proofs to a signature at once, of one coverage and in all. */
const CALLING = { perOwner: 4, inAll: 64 } as const;

/** What a block came to. `opined` is of rules of class B and C; null where nobody knows. */
export type Judged = Readonly<{
  state: ChainState;
  facts: readonly Fact[];
  said: readonly (Finding | Abstention)[];
  opined: Promise<readonly (Finding | Abstention)[] | null>;
}>;

/** What a caller works with. */
export type CallerDeps = Readonly<{
  /** Blocks from one roll call of a coverage to the next, on average. */
  period: bigint;
  isSeated(state: ChainState): boolean;
  isPaid: IsPaid;
  /** Shows every value of a fact against the state root of its block; null when all hold. */
  prove(fact: Fact): Promise<Abstention | null>;
  sign(roll: Roll): Promise<Attestation | null>;
  /** Told of what was signed. */
  tell(roll: Roll, attestation: Attestation): Promise<void>;
  abstain(abstention: Abstention): void;
}>;

/** Answers the roll calls of coverages. */
export type Caller = ReturnType<typeof createCaller>;

/** From what rules have said of a block to a signed roll call; what rests on slots is proven first, as a finding is. */
export function createCaller({ period, isSeated, isPaid, prove, sign, tell, abstain }: CallerDeps) {
  const calling = createBackground(CALLING);

  const call = async (judged: Judged, coverageId: Hex): Promise<void> => {
    const { state, facts, said } = judged;
    const paid = await isPaid(coverageId, state.block.height).catch(() => null);
    if (paid === null) return abstain(missed(state.block, coverageId, zeroHash));
    if (!paid) return;
    const opined = await judged.opined;
    const roll = rollOf(state, coverageId, opined === null ? null : [...said, ...opined]);
    if ('code' in roll) return abstain(roll);
    const ours = facts.filter(
      ({ covered }) => covered.coverageId === coverageId && isArmed(covered),
    );
    for (const refused of await Promise.all(ours.map(prove)))
      if (refused !== null) return abstain(missed(state.block, coverageId, refused.ruleId));
    const attestation = await sign(roll);
    if (attestation !== null) await tell(roll, attestation);
  };

  /** Answers for each coverage that is called at the block, while the next blocks come. */
  const begin = (judged: Judged): void => {
    const { state } = judged;
    if (!isSeated(state)) return;
    for (const coverageId of calledAt(state, period))
      if (!calling.begin(coverageId, () => call(judged, coverageId)))
        abstain(missed(state.block, coverageId, zeroHash));
  };

  return { begin, check: calling.check, settled: calling.settled };
}
