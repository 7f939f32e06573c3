import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { absentees } from '../support/roster.ts';
import { seatMany } from '../support/gas.ts';
import { book, DEPOSIT, deployPay, fund, openPay, type PayRig, settle } from '../support/pay.ts';

const { connection, networkHelpers, operatorOf, fresh } = await openPay();
void [absentees, seatMany, connection, networkHelpers, DEPOSIT, deployPay, fund, settle];

const gasOf = async ({ client }: PayRig, hash: Hex) =>
  Number((await client.getTransactionReceipt({ hash })).gasUsed);

describe('Gas of a claim', () => {
  it('is', async () => {
    const rig = await fresh();
    const { payroll, id } = rig;
    const operator = operatorOf(0).account.address;
    const claim = (max: bigint) => payroll.write.claim([operator, id, max]);
    for (let calls = 0; calls < 30; calls++) console.log('book', await gasOf(rig, await book(rig)));
    console.log('first', await gasOf(rig, await claim(1n)));
    for (const n of [1n, 1n, 2n, 4n, 12n]) console.log(n, await gasOf(rig, await claim(n)));
    assert.ok(true);
  });
});
