import { bls12_381 } from '@noble/curves/bls12-381.js';
import { type G1Words, type G2Words, wordsG1, wordsG2 } from './bls.ts';

const { Fp, Fp2 } = bls12_381.fields;

/** A point on the curve of G1 that is outside the subgroup. */
export const outsideSubgroupG1 = (): G1Words =>
  search((x) => {
    const point = bls12_381.G1.Point.fromAffine({ x, y: Fp.sqrt(Fp.add(Fp.pow(x, 3n), 4n)) });
    return point.isTorsionFree() ? undefined : wordsG1(point);
  });

/** A point on the twist of G2 that is outside the subgroup. */
export const outsideSubgroupG2 = (): G2Words =>
  search((real) => {
    const x = Fp2.create({ c0: real, c1: 0n });
    const y = Fp2.sqrt(Fp2.add(Fp2.pow(x, 3n), Fp2.create({ c0: 4n, c1: 4n })));
    const point = bls12_381.G2.Point.fromAffine({ x, y });
    return point.isTorsionFree() ? undefined : wordsG2(point);
  });

const search = <T>(attempt: (x: bigint) => T | undefined): T => {
  for (let x = 1n; x < 100n; x++) {
    try {
      const found = attempt(x);
      if (found) return found;
    } catch {
      // No square root: this x is on no point.
    }
  }
  throw new RangeError('no point among the first hundred');
};
