import { type Hex, numberToHex } from 'viem';
import { blockProof } from '../../protocol/block-proof.ts';
import { type ClaimedBlock, claimedBlocks, provenBlocks } from '../../protocol/claims.ts';
import { faults } from '../../protocol/fault.ts';
import type { Rule } from '../../protocol/types.ts';
import type { Evaluation } from '../lib/pipeline.ts';
import type { Ask } from '../lib/rpc.ts';
import { readFields } from './header.ts';
import { type ProvenAt, provenSlots } from './prove.ts';

const fault = faults<{
  ANCHOR_MISSING: { height: bigint };
  BLOCK_DIFFERS: { expected: Hex | bigint; found: Hex };
}>();

/** What a rule of class A looks at, and the proof of all of it as the prover takes it. */
export type RuleProof = Readonly<{ evaluations: readonly Evaluation[]; proof: Hex }>;

/** Reads the canonical block at `height` and those before it that the rule needs; every value is proven before it is answered. */
export async function ruleProof(
  ask: Ask,
  rule: Rule,
  height: bigint,
  anchor: Hex | null,
  provenAt: ProvenAt = (block, slots) => provenSlots(ask, block, slots),
): Promise<RuleProof> {
  const headerOf = async (claimed: ClaimedBlock) => {
    if (claimed !== 'anchor') {
      const header = await ask('eth_getBlockByNumber', [numberToHex(claimed), false], readFields);
      if (BigInt(header.number) === claimed) return header;
      throw fault('BLOCK_DIFFERS', { expected: claimed, found: header.hash });
    }
    if (anchor === null) throw fault('ANCHOR_MISSING', { height });
    const header = await ask('eth_getBlockByHash', [anchor, false], readFields);
    if (header.hash === anchor) return header;
    throw fault('BLOCK_DIFFERS', { expected: anchor, found: header.hash });
  };
  const blocks = await Promise.all(
    provenBlocks(rule, height).map(async (claimed) => {
      const header = await headerOf(claimed);
      const { values, answers } = await provenAt(header, rule.slots);
      return { claimed, values, proof: blockProof(header, rule.slots, answers) };
    }),
  );
  const values = new Map(blocks.map((block) => [block.claimed, block.values]));
  return {
    evaluations: evaluationsOf(rule, height, (claimed) => values.get(claimed)!),
    proof: `0x${blocks.map(({ proof }) => proof.slice(2)).join('')}`,
  };
}

/** The claims as the predicate is shown them, one evaluation or, of a rule that holds, two. */
function evaluationsOf(
  rule: Rule,
  height: bigint,
  valuesOf: (claimed: ClaimedBlock) => readonly Hex[],
): readonly Evaluation[] {
  const values = claimedBlocks(rule, height).map(valuesOf);
  if (rule.reference.kind === 'none') return values.map((at) => ({ at, before: [] }));
  return values.flatMap((at, index) =>
    index % 2 === 0 ? [{ at, before: values[index + 1] ?? [] }] : [],
  );
}
