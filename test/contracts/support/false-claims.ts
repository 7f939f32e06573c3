import type { Hex } from 'viem';
import { falseClaimEvidence, type Vouched } from '../../../protocol/evidence.ts';
import { openJudges, type Rig } from './judges.ts';
import { HIGH, proofOf, write } from './prover.ts';

/** What the judge of false claims makes of evidence. */
export const hear = (rig: Rig, evidence: Hex) =>
  rig.falseClaim.read.judge([rig.registry.address, evidence]);

/** Evidence by an honest proof of what the rule looks at, unless another is given. */
export const evidenceOf = async (rig: Rig, vouched: Vouched, rule = rig.rule, proof?: Hex) => {
  const { height } = vouched.kind === 'incident' ? vouched.verdict : vouched.certificate.verdict;
  const shown = proof ?? (await proofOf(rig, rig.id, rule, height));
  return falseClaimEvidence(rig.registry.address, vouched, rule, shown);
};

/** A chain with all judges. */
export const openFalseClaims = async () => {
  const opened = await openJudges();
  const { networkHelpers } = opened;
  /** A block at which the price has been HIGH for as long as any rule looks back, and no trip is in force. */
  const calm = async (rig: Rig) => {
    await networkHelpers.time.increase(rig.rule.life);
    await write(rig, HIGH);
    await networkHelpers.mine(3);
    const height = await rig.client.getBlockNumber();
    // A call is answered as of the newest block, whose own hash nobody knows in it.
    await networkHelpers.mine();
    return height;
  };
  return { ...opened, calm };
};
