import assert from 'node:assert/strict';
import { CLASS, openHub } from './support/hub.ts';

const HOUR = 3600n;
const DAY = 24n * HOUR;
const WEEK = 7n * DAY;
const RUNGS = [
  { rung: 1, bucket: 36n, reserve: 12n, most: 72n },
  { rung: 2, bucket: 24n, reserve: 6n, most: 48n },
  { rung: 3, bucket: 36n, reserve: 12n, most: 72n },
] as const;
const { viem, networkHelpers, fresh } = await openHub();
const { time } = networkHelpers;
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

type Rig = Awaited<ReturnType<typeof fresh>>;
const roomOf = ({ hub, target }: Rig, rung: number, class_: number = CLASS.A) =>
  hub.read.roomOf([target.address, rung, class_]);
const trip = ({ hub, target }: Rig, rung: number, life: bigint, class_: number = CLASS.A) =>
  hub.write.trip([target.address, rung, Number(life), class_]);
const stopOf = ({ hub, target }: Rig, rung: number) => hub.read.tripOf([target.address, rung]);

describe('the budget of a rung', () => {
  for (const { rung, bucket, reserve, most } of RUNGS) {
    it(`${rung} holds ${bucket} hours, of which classes B and C leave ${reserve} to class A`, async () => {
      const rig = await fresh();
      assert.equal(await roomOf(rig, rung), bucket * HOUR);
      for (const class_ of [CLASS.B, CLASS.C])
        assert.equal(await roomOf(rig, rung, class_), (bucket - reserve) * HOUR);
    });

    it(`${rung} is less than ${most} hours in 7 days, however often it is tripped, and then whole again`, async () => {
      const rig = await fresh();
      const over = BigInt(await time.latest()) + WEEK;
      let stopped = 0n;
      for (;;) {
        while ((await roomOf(rig, rung)) < HOUR) await time.increase(HOUR);
        if (BigInt(await time.latest()) + 1n >= over) break;
        await trip(rig, rung, DAY);
        const { first, end } = await stopOf(rig, rung);
        stopped += (end < over ? end : over) - first;
        await time.increaseTo(end + HOUR);
      }
      assert.ok(stopped <= most * HOUR && stopped > (most - 12n) * HOUR, `${stopped}`);
      await time.increase(WEEK);
      assert.equal(await roomOf(rig, rung), bucket * HOUR);
    });
  }

  for (const class_ of ['A', 'B'] as const)
    it(`shortens a trip of class ${class_} to what is left, and refuses one when that is less than five minutes`, async () => {
      const rig = await fresh();
      await trip(rig, 3, DAY, CLASS[class_]);
      await time.increaseTo((await stopOf(rig, 3)).end + HOUR);
      const room = await roomOf(rig, 3, CLASS[class_]);
      await trip(rig, 3, DAY, CLASS[class_]);
      const { first, end } = await stopOf(rig, 3);
      assert.ok(room < DAY && end - first - room < 2n, `${end - first}, ${room}`);
      await time.setNextBlockTimestamp(first + 1_000n);
      await reverts(trip(rig, 3, 2n * DAY, CLASS[class_]), rig.hub, 'BudgetSpent', [
        rig.target.address,
        3,
        (left: bigint) => left >= 214n && left < 300n,
      ]);
    });

  it('is charged only for what an extension adds', async () => {
    const rig = await fresh();
    await trip(rig, 3, 1400n);
    const { first } = await stopOf(rig, 3);
    await time.setNextBlockTimestamp(first + 700n);
    await trip(rig, 3, 1400n);
    // 2,100 seconds of stop, of which three in fourteen of 700 have drained.
    assert.equal(await roomOf(rig, 3), 36n * HOUR - 1_950n);
  });

  it('of one rung, and of one target, is not that of another', async () => {
    const rig = await fresh();
    await trip(rig, 3, HOUR);
    assert.equal(await roomOf(rig, 1), 36n * HOUR);
    assert.equal(await rig.hub.read.roomOf([rig.hostile.address, 3, CLASS.A]), 36n * HOUR);
  });

  it('is not charged where the target did not stop', async () => {
    const rig = await fresh();
    const { hub, hostile } = rig;
    await hostile.write.behave([4, 0, 0]);
    const call = hub.write.trip([hostile.address, 3, 3600, CLASS.A]);
    await reverts(call, hub, 'TripHadNoEffect', [hostile.address, 3, 0]);
    assert.equal(await hub.read.roomOf([hostile.address, 3, CLASS.A]), 36n * HOUR);
  });
});
