import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { measurePay } from '../support/pay-gas.ts';
import {
  book,
  bookTrips,
  DEPOSIT,
  fund,
  openPay,
  passWindow,
  type PayRig,
  settle,
} from '../support/pay.ts';

const { operatorOf, fresh } = await openPay();
// The first is a watcher's first, which makes its cursor and its balance.
const COUNTS = [1n, 1n, 2n, 4n, 12n] as const;

const gasOf = async ({ client }: PayRig, hash: Hex) =>
  Number((await client.getTransactionReceipt({ hash })).gasUsed);

/** Claims of so many entries each by the watcher in a seat. */
const measure = async (rig: PayRig, from: 'payroll' | 'bounties', seat: number) => {
  const operator = operatorOf(seat).account.address;
  const figures: [count: number, gas: number][] = [];
  for (const count of COUNTS) {
    const hash = await rig.ledgers[from].write.claim([operator, rig.id, count]);
    figures.push([Number(count), await gasOf(rig, hash)]);
  }
  return figures.slice(1);
};

const requireBelow = (figures: readonly [count: number, gas: number][], each: number) => {
  for (const [count, gas] of figures) assert.ok(gas <= 60_000 + each * count, `${count}: ${gas}`);
};

describe('Gas of pay by the number of seats', () => {
  const FEWEST = 64;
  let base: Awaited<ReturnType<typeof measurePay>>;
  before(async () => {
    base = await measurePay(FEWEST);
  });
  for (const seats of [128, 256, 512])
    it(`is the same at ${seats} as at ${FEWEST}, but for finding a seat of another roster`, async () => {
      const { book, first, next, eight } = await measurePay(seats);
      // Of more than 256 seats the bits are two words.
      assert.ok(book < base.book + (seats > 256 ? 24_000 : 2_000), `${base.book}, ${book}`);
      assert.ok(Math.abs(next - base.next) < 100, `${base.next}, ${next}`);
      assert.ok(Math.abs(eight - base.eight) < 100, `${base.eight}, ${eight}`);
      assert.ok(first < base.first + 140 * (seats - FEWEST), `${base.first}, ${first}`);
    }).timeout(120_000);
});

describe('Gas of a whole claim, at most 60,000 and 4,000 an entry', () => {
  it('of 1, 2, 4 and 12 roll calls: 63,693, 66,294, 71,496 and 92,304', async () => {
    const rig = await fresh();
    for (let calls = 0; calls < 21; calls++) await book(rig);
    await settle(rig);
    const figures = await measure(rig, 'payroll', 0);
    requireBelow(figures, 4_000);
  });

  it('of as many incidents: 63,760, 66,361, 71,563 and 92,371, and 2,600 more each for who looks first whether they are settled', async () => {
    const rig = await fresh();
    await fund(rig, DEPOSIT, 'bounties');
    await bookTrips(rig, 20);
    await passWindow(rig);
    const first = await measure(rig, 'bounties', 0);
    requireBelow(first, 7_000);
    const second = await measure(rig, 'bounties', 1);
    requireBelow(second, 4_000);
  });
});
