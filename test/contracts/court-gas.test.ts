import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { settings } from './support/committee.ts';
import { openCourt } from './support/court.ts';

const { networkHelpers, operatorOf, convict, enforce, fresh } = await openCourt();

describe('Gas of a slash', () => {
  it('is below 35,000 for each of six seats, and withdrawing behind it below 80,000', async () => {
    const rig = await fresh();
    const { client, watchers } = rig;
    const gasOf = async (hash: Hex) =>
      Number((await client.getTransactionReceipt({ hash })).gasUsed);
    await convict(rig, [0]);
    const one = await gasOf(await enforce(rig));
    await convict(rig, [1, 2, 3, 4, 5, 6]);
    const six = await gasOf(await enforce(rig));
    assert.ok(one < 175_000, `${one}`);
    assert.ok(six / 6 < 35_000, `${six}`);
    await networkHelpers.time.increase(settings.exitDelay);
    const { account } = operatorOf(0);
    const withdrawn = await gasOf(await watchers.write.withdraw({ account }));
    assert.ok(withdrawn < 80_000, `${withdrawn}`);
  });
});
