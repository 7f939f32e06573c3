import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { book, openPay, type PayRig, settle } from '../support/pay.ts';

const { operatorOf, fresh } = await openPay();
const COUNTS = [1n, 1n, 2n, 4n, 12n] as const;

const gasOf = async ({ client }: PayRig, hash: Hex) =>
  Number((await client.getTransactionReceipt({ hash })).gasUsed);

/** Each row is a claim of so many entries, by a watcher that has claimed before. */
const measure = async (rig: PayRig, from: 'payroll' | 'bounties') => {
  const operator = operatorOf(0).account.address;
  const figures: [count: number, gas: number][] = [];
  for (const count of COUNTS) {
    const hash = await rig[from].write.claim([operator, rig.id, count]);
    figures.push([Number(count), await gasOf(rig, hash)]);
  }
  return figures.slice(1);
};

describe('Gas of a whole claim', () => {
  it('of 1, 2, 4 and 12 roll calls is 63,865, 66,353, 71,329 and 91,233: below 60,000 and 4,000 each', async () => {
    const rig = await fresh();
    for (let calls = 0; calls < 21; calls++) await book(rig);
    await settle(rig);
    for (const [count, gas] of await measure(rig, 'payroll'))
      assert.ok(gas <= 60_000 + 4_000 * count, `${count}: ${gas}`);
  });

  it('of as many incidents is within the same', async () => {
    const rig = await fresh();
    await bookTrips(rig, 20);
    await passWindow(rig);
    for (const [count, gas] of await measure(rig, 'bounties'))
      assert.ok(gas <= 60_000 + 4_000 * count, `${count}: ${gas}`);
  });
});
