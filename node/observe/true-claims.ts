import { concatHex, type Hex } from 'viem';
import { blockProof } from '../../protocol/block-proof.ts';
import { anchorSlot } from '../../protocol/storage.ts';
import type { Verdict } from '../../protocol/types.ts';
import type { CoveredRule, TrueClaims } from '../lib/pipeline.ts';
import type { Ask } from '../lib/rpc.ts';
import { readFields } from './header.ts';
import { provenSlots } from './prove.ts';
import { ruleProof } from './rule-proof.ts';

/**
 * What a verdict of class A should have claimed, and the proof of it as the judges take it; null where nothing can be
 * said: its block was reorged away, or its rule had no anchor then.
 */
export async function trueClaims(
  ask: Ask,
  registry: Hex,
  covered: CoveredRule,
  { blockHash, height, coverageId, ruleId }: Verdict,
): Promise<TrueClaims | null> {
  const { rule, armedAt } = covered;
  const header = await ask('eth_getBlockByHash', [blockHash, false], readFields).catch(() => null);
  if (header === null || header.hash !== blockHash || BigInt(header.number) !== height) return null;
  const isAnchored = rule.reference.kind === 'anchor';
  let [anchor, before]: [Hex | null, Hex] = [covered.anchor, '0x'];
  if (isAnchored && (anchor === null || armedAt > height)) {
    // The owner has armed it anew since, or no longer: what the registry kept then is proven first.
    const slots = [{ account: registry, slot: anchorSlot(coverageId, ruleId) }];
    const { values, answers } = await provenSlots(ask, header, slots);
    if (BigInt(values[0]!) === 0n) return null;
    [anchor, before] = [values[0]!, blockProof(header, slots, answers)];
  }
  const { evaluations, proof } = await ruleProof(ask, rule, height, isAnchored ? anchor : null);
  return {
    evaluations,
    values: evaluations.flatMap(({ at, before: earlier }) => [...at, ...earlier]),
    proof: concatHex([before, proof]),
  };
}
