import { concatHex, decodeFunctionResult, encodeFunctionData, type Hex } from 'viem';
import { registryAbi } from '../../protocol/abi.ts';
import { blockProof } from '../../protocol/block-proof.ts';
import { anchorSlot } from '../../protocol/storage.ts';
import type { Verdict } from '../../protocol/types.ts';
import type { CoveredRule, TrueClaims } from '../lib/pipeline.ts';
import type { Ask } from '../lib/rpc.ts';
import { readFields } from './header.ts';
import { type ProvenAt, provenSlots } from './prove.ts';
import { ruleProof } from './rule-proof.ts';

/**
 * What a verdict of class A should have claimed, and the proof of it as the judges take it; null where nothing can be
 * said: its block was reorged away, or its rule had no anchor then.
 */
export async function trueClaims(
  ask: Ask,
  registry: Hex,
  { rule }: Pick<CoveredRule, 'rule'>,
  { blockHash, height, coverageId, ruleId }: Verdict,
  provenAt: ProvenAt = (block, slots) => provenSlots(ask, block, slots),
): Promise<TrueClaims | null> {
  const header = await ask('eth_getBlockByHash', [blockHash, false], (answer) =>
    answer === null ? null : readFields(answer),
  );
  if (header?.hash !== blockHash || BigInt(header.number) !== height) return null;
  const isAnchored = rule.reference.kind === 'anchor';
  let [anchor, before]: [Hex | null, Hex] = [null, '0x'];
  if (isAnchored) anchor = await standingAnchor(ask, registry, coverageId, ruleId, height);
  if (isAnchored && anchor === null) {
    // The owner has armed it anew since, or no longer: what the registry kept then is proven first.
    const slots = [{ account: registry, slot: anchorSlot(coverageId, ruleId) }];
    const { values, answers } = await provenAt(header, slots);
    if (BigInt(values[0]!) === 0n) return null;
    [anchor, before] = [values[0]!, blockProof(header, slots, answers)];
  }
  const { evaluations, proof } = await ruleProof(ask, rule, height, anchor, provenAt);
  return {
    evaluations,
    values: evaluations.flatMap(({ at, before: earlier }) => [...at, ...earlier]),
    proof: concatHex([before, proof]),
  };
}

/** The anchor that the registry keeps now, where it has kept it since before `height`: judges ask for no proof of it. */
async function standingAnchor(
  ask: Ask,
  registry: Hex,
  coverageId: Hex,
  ruleId: Hex,
  height: bigint,
): Promise<Hex | null> {
  const args = [coverageId, ruleId] as const;
  const call = <T>(functionName: 'anchor' | 'ruleState', parse: (data: Hex) => T) => {
    const data = encodeFunctionData({ abi: registryAbi, functionName, args } as const);
    return ask('eth_call', [{ to: registry, data }, 'latest'], (answer) => parse(answer as Hex));
  };
  const [anchor, { armedAt }] = await Promise.all([
    call('anchor', (data) =>
      decodeFunctionResult({ abi: registryAbi, functionName: 'anchor', data }),
    ),
    call('ruleState', (data) =>
      decodeFunctionResult({ abi: registryAbi, functionName: 'ruleState', data }),
    ),
  ]);
  return BigInt(anchor) !== 0n && height >= BigInt(armedAt) ? anchor : null;
}
