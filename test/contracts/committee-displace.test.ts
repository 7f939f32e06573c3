import assert from 'node:assert/strict';
import { type Key, keyAt, keysFrom } from './support/bls.ts';
import { reverts } from './support/revert.ts';
import { rosterCode, seatsOf } from './support/roster.ts';
import { openCommittee, pageOf } from './support/weighed-committee.ts';

const FULL = 512;
const range = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => from + index);
const hashes = (keys: readonly Key[]) => keys.map(({ hash }) => hash);

/** 512 members in a roster: weight 10 but for those given. */
const openFull = async (weights: Readonly<Record<number, number>> = {}) => {
  const opened = await openCommittee();
  const { committee, weigh, seat, openNext } = opened;
  const keys = keysFrom(FULL);
  for (let first = 0; first < FULL; first += 127) await seat(keys.slice(first, first + 127));
  for (const [index, weight] of Object.entries(weights)) await weigh([keyAt(+index)], weight);
  const first = await openNext();
  /** Newcomers of this weight write as many pages as they need. */
  const join = async (
    from: number,
    count: number,
    weight: number,
    displaced: readonly number[],
  ) => {
    const newcomers = keysFrom(count, FULL + from);
    await weigh(newcomers, weight);
    const last = 127 * Math.floor((count - 1) / 127);
    const write = (first: number) =>
      committee.write.writePage([
        pageOf(newcomers.slice(first, first + 127)),
        displaced.slice(first),
      ]);
    for (let first = 0; first < last; first += 127) await write(first);
    return write(last);
  };
  return { ...opened, keys, first, join };
};

