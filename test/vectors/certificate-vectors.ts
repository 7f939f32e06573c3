import { bls12_381 } from '@noble/curves/bls12-381.js';
import { encodePacked, type Hex, toHex } from 'viem';
import { keyAt, rawG2, signDigest, sumOf } from '../contracts/support/bls.ts';
import { signatureHex, TAGS } from './curve-vectors.ts';
import { account } from './labels.ts';
import { domainAt, packVerdict, verdictAt, verdicts } from './verdict-vectors.ts';

const { Fr } = bls12_381.fields;

const PER_PAGE = 127;
const FIRST_PAGE = 1;

/** A roster of the first `count` keys, and its pages. */
export const rosterOf = (count: number) => {
  const keys = Array.from({ length: count }, (_, index) => keyAt(index));
  const pages = Array.from({ length: Math.ceil(count / PER_PAGE) }, (_, page) => ({
    nonce: FIRST_PAGE + page,
    code: `0x00${keys
      .slice(page * PER_PAGE, (page + 1) * PER_PAGE)
      .map(({ raw }) => raw.slice(2))
      .join('')}`,
  }));
  const seats = keys.map((key, index) => ({
    page: FIRST_PAGE + Math.floor(index / PER_PAGE),
    place: index % PER_PAGE,
    weight: 100 + ((index * 37) % 61),
    keyHash: key.hash,
  }));
  const total = seats.reduce((sum, { weight }) => sum + weight, 0);
  const code = [
    '0x00',
    rawG2(sumOf(keys).negate()).slice(2),
    encodePacked(['uint64', 'uint16'], [BigInt(total), count]).slice(2),
    ...seats.map(({ page, place, weight }) =>
      encodePacked(['uint24', 'uint8', 'uint32'], [page, place, weight]).slice(2),
    ),
  ].join('');
  return { keys, seats, total, pages, nonce: FIRST_PAGE + pages.length, code };
};

/** What these seats of a roster sign, in every form. */
export const certificateOf = (
  roster: ReturnType<typeof rosterOf>,
  digest: Hex,
  signers: readonly number[],
  index: number,
) => {
  const count = roster.keys.length;
  const absent = roster.keys.map((_, seat) => seat).filter((seat) => !signers.includes(seat));
  const listsSigners = signers.length < absent.length;
  const seats = listsSigners ? signers : absent;
  const bits = seats.reduce((sum, seat) => sum | (1n << BigInt(seat)), 0n);
  const secret = signers.reduce((sum, seat) => Fr.add(sum, roster.keys[seat]?.secret ?? 0n), 0n);
  const signature = signatureHex(digest, TAGS[0] ?? '', secret);
  return {
    verdictIndex: index,
    signers,
    listsSigners,
    seats,
    evm: {
      listsSigners,
      signature: signDigest(
        digest,
        signers.map((seat) => roster.keys[seat]).filter((key) => key !== undefined),
      ),
      seats:
        seats.length === 0
          ? []
          : Array.from(
              { length: Math.ceil(count / 256) },
              (_, at) => (bits >> BigInt(256 * at)) & ((1n << 256n) - 1n),
            ),
    },
    wire: encodePacked(
      ['uint8', 'bytes', 'bool', 'uint16', 'bytes', 'bytes'],
      [1, packVerdict(verdictAt(index)), listsSigners, count, bitmapBytes(bits, count), signature],
    ),
    signed: BigInt(signers.reduce((sum, seat) => sum + (roster.seats[seat]?.weight ?? 0), 0)),
    total: BigInt(roster.total),
  };
};

const bitmapBytes = (bits: bigint, count: number): Hex =>
  toHex(
    Uint8Array.from({ length: Math.ceil(count / 8) }, (_, at) =>
      Number((bits >> BigInt(8 * at)) & 255n),
    ),
  );

const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index);

/** Rosters in pages, and certificates of them in every form. */
export const certificates = () => {
  const domain = domainAt(0);
  const plans = [
    [1, [range(0, 1)]],
    [4, [range(0, 4), range(1, 4), range(0, 2), range(3, 4)]],
    [7, [range(0, 7), range(1, 7), range(0, 4), range(0, 3), [2, 5]]],
    [260, [range(0, 260), range(0, 257), range(255, 258), range(130, 260), range(131, 260)]],
  ] as const;
  return {
    domain,
    committee: account('committee'),
    rosters: plans.map(([count, signerSets], at) => {
      const roster = rosterOf(count);
      const { digest } = verdicts()[0] ?? { digest: '0x' as Hex };
      const { nonce, code, pages, seats, total } = roster;
      const known = { nonce, code, pages, seats, total: BigInt(total), maxRung: count < 4 ? 1 : 3 };
      return {
        epoch: BigInt(at + 1),
        ...known,
        certificates: signerSets.map((signers) => certificateOf(roster, digest, signers, 0)),
      };
    }),
  };
};

/** Signed weights around each rung's border. */
export const quorums = () => {
  const totals = [1n, 2n, 3n, 4n, 7n, 9n, 99n, 100n, (1n << 41n) - 1n, 3n * (1n << 40n)];
  // Shares as fractions: reached only strictly above.
  const shares = [
    [1, 1n, 3n],
    [2, 1n, 2n],
    [3, 2n, 3n],
  ] as const;
  return totals.flatMap((total) =>
    shares.flatMap(([rung, over, under]) => {
      const border = (total * over) / under;
      return [0n, border - 1n, border, border + 1n, total]
        .filter((signed, at, all) => signed >= 0n && signed <= total && all.indexOf(signed) === at)
        .map((signed) => ({ rung, signed, total, reached: signed > border }));
    }),
  );
};
