import { encodeFunctionData, type Hex, zeroHash } from 'viem';
import { committeeAbi, registryAbi } from '../../protocol/abi.ts';
import { aggregate } from '../../protocol/bls.ts';
import { createCertificate, evmCertificate } from '../../protocol/certificate.ts';
import type { Certificate, Domain, Verdict } from '../../protocol/types.ts';
import { claimsRoot } from '../../protocol/verdict.ts';
import type { Coverage } from '../coverage.ts';
import type { Devnet } from '../devnet.ts';
import type { HeldSeat } from './held.ts';

/** What a lie says: which rule of which coverage fires, and by what values. */
export type Lie = Readonly<{
  coverage: Coverage;
  ruleId: Hex;
  rung: number;
  life: number;
  values: readonly Hex[];
}>;

/** Seats that sign together what none of them has seen, and hand it in. */
export type Liar = ReturnType<typeof createLiar>;

export function createLiar(
  { chain, deployment, people, stakes }: Devnet,
  held: readonly HeldSeat[],
) {
  const domain: Domain = { chainId: BigInt(deployment.chainId), registry: deployment.registry };

  /** The verdict about the newest block that an honest watcher would sign if the values were true. */
  const verdictOf = async (lie: Lie): Promise<Verdict> => {
    const { number, hash } = await chain.client.getBlock();
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

  return {
    domain,
    verdictOf,
    certify,
    /** Signs and submits; the block of the trip. */
    trip: async (lie: Lie) => {
      const verdict = await verdictOf(lie);
      const data = encodeFunctionData({
        abi: registryAbi,
        functionName: 'submit',
        args: evmCertificate(certify(verdict)),
      });
      const { from, to } = { from: people.attacker, to: deployment.registry };
      return (await chain.act({ from, to, data })).blockNumber;
    },
  };
}
