import assert from 'node:assert/strict';
import fc from 'fast-check';
import hre from 'hardhat';
import { encodeAbiParameters, type Hex, numberToHex, parseAbiParameters } from 'viem';

const { viem } = await hre.network.create();
const feedBound = await viem.deployContract('FeedBound');
const sharePriceFall = await viem.deployContract('SharePriceFall');
const probes = await viem.deployContract('Probes');

const MAX = 2n ** 256n - 1n;
const word = (value: bigint): Hex => numberToHex(BigInt.asUintN(256, value), { size: 32 });
const words = (...values: bigint[]) => values.map(word);
const bounds = (rise: number, fall: number) =>
  encodeAbiParameters(parseAbiParameters('uint32, uint32'), [rise, fall]);
const fall = (bps: number) => encodeAbiParameters(parseAbiParameters('uint32'), [bps]);
const feed = (answer: bigint, reference: bigint, params = bounds(1000, 2000)) =>
  feedBound.read.evaluate([params, words(answer), words(reference)]);
const share = (at: [bigint, bigint], before: [bigint, bigint], params = fall(100)) =>
  sharePriceFall.read.evaluate([params, words(...at), words(...before)]);

/** Any 256-bit word, with the edges often. */
const hostile = fc.oneof(
  fc.constantFrom(0n, 1n, 2n ** 120n, 2n ** 255n - 1n, 2n ** 255n, MAX),
  fc.bigInt({ min: 0n, max: MAX }),
  fc.bigInt({ min: 0n, max: 10n ** 30n }),
);
const ceiling = (a: bigint, b: bigint) => (a + b - 1n) / b;

