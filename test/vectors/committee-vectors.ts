import { type Hex, keccak256 } from 'viem';
import { certificateOf, rosterOf } from './certificate-vectors.ts';
import { verdicts } from './verdict-vectors.ts';

const SIZES = [8, 16, 32, 64, 128, 256, 512] as const;
/** Of a thousand seats so many sign: the last lists its signers. */
const SHARES = [1_000, 900, 750, 700, 400] as const;

/** The seats that sign when about this share does, spread over the roster. */
export const signersAt = (seats: number, perMille: number): readonly number[] =>
  Array.from({ length: seats }, (_, seat) => seat).filter(
    (seat) => ((seat * 389 + 17) % 512) * 1_000 < perMille * 512,
  );

/** Rosters and certificates of each size by their hashes: keys, pages and weights follow from the seeds. */
export const committees = () => {
  const { digest } = verdicts()[0] ?? { digest: '0x' as Hex };
  return SIZES.map((seats) => {
    const roster = rosterOf(seats);
    return {
      seats,
      total: BigInt(roster.total),
      pages: roster.pages.map(({ code }) => keccak256(code as Hex)),
      roster: keccak256(roster.code as Hex),
      certificates: SHARES.map((perMille) => {
        const signers = signersAt(seats, perMille);
        const { evm, wire, signed } = certificateOf(roster, digest, signers, 0);
        return { perMille, signers: signers.length, evm, wire: keccak256(wire), signed };
      }),
    };
  });
};
