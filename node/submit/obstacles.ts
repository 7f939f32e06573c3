import { type Hex, type PublicClient } from 'viem';
import { breakerHubAbi, registryAbi } from '../../protocol/abi.ts';
import { evmCertificate } from '../../protocol/certificate.ts';
import type { Certificate, Verdict } from '../../protocol/types.ts';
import type { ChainState } from '../lib/pipeline.ts';
import { revertOf } from '../wallet/revert.ts';
import type { Fees } from '../wallet/sender.ts';

/** The target stands at the verdict's rung or above: sending would only spend its escrow. */
export const ALREADY_TRIPPED = 'ALREADY_TRIPPED';

const abi = [...registryAbi, ...breakerHubAbi] as const;

/** The target cannot be tripped: sending would only spend its escrow. */
export const TARGET_FAILED = 'TARGET_FAILED';

/** What stands between a certificate and a trip: the name of an error, or null for nothing. */
export type Obstacles = Readonly<{
  /**
   * Simulates the transaction that would be sent, bid and all, since a target may look at its gas price, against
   * `blockTag`; and asks for the rung in force there, which `aim` would be no more than.
   */
  find: (
    certificate: Certificate,
    aim: number,
    bid: Fees & Readonly<{ gas: bigint }>,
    blockTag: 'pending' | 'latest',
  ) => Promise<string | null>;
  /** Rung in force at `head`; asked once a block however many certificates wait. */
  rungAt: (coverageId: Hex, head: bigint) => Promise<number>;
  /** Asked once: a coverage keeps its target. */
  targetOf: (coverageId: Hex) => Promise<Hex>;
}>;

/** Asks registry and hub as `sender`. */
export function createObstacles(
  client: PublicClient,
  { registry, hub, sender }: Readonly<{ registry: Hex; hub: Hex; sender: Hex }>,
): Obstacles {
  const targets = new Map<Hex, Hex>();
  const standing = new Map<Hex, { head: bigint; rung: Promise<number> }>();

  const targetOf = async (coverageId: Hex): Promise<Hex> => {
    const known = targets.get(coverageId);
    if (known !== undefined) return known;
    const { target } = await client.readContract({
      address: registry,
      abi,
      functionName: 'coverage',
      args: [coverageId],
    });
    targets.set(coverageId, target);
    return target;
  };

  const rungOf = async (coverageId: Hex, blockTag: 'pending' | 'latest') =>
    await client.readContract({
      address: hub,
      abi,
      functionName: 'rungOf',
      args: [await targetOf(coverageId)],
      blockTag,
    });

  const simulate = (
    certificate: Certificate,
    { gas, maxFeePerGas, maxPriorityFeePerGas }: Fees & Readonly<{ gas: bigint }>,
    blockTag: 'pending' | 'latest',
  ) =>
    client
      .simulateContract({
        address: registry,
        abi,
        functionName: 'submit',
        args: evmCertificate(certificate),
        account: sender,
        gas,
        maxFeePerGas,
        maxPriorityFeePerGas,
        blockTag,
      })
      .then(({ result }) => (result === 0n ? TARGET_FAILED : null), revertOf);

  return {
    targetOf,
    find: async (certificate, aim, bid, blockTag) => {
      const { coverageId } = certificate.verdict;
      const [reverted, found] = await Promise.all([
        simulate(certificate, bid, blockTag),
        rungOf(coverageId, blockTag),
      ]);
      return found >= aim ? ALREADY_TRIPPED : reverted;
    },
    rungAt: (coverageId, head) => {
      const known = standing.get(coverageId);
      if (known?.head === head) return known.rung;
      const rung = rungOf(coverageId, 'latest');
      standing.set(coverageId, { head, rung });
      rung.catch(() => standing.delete(coverageId));
      return rung;
    },
  };
}

/** What the newest block already says against sending, without asking anybody. */
export function obstacleIn(state: ChainState | null, verdict: Verdict): string | null {
  const covered = ruleIn(state, verdict);
  if (covered === undefined) return null;
  const { height } = verdict;
  // At the same height a higher rung may still trip: the registry is asked.
  return height <= covered.notBefore || height < covered.lastHeight ? 'VerdictStale' : null;
}

/** Whether the coverage can refund the worst that its target can make of a trip; unknown counts as yes. */
export function isPaid(
  state: ChainState | null,
  verdict: Verdict,
  { gas, maxFeePerGas }: Fees & Readonly<{ gas: bigint }>,
): boolean {
  const covered = ruleIn(state, verdict);
  return covered === undefined || covered.escrow >= gas * maxFeePerGas;
}

const ruleIn = (state: ChainState | null, { coverageId, ruleId }: Verdict) =>
  state?.rules.find((rule) => rule.coverageId === coverageId && rule.ruleId === ruleId);
