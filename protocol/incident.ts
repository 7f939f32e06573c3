import { encodeAbiParameters, type Hex, keccak256 } from 'viem';

/** What the registry remembers of a trip. */
export type IncidentRecord = Readonly<{
  /** The verdict's. */
  digest: Hex;
  /**
   * Bitmap of the seats whose weight counted: bit i % 256 of word i / 256 is seat i. Of a trip by proof, whose weights are
   * zero, the first word is the prover's address.
   */
  signers: readonly [bigint, bigint];
  /** Weight that counted, and weight of the roster. */
  signed: bigint;
  total: bigint;
  /** What was tripped, which may be higher than the verdict's. */
  rung: number;
  /** Timestamps of the trip and of its end. */
  trippedAt: bigint;
  end: bigint;
}>;

const WORDS = [
  'bytes32',
  'bytes32',
  'uint256[2]',
  'uint256',
  'uint256',
  'uint8',
  'uint64',
  'uint64',
].map((type) => ({ type }));

/** The running hash of a coverage's incidents after one more; `previous` is the coverage id before the first. */
export const incidentHash = (
  previous: Hex,
  { digest, signers, signed, total, rung, trippedAt, end }: IncidentRecord,
): Hex =>
  keccak256(
    encodeAbiParameters(WORDS, [previous, digest, signers, signed, total, rung, trippedAt, end]),
  );
