import { type Hex, zeroHash } from 'viem';
import { committeeAbi } from '../../protocol/abi.ts';
import { aggregate } from '../../protocol/bls.ts';
import { createCertificate } from '../../protocol/certificate.ts';
import type { Attestation, Certificate, Verdict } from '../../protocol/types.ts';
import type { Coverage } from '../coverage.ts';
import type { Devnet } from '../devnet.ts';
import { until } from '../wait.ts';
import type { HeldSeat } from './held.ts';

/** What a verdict is to say of a coverage. */
export type Saying = Readonly<{
  coverage: Coverage;
  ruleId: Hex;
  subject?: Hex;
  rung: number;
  life: number;
  claimsRoot: Hex;
}>;

/** Seats that sign together, whatever they are told to. */
export type Signers = ReturnType<typeof createSigners>;

export function createSigners(
  { chain, deployment, domain, stakes, ended: signal }: Devnet,
  held: readonly HeldSeat[],
) {
  /** The block before the newest, with the epoch of its roster; null while it is older than any. */
  const judged = async () => {
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
    return epoch === 0n ? null : { number, hash, epoch };
  };

  /** The verdict about that block that says so. */
  const verdictOf = async ({ coverage, subject = zeroHash, ...said }: Saying): Promise<Verdict> => {
    const { number, hash, epoch } = await until('a roster to be in force', judged, { signal });
    return {
      observedChainId: domain.chainId,
      coverageId: coverage.coverageId,
      blockHash: hash,
      subject,
      height: number,
      epoch,
      ...said,
    };
  };

  /** With what `others` have signed of it. */
  const certify = (verdict: Verdict, others: readonly Attestation[] = []): Certificate => {
    const attestations = [...held.map((seat) => seat.attest(domain, verdict)), ...others];
    return createCertificate({
      verdict,
      seatCount: stakes.length,
      signers: attestations.map(({ seat }) => seat),
      signature: aggregate(attestations.map(({ signature }) => signature)),
    });
  };

  return { verdictOf, certify };
}
