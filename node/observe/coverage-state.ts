import type { Hex } from 'viem';
import { registryAbi } from '../../protocol/abi.ts';
import type { Block, CoveredRule } from '../lib/pipeline.ts';
import type { CoveredRules } from './coverage.ts';
import type { Reads } from './reads.ts';
import type { CoveredEvent } from './registry-logs.ts';

/** `Phase`. */
const [NONE, ARMED] = [0, 2];

/** A live coverage as the registry has it at one block. */
export type Coverage = Readonly<{ covered: CoveredRules; rules: readonly CoveredRule[] }>;

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

  /** A coverage at a block; null once it is retired. */
  const at = async (block: Block, covered: CoveredRules): Promise<Coverage | null> => {
    const { coverageId, target } = covered;
    const [{ retired, notBefore, escrow }, states, anchors] = await Promise.all([
      call(block, registry, 'coverage', [coverageId]),
      Promise.all(
        covered.rules.map(({ ruleId }) => call(block, registry, 'ruleState', [coverageId, ruleId])),
      ),
      Promise.all(covered.rules.map((rule) => anchorAt(block, coverageId, rule))),
    ]);
    if (retired) return null;
    const rules = covered.rules.map((named, index): CoveredRule => {
      const { phase, armedAt, lastHeight } = states[index]!;
      return {
        ...named,
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
    return { covered, rules };
  };

  /** Whether the registry knows a coverage with just these rules at the block: a log may be invented, or of a dropped block. */
  const isKnown = async (block: Block, { coverageId, ruleIds }: CoveredEvent): Promise<boolean> => {
    const phases = ruleIds.map(
      async (ruleId) => (await call(block, registry, 'ruleState', [coverageId, ruleId])).phase,
    );
    return ruleIds.length > 0 && (await Promise.all(phases)).every((phase) => phase !== NONE);
  };

  const countMade = (block: Block): Promise<bigint> => call(block, registry, 'nonce', []);

  return { at, isKnown, countMade };
}
