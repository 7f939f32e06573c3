import type { Hex } from 'viem';
import { registryAbi } from '../../protocol/abi.ts';
import type { Block, CoveredRule } from '../lib/pipeline.ts';
import type { CoveredRules } from './coverage.ts';
import type { Named } from './named.ts';
import type { Reads } from './reads.ts';

/** `Phase`. */
const ARMED = 2;

/**
 * A live coverage as the registry has it at one block. Its rules are none where its manifest cannot be read, and where
 * `named` is not what the registry has: nobody told of the rules in force.
 */
export type Coverage = Readonly<{
  named: Named;
  isCurrent: boolean;
  rules: readonly CoveredRule[];
}>;

/** What the registry says of coverages. */
export type CoverageStates = ReturnType<typeof createCoverageStates>;

/** All of a coverage is asked for at once, so that many coverages need few requests. */
export function createCoverageStates({ call }: Reads, address: Hex) {
  const registry = { address, abi: registryAbi } as const;

  /** Only a rule that compares with an anchor ever has one. */
  const anchorAt = async (
    block: Block,
    coverageId: Hex,
    { ruleId, rule }: CoveredRules['rules'][number],
  ): Promise<Hex | null> => {
    if (rule.reference.kind !== 'anchor') return null;
    const anchor = await call(block, registry, 'anchor', [coverageId, ruleId]);
    return BigInt(anchor) === 0n ? null : anchor;
  };

  type Standing = Pick<CoveredRule, 'notBefore' | 'escrow'>;
  const rulesAt = async (
    block: Block,
    { coverageId, target, rules }: CoveredRules,
    standing: Promise<Standing>,
  ): Promise<readonly CoveredRule[]> => {
    const [{ notBefore, escrow }, states, anchors] = await Promise.all([
      standing,
      Promise.all(
        rules.map(({ ruleId }) => call(block, registry, 'ruleState', [coverageId, ruleId])),
      ),
      Promise.all(rules.map((rule) => anchorAt(block, coverageId, rule))),
    ]);
    return rules.map((identified, index): CoveredRule => {
      const { phase, armedAt, lastHeight } = states[index]!;
      return {
        ...identified,
        coverageId,
        target,
        phase: phase === ARMED ? 'armed' : 'shadow',
        armedAt: BigInt(armedAt),
        notBefore,
        escrow,
        lastHeight: BigInt(lastHeight),
        anchor: anchors[index]!,
      };
    });
  };

  const hashAt = (block: Block, coverageId: Hex): Promise<Hex> =>
    call(block, registry, 'rulesHash', [coverageId]);

  /** A coverage at a block, with those of the rules it was ever given that are in force; null once it is retired. */
  const at = async (block: Block, given: readonly Named[]): Promise<Coverage | null> => {
    const [last] = given;
    if (last === undefined) return null;
    const { coverageId } = last;
    const standing = call(block, registry, 'coverage', [coverageId]);
    const rulesOf = async ({ covered }: Named) =>
      covered.ok ? rulesAt(block, covered.value, standing) : [];
    // What was told last is nearly always in force, and so asked about in the same request.
    const [{ retired }, hash, lastRules] = await Promise.all([
      standing,
      hashAt(block, coverageId),
      rulesOf(last),
    ]);
    if (retired) return null;
    const named = given.find(({ rulesHash }) => rulesHash === hash);
    if (named === undefined) return { named: last, isCurrent: false, rules: [] };
    return { named, isCurrent: true, rules: named === last ? lastRules : await rulesOf(named) };
  };

  /** Whether the registry has such a coverage at the block: a log may be invented, or of a dropped block. */
  const isKnown = async (block: Block, coverageId: Hex): Promise<boolean> =>
    BigInt(await hashAt(block, coverageId)) !== 0n;

  const countMade = (block: Block): Promise<bigint> => call(block, registry, 'nonce', []);

  return { at, isKnown, countMade };
}