describe('a feed within bounds', () => {
  for (const [answer, reference, fires, measure] of [
    [100_000n, 100_000n, false, 0n],
    [110_000n, 100_000n, false, 1000n],
    [110_001n, 100_000n, true, 1001n],
    [80_000n, 100_000n, false, 2000n],
    [79_999n, 100_000n, true, 2001n],
    [1_000_000n, 100_000n, true, 90_000n],
    [1n, 100_000n, true, 10_000n],
    [0n, 100_000n, true, 10_000n],
    [-1n, 100_000n, true, 10_000n],
    [-(2n ** 255n), 100_000n, true, 10_000n],
    [0n, 0n, true, 10_000n],
    [1n, 0n, false, 0n],
    [1n, -1n, false, 0n],
    [2n ** 255n - 1n, 1n, true, MAX],
    [1n, 2n ** 255n - 1n, true, 10_000n],
  ] as const)
    it(`${fires ? 'fires' : 'does not fire'} at ${answer} against ${reference}`, async () => {
      assert.deepEqual(await feed(answer, reference), [fires, measure]);
    });

  it('fires exactly beyond its bounds, whatever the values', async () => {
    await fc.assert(
      fc.asyncProperty(
        hostile,
        hostile,
        fc.nat(20_000),
        fc.nat(10_000),
        async (a, b, rise, drop) => {
          const [fires, measure] = await feed(a, b, bounds(rise, drop));
          const [answer, reference] = [BigInt.asIntN(256, a), BigInt.asIntN(256, b)];
          if (answer <= 0n) return assert.deepEqual([fires, measure], [true, 10_000n]);
          if (reference <= 0n) return assert.deepEqual([fires, measure], [false, 0n]);
          const moved = answer > reference ? answer - reference : reference - answer;
          const exact = ceiling(moved * 10_000n, reference);
          assert.equal(measure, exact > MAX ? MAX : exact);
          assert.equal(
            fires,
            moved * 10_000n > reference * BigInt(answer > reference ? rise : drop),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  for (const [at, before] of [
    [0, 1],
    [1, 0],
    [2, 1],
    [1, 2],
  ] as const)
    it(`has nothing to say of ${at} values against ${before}`, async () => {
      const args = [
        bounds(1, 1),
        words(...Array(at).fill(1n)),
        words(...Array(before).fill(1n)),
      ] as const;
      await viem.assertions.revertWithCustomErrorWithArgs(
        feedBound.read.evaluate(args),
        feedBound,
        'SlotCount',
        [BigInt(at), BigInt(before)],
      );
    });
});

describe('a share price that may not fall', () => {
  for (const [at, before, fires, measure] of [
    [[1000n, 1000n], [1000n, 1000n], false, 0n],
    [[990n, 1000n], [1000n, 1000n], false, 100n],
    [[989n, 1000n], [1000n, 1000n], true, 110n],
    [[98_999n, 100_000n], [100_000n, 100_000n], true, 101n],
    [[2000n, 1000n], [1000n, 1000n], false, 0n],
    [[500n, 500n], [1000n, 1000n], false, 0n],
    [[500n, 1000n], [1000n, 1000n], true, 5000n],
    [[1000n, 2000n], [1000n, 1000n], true, 5000n],
    [[0n, 1000n], [1000n, 1000n], true, 10_000n],
    [[0n, 0n], [1000n, 1000n], false, 0n],
    [[1000n, 1000n], [0n, 0n], false, 0n],
    [[1000n, 1000n], [1000n, 0n], false, 0n],
    [[1000n, 1000n], [0n, 1000n], false, 0n],
    [[1000n, MAX], [1000n, 1000n], true, 10_000n],
    [[MAX, 1000n], [1000n, 1000n], false, 0n],
    [[MAX, MAX], [MAX, MAX], false, 0n],
    [[MAX / 2n, MAX], [MAX, MAX], true, 5001n],
    [[2n ** 120n - 1n, 2n ** 120n - 1n], [1n, 1n], false, 0n],
  ] as const)
    it(`${fires ? 'fires' : 'does not fire'} when ${at[0]} over ${at[1]} was ${before[0]} over ${before[1]}`, async () => {
      assert.deepEqual(await share([...at], [...before]), [fires, measure]);
    });

  it('answers for any values an attacker may write, and exactly below 2^120', async () => {
    await fc.assert(
      fc.asyncProperty(
        hostile,
        hostile,
        hostile,
        hostile,
        fc.nat(10_000),
        async (a, s, a0, s0, max) => {
          const [fires, measure] = await share([a, s], [a0, s0], fall(max));
          assert.ok(measure <= 10_000n);
          assert.equal(fires, measure > BigInt(max));
          if ([a, s, a0, s0].some((value) => value >= 2n ** 120n)) return;
          const [now, then] = [a * s0, a0 * s];
          assert.equal(
            measure,
            s === 0n || s0 === 0n || now >= then ? 0n : ceiling((then - now) * 10_000n, then),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  for (const [at, before] of [
    [1, 2],
    [2, 0],
    [3, 2],
  ] as const)
    it(`has nothing to say of ${at} values against ${before}`, async () => {
      const args = [
        fall(1),
        words(...Array(at).fill(1n)),
        words(...Array(before).fill(1n)),
      ] as const;
      await viem.assertions.revertWithCustomErrorWithArgs(
        sharePriceFall.read.evaluate(args),
        sharePriceFall,
        'SlotCount',
        [BigInt(at), BigInt(before)],
      );
    });
});

describe('basis points', () => {
  for (const [part, whole, bps] of [
    [0n, 0n, 0n],
    [1n, 0n, MAX],
    [1n, 10_000n, 1n],
    [1n, 10_001n, 1n],
    [1n, 3n, 3334n],
    [MAX, MAX, 10_000n],
    [MAX, 1n, MAX],
    [MAX, 10_000n, MAX],
    [MAX - 1n, MAX, 10_000n],
  ] as const)
    it(`${part} of ${whole} are ${bps}`, async () => {
      assert.equal(await probes.read.ratio([part, whole]), bps);
    });
});