describe('Committee with 512 members', () => {
  it('keeps out who is no heavier, and who names nobody', async () => {
    const { committee, join } = await openFull();
    await reverts(join(0, 1, 10, [3]), committee, 'MemberNotLighter', keyAt(3).hash, 10, 10);
    await reverts(join(0, 2, 11, [3]), committee, 'CommitteeFull', 2n, 1n);
    await reverts(join(0, 1, 11, [512]), committee, 'MemberUnknown', 512n);
  }).timeout(120_000);

  it('lets a heavier watcher take the place of a light one, from the next epoch on', async () => {
    const { viem, committee, keys, first, openNext, codeOf, rosterOf, join } = await openFull();
    const joined = join(0, 2, 11, [7, 200, 300]);
    await viem.assertions.emit(joined, committee, 'Displaced');
    assert.equal(await committee.read.memberCount(), 512n);
    assert.deepEqual(await committee.read.seatOf([keyAt(7).hash]), [1, 7, false]);
    const { nonce } = await rosterOf(first.epoch);
    assert.equal(await codeOf(nonce), rosterCode(seatsOf(keys, () => 10)));
    const second = await openNext();
    const seats = seatsOf(keys, () => 10);
    // Pages 1 to 5, chunks 6 to 8, the roster 9.
    for (const [place, index] of [7, 200].entries())
      seats[index] = { key: keyAt(FULL + place), page: 10, place, weight: 11 };
    assert.equal(await codeOf(second.nonce), rosterCode(seats));
  }).timeout(120_000);

  it('lets only the lightest be displaced, so that none of little stake outlasts a heavier one', async () => {
    const { committee, join } = await openFull({ 5: 9, 6: 8, 400: 50 });
    await reverts(join(0, 1, 99, [400]), committee, 'MemberNotLightest', keyAt(0).hash, 10);
    await reverts(join(0, 1, 99, [5]), committee, 'MemberNotLightest', keyAt(6).hash, 8);
    await reverts(join(0, 2, 99, [5, 0]), committee, 'MemberNotLightest', keyAt(6).hash, 8);
    await join(0, 3, 99, [5, 6, 0]);
    await join(3, 1, 11, [511]);
  }).timeout(120_000);

  it('lets whoever has left be displaced by anybody, and first', async () => {
    const { committee, weigh, join } = await openFull({ 5: 50, 6: 8 });
    await weigh([keyAt(5)], 0);
    await join(0, 1, 1, [5]);
    await weigh([keyAt(6)], 0);
    await reverts(join(1, 2, 11, [5, 0]), committee, 'MemberNotLightest', keyAt(6).hash, 8);
    await join(1, 3, 11, [5, 6, 0]);
  }).timeout(120_000);

  it('counts a newcomer as anybody else, by its stake until a roster has counted it', async () => {
    const { committee, weigh, join } = await openFull();
    await join(0, 1, 11, [0]);
    await reverts(join(1, 1, 99, [0]), committee, 'MemberNotLightest', keyAt(1).hash, 10);
    await join(1, 510, 12, range(1, 511));
    await reverts(join(511, 1, 11, [0]), committee, 'MemberNotLighter', keyAt(FULL).hash, 11, 11);
    await join(511, 2, 99, [0, 511]);
    await weigh([keyAt(FULL + 1)], 0);
    const left = keyAt(FULL + 1).hash;
    await reverts(join(513, 1, 99, [2]), committee, 'MemberNotLightest', left, 0);
    await join(513, 1, 1, [1]);
  }).timeout(120_000);

  for (const [how, weight] of [
    ['heavier names', 11],
    ['names of those who leave', 1],
  ] as const)
    it(`keeps no light names for their being new, made of ${how}`, async () => {
      const { committee, client, weigh, keys, join } = await openFull({ 0: 50 });
      if (weight < 10) await weigh(keys.slice(1), 0);
      await join(0, 511, weight, range(1, 511));
      const [light] = keysFrom(1, FULL);
      await reverts(join(511, 1, 60, [0]), committee, 'MemberNotLightest', light?.hash, weight);
      await join(511, 1, 60, [1]);
      const { gasUsed } = await client.getBlock();
      assert.ok(gasUsed < 5_000_000n, `${gasUsed}`);
    }).timeout(120_000);

  it('lets who was displaced come back in the same way, under its old page', async () => {
    const { viem, committee, weigh, join, openNext } = await openFull({ 0: 9 });
    await join(0, 1, 11, [0]);
    const [lost] = keysFrom(1);
    assert.ok(lost);
    await reverts(
      committee.write.writePage([pageOf([lost]), [1]]),
      committee,
      'KeyAlreadyPaged',
      lost.hash,
    );
    const back = (displaced: readonly number[]) => committee.write.rejoin([[lost.hash], displaced]);
    await reverts(back([1]), committee, 'MemberNotLighter', keyAt(1).hash, 10, 9);
    await weigh([keyAt(300)], 0);
    await viem.assertions.emitWithArgs(back([300]), committee, 'Rejoined', [[lost.hash]]);
    assert.deepEqual(await committee.read.seatOf([lost.hash]), [1, 0, true]);
    const { seats } = await openNext();
    assert.equal(seats, 512);
  }).timeout(120_000);

  it('takes nobody back who has no page, is a member, or stays no longer', async () => {
    const { committee, weigh, join } = await openFull();
    await join(0, 1, 11, [0]);
    const [lost, held] = keysFrom(2);
    assert.ok(lost && held);
    const rejoin = (...keys: Key[]) => committee.write.rejoin([hashes(keys), [1, 2]]);
    await reverts(rejoin(keyAt(900)), committee, 'KeyUnpaged', keyAt(900).hash);
    await reverts(rejoin(held), committee, 'AlreadyMember', held.hash);
    await weigh([lost], 20);
    await reverts(rejoin(lost, lost), committee, 'AlreadyMember', lost.hash);
    await weigh([lost], 0);
    await reverts(rejoin(lost), committee, 'KeyUnknown', lost.hash);
  }).timeout(120_000);

  it('moves nobody between two steps', async () => {
    const { committee, weigh, join, networkHelpers, finish } = await openFull({ 0: 9 });
    await join(0, 1, 11, [0]);
    await networkHelpers.mine(33);
    await networkHelpers.time.increase(3_600n);
    await committee.write.openEpoch();
    await weigh([keyAt(0)], 99);
    const back = () => committee.write.rejoin([[keyAt(0).hash], [400]]);
    await reverts(back(), committee, 'OpeningUnderWay', 3n);
    await finish();
    await back();
  }).timeout(120_000);

  it('lets 127 take places in one transaction', async () => {
    const { client, join } = await openFull();
    await join(
      0,
      127,
      11,
      Array.from({ length: 127 }, (_, index) => 4 * index),
    );
    const { gasUsed } = await client.getBlock();
    assert.ok(gasUsed < 2n ** 24n, `${gasUsed}`);
  }).timeout(120_000);
});
