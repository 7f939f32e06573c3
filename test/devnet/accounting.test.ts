import assert from 'node:assert/strict';
import { centsOf, equity, firstLoss, gain, keptBps } from '../../devnet/accounting.ts';

const worths = (...cents: bigint[]) =>
  cents.map((worth, index) => ({ height: BigInt(10 + index), cents: worth }));

describe('accounting of an attack', () => {
  for (const [amount, decimals, price, cents] of [
    [1_000_000n, 6, 100_000_000n, 100n],
    [10n ** 18n, 18, 3_000_00000000n, 300_000n],
    [1n, 8, 60_000_00000000n, 0n],
    [50n * 10n ** 8n, 8, 60_000_00000000n, 300_000_000n],
  ] as const)
    it(`${amount} of a token with ${decimals} decimals at ${price} is ${cents} cents, rounded down`, () => {
      assert.equal(centsOf(amount, decimals, price), cents);
    });

  for (const [atRisk, lost, kept] of [
    [1_000n, 0n, 10_000],
    [1_000n, -5n, 10_000],
    [1_000n, 1n, 9_990],
    [3n, 1n, 6_666],
    [1_000n, 1_000n, 0],
    [1_000n, 2_000n, 0],
    [0n, 0n, 10_000],
  ] as const)
    it(`of ${atRisk} at risk with ${lost} lost, ${kept} basis points are kept`, () => {
      assert.equal(keptBps(atRisk, lost), kept);
    });

  it('the first loss is the first block after which the attacker is worth more than at the start', () => {
    assert.equal(firstLoss(worths(100n, 90n, 101n, 150n), 100n), 12n);
    assert.equal(firstLoss(worths(100n, 90n), 100n), null);
    assert.equal(firstLoss([], 100n), null);
  });

  it('the attacker gains what he is worth at the end above his start, and never less than nothing', () => {
    assert.equal(gain(worths(150n, 130n), 100n), 30n);
    assert.equal(gain(worths(90n), 100n), 0n);
    assert.equal(gain([], 100n), 0n);
  });

  it('a position under water is left behind', () => {
    assert.equal(equity(300n, 100n), 200n);
    assert.equal(equity(300n, 900n), 0n);
  });
});
