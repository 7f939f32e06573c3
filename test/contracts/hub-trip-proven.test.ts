import assert from 'node:assert/strict';
import { CLASS, openHub, shortOf } from './support/hub.ts';

const HOUR = 3600n;
const DAY = 24n * HOUR;
const { viem, networkHelpers, stranger, fresh } = await openHub();
const { time } = networkHelpers;
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

type Rig = Awaited<ReturnType<typeof fresh>>;
const prove = ({ hub, target }: Rig, life: bigint, provenAt: bigint, rung = 3) =>
  hub.write.tripProven([target.address, rung, Number(life), provenAt]);
const trip = ({ hub, target }: Rig, life: bigint) =>
  hub.write.trip([target.address, 3, Number(life), CLASS.A]);
const stopOf = ({ hub, target }: Rig) => hub.read.tripOf([target.address, 3]);
const roomOf = ({ hub, target }: Rig) => hub.read.roomOf([target.address, 3, CLASS.A]);
const now = async () => BigInt(await time.latest());

describe('a trip by proof', () => {
  it('is the registry’s alone', async () => {
    const { hub, target } = await fresh();
    const { account } = stranger;
    const call = hub.write.tripProven([target.address, 3, 60, 1n], { account });
    await reverts(call, hub, 'NotRegistry', [account.address]);
  });

  for (const rung of [0, 4])
    it(`knows no rung ${rung}`, async () => {
      const rig = await fresh();
      await reverts(prove(rig, HOUR, 1n, rung), rig.hub, 'RungUnknown', [rung]);
    });

  it('is as any other while the budget lasts', async () => {
    const rig = await fresh();
    await prove(rig, 6n * HOUR, await now());
    const { first, end } = await stopOf(rig);
    assert.deepEqual([end - first, await rig.target.read.rung()], [6n * HOUR, 3]);
    assert.equal(await roomOf(rig), 30n * HOUR);
    const long = [rig.target.address, 3, end] as const;
    await reverts(prove(rig, 6n * HOUR, await now()), rig.hub, 'TripStillLong', [...long]);
  });

  for (const [life, given] of [
    [DAY, HOUR],
    [300n, 300n],
  ] as const)
    it(`of ${life} seconds is given ${given} where a quorum is given nothing`, async () => {
      const rig = await exhaust(await fresh());
      const { hub, target } = rig;
      const refused = hub.write.trip([target.address, 3, Number(DAY), CLASS.A]);
      await reverts(refused, hub, 'BudgetSpent', [
        target.address,
        3,
        (room: bigint) => room < 300n,
      ]);
      const before = await now();
      await prove(rig, life, before);
      const { first, end } = await stopOf(rig);
      assert.deepEqual([first > before, end - first], [true, given]);
      assert.equal(await rig.target.read.rung(), 3);
    });

  it('is given an hour though the longest life has just been reached', async () => {
    const rig = await fresh();
    await trip(rig, DAY);
    const { end } = await stopOf(rig);
    await time.increaseTo(end + 1n);
    await reverts(trip(rig, DAY), rig.hub, 'CoolingDown', [rig.target.address, 3, end + HOUR]);
    await prove(rig, DAY, end + 1n);
    const stop = await stopOf(rig);
    assert.equal(stop.end - stop.first, HOUR);
  });

  it('of a block before the end of that stop waits like any other', async () => {
    const rig = await fresh();
    await trip(rig, DAY);
    const { end } = await stopOf(rig);
    await time.increaseTo(end + 1n);
    const cooling = [rig.target.address, 3, end + HOUR] as const;
    await reverts(prove(rig, DAY, end), rig.hub, 'CoolingDown', [...cooling]);
  });

  it('does not lengthen a stop beyond its longest life', async () => {
    const rig = await fresh();
    await trip(rig, DAY);
    const { end } = await stopOf(rig);
    await time.setNextBlockTimestamp(end - 60n);
    const longest = [rig.target.address, 3, end] as const;
    await reverts(prove(rig, DAY, end - 61n), rig.hub, 'LongestLifeReached', [...longest]);
  });

  it('over and over holds the target an hour at a time, and no quorum is heard meanwhile', async () => {
    const rig = await exhaust(await fresh());
    for (let hour = 0; hour < 5; hour++) {
      await prove(rig, DAY, await now());
      const { first, end } = await stopOf(rig);
      assert.equal(end - first, HOUR);
      await time.increaseTo(end + 1n);
    }
    assert.equal(await roomOf(rig), 0n);
  });

  it('gives back what is left of its hour when the owner ends it', async () => {
    const rig = await exhaust(await fresh());
    await prove(rig, DAY, await now());
    const { first } = await stopOf(rig);
    await time.setNextBlockTimestamp(first + 60n);
    await rig.hub.write.end([rig.target.address]);
    const room = await roomOf(rig);
    assert.ok(room < 300n, `${room}`);
  });

  it('gives the target its whole gas or does not begin', async () => {
    const { hub, target } = await fresh();
    const call = hub.write.tripProven([target.address, 3, 60, 1n], { gas: 900_000n });
    await reverts(call, hub, 'GasShort', shortOf(900_000n));
  });
});

/** Trips until less than five minutes are left, up to the end of the last stop. */
async function exhaust(rig: Rig): Promise<Rig> {
  await trip(rig, DAY);
  await time.increaseTo((await stopOf(rig)).end + HOUR);
  while ((await roomOf(rig)) >= 300n) {
    await trip(rig, DAY);
    await time.increaseTo((await stopOf(rig)).end + 1n);
  }
  return rig;
}
