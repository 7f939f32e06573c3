import { encodeAbiParameters, getAbiItem, type Hex } from 'viem';
import { equivocationJudgeAbi } from './abi.ts';
import { createCertificate, evmCertificate } from './certificate.ts';
import type { Attestation } from './types.ts';

/** What the judge of equivocation takes: the arguments of its comparison but the registry. */
const [, ...COMPARED] = getAbiItem({ abi: equivocationJudgeAbi, name: 'compare' }).inputs;

/** Evidence that the seat of both attestations contradicts itself; `seatCount` is that of their roster. */
export const equivocationEvidence = (
  first: Attestation,
  second: Attestation,
  seatCount: number,
): Hex =>
  encodeAbiParameters(COMPARED, [
    ...evmCertificate(signedAlone(first, seatCount)),
    ...evmCertificate(signedAlone(second, seatCount)),
  ]);

const signedAlone = ({ verdict, seat, signature }: Attestation, seatCount: number) =>
  createCertificate({ verdict, seatCount, signers: [seat], signature });
