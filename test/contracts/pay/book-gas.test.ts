import assert from 'node:assert/strict';
import { book, callOf, openPay } from '../support/pay.ts';

const { fresh } = await openPay();

describe('Gas of booking a roll call of two rules by seven seats', () => {
  it('is 309,682 for one that all but one have signed, and 272,844 for one more that adds it', async () => {
    const rig = await fresh();
    const gasOf = async (hash: `0x${string}`) =>
      Number((await rig.client.getTransactionReceipt({ hash })).gasUsed);
    await book(rig);
    const verdict = await callOf(rig);
    const begun = await gasOf(await book(rig, { verdict, absent: [6] }));
    const added = await gasOf(await book(rig, { verdict, absent: [0, 1, 2, 3, 4, 5] }));
    assert.ok(begun <= 315_000 && added <= 278_000, `${begun}, ${added}`);
  });
});
