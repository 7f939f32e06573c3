import { BaseError, encodeFunctionData, type Hex, zeroHash } from 'viem';
import { committeeAbi, registryAbi } from '../../protocol/abi.ts';
import { aggregate } from '../../protocol/bls.ts';
import { createCertificate, evmCertificate } from '../../protocol/certificate.ts';
import type { Certificate, Domain, Verdict } from '../../protocol/types.ts';
import { claimsRoot } from '../../protocol/verdict.ts';
import type { Coverage } from '../coverage.ts';
import type { Devnet } from '../devnet.ts';
import { errorName } from '../forgery.ts';
import type { HeldSeat } from './held.ts';

/** What a lie says: which rule of which coverage fires, and by what values. */
export type Lie = Readonly<{
  coverage: Coverage;
  ruleId: Hex;
  rung: number;
  life: number;
  values: readonly Hex[];
}>;

const hasData = (error: unknown): boolean => typeof (error as { data?: unknown }).data === 'string';

/** Seats that sign together what none of them has seen, and hand it in. */
export type Liar = ReturnType<typeof createLiar>;

export function createLiar(
  { chain, deployment, people, stakes }: Devnet,
  held: readonly HeldSeat[],
) {
  const domain: Domain = { chainId: BigInt(deployment.chainId), registry: deployment.registry };

  /** The verdict about the block before the newest that an honest watcher would sign if the values were true. */
  const verdictOf = async (lie: Lie): Promise<Verdict> => {
    // Not the newest: where a call is only tried, that is the block it would be in.
    const { number, hash } = await chain.client.getBlock({
      blockNumber: (await chain.height()) - 1n,
    });
    const epoch = await chain.client.readContract({
      address: deployment.committee,
      abi: committeeAbi,
      functionName: 'epochInForce',
      args: [number],
    });
    return {
      observedChainId: domain.chainId,
      coverageId: lie.coverage.coverageId,
      ruleId: lie.ruleId,
      blockHash: hash,
      subject: zeroHash,
      height: number,
      epoch,
      rung: lie.rung,
      life: lie.life,
      claimsRoot: claimsRoot(lie.values),
    };
  };

  const certify = (verdict: Verdict): Certificate =>
    createCertificate({
      verdict,
      seatCount: stakes.length,
      signers: held.map(({ number }) => number),
      signature: aggregate(held.map((seat) => seat.attest(domain, verdict).signature)),
    });

  const submission = async (lie: Lie) => ({
    from: people.attacker,
    to: deployment.registry,
    data: encodeFunctionData({
      abi: registryAbi,
      functionName: 'submit',
      args: evmCertificate(certify(await verdictOf(lie))),
    }),
  });

  return {
    domain,
    verdictOf,
    certify,
    /** Signs and submits; the block of the trip. */
    trip: async (lie: Lie): Promise<bigint> => (await chain.act(await submission(lie))).blockNumber,
    /** The name of the error with which the registry refuses it; null where it would take it. */
    refusal: async (lie: Lie): Promise<string | null> => {
      const { from, to, data } = await submission(lie);
      try {
        await chain.client.call({ account: from, to, data });
        return null;
      } catch (error) {
        const raw: unknown = error instanceof BaseError ? error.walk(hasData) : null;
        return raw === null
          ? 'no answer'
          : errorName((raw as { data: Hex }).data.slice(0, 10) as Hex);
      }
    },
  };
}
