import fc from 'fast-check';
import { type Hex, toHex } from 'viem';
import { aggregate, keyHash, publicKeyOf, secretFromSeed, sign } from '../../protocol/bls.ts';
import { createCertificate } from '../../protocol/certificate.ts';
import { maxRungOf } from '../../protocol/quorum.ts';
import type { Certificate, Committee, Domain, Verdict } from '../../protocol/types.ts';
import { verdictDigest } from '../../protocol/verdict.ts';

/** A domain that nothing depends on. */
export const domain: Domain = { chainId: 31_337n, registry: `0x${'11'.repeat(20)}` };

/** A verdict, but for what is given. */
export const verdictWith = (changes: Partial<Verdict> = {}): Verdict => ({
  observedChainId: 31_337n,
  coverageId: `0x${'01'.repeat(32)}`,
  ruleId: `0x${'02'.repeat(32)}`,
  blockHash: `0x${'03'.repeat(32)}`,
  subject: `0x${'00'.repeat(32)}`,
  height: 100n,
  epoch: 1n,
  rung: 3,
  life: 3_600,
  claimsRoot: `0x${'04'.repeat(32)}`,
  ...changes,
});

/** The `index`th secret of a fixed sequence. */
export const secretAt = (index: number): Uint8Array =>
  secretFromSeed(new Uint8Array(48).fill(index + 1));

/** A committee of the first secrets with these weights. */
export const committeeOf = (weights: readonly bigint[], epoch = 1n): Committee => ({
  epoch,
  seats: weights.map((weight, index) => {
    const key = publicKeyOf(secretAt(index));
    return { index, key, keyHash: keyHash(key), weight };
  }),
  totalWeight: weights.reduce((sum, weight) => sum + weight, 0n),
  maxRung: maxRungOf(weights),
});

/** A certificate that these seats of such a committee signed. */
export const certificateBy = (
  signers: readonly number[],
  seatCount: number,
  verdict = verdictWith(),
): Certificate => {
  const digest = verdictDigest(domain, verdict);
  const signature = aggregate(signers.map((seat) => sign(secretAt(seat), digest)));
  return createCertificate({ verdict, seatCount, signers, signature });
};

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes): Hex => toHex(bytes));
const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

/** Any verdict that has a wire form. */
export const anyVerdict: fc.Arbitrary<Verdict> = fc.record(
  {
    observedChainId: uint64,
    coverageId: bytes32,
    ruleId: bytes32,
    blockHash: bytes32,
    subject: bytes32,
    height: uint64,
    epoch: uint64,
    rung: fc.integer({ min: 1, max: 3 }),
    life: fc.integer({ min: 0, max: 0xffff_ffff }),
    claimsRoot: bytes32,
  },
  { noNullPrototype: true },
);
