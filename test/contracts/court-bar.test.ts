import assert from 'node:assert/strict';
import { keyAt } from './support/bls.ts';
import { passEpoch } from './support/committee.ts';
import { openCourt, wordsOf } from './support/court.ts';

const { connection, viem, networkHelpers, convict, enforce, rotate, fresh } = await openCourt();
const { time } = networkHelpers;
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

/** Opens the next epoch before a lie of this one is proven. */
const opened = async () => {
  const rig = await fresh();
  await passEpoch(connection);
  await rig.committee.write.openEpoch();
  return { ...rig, next: await rig.committee.read.latestEpoch() };
};

describe('Court.bar', () => {
  it('strikes the slashed in the roster that was open already', async () => {
    const rig = await opened();
    const { court, registry, next } = rig;
    await convict(rig, [2, 3]);
    await enforce(rig);
    assert.deepEqual(await registry.read.struck([next]), [0n, 0n]);
    await emitWithArgs(court.write.bar([next, wordsOf([2, 3])]), court, 'Barred', [
      next,
      wordsOf([2, 3]),
    ]);
    assert.deepEqual(await registry.read.struck([next]), wordsOf([2, 3]));
  });

  it('strikes nobody else', async () => {
    const rig = await opened();
    const { court, next } = rig;
    const bar = (seats: readonly number[]) => court.write.bar([next, wordsOf(seats)]);
    await convict(rig, [2]);
    // Not before the slash is enforced.
    await reverts(bar([2]), court, 'SeatNotSlashed', [next, 2n]);
    await enforce(rig);
    await reverts(bar([2, 3]), court, 'SeatNotSlashed', [next, 3n]);
    await reverts(bar([]), court, 'NobodyBarred', [next]);
    await reverts(court.write.bar([99n, [4n, 0n]]), court, 'EpochUnknown', [99n]);
    await reverts(bar([2, 300]), court, 'SeatUnknown', [300n, 7n]);
  });

  it('strikes nobody in a roster that is no longer valid', async () => {
    const rig = await opened();
    const { court, committee, registry, next } = rig;
    await convict(rig, [2, 3]);
    await enforce(rig);
    const { validUntil } = await committee.read.roster([next]);
    await time.setNextBlockTimestamp(validUntil + 1n);
    const words = [next, wordsOf([2])] as const;
    await reverts(court.write.bar(words), registry, 'RosterExpired', [next, validUntil]);
  });

  it('strikes in the last second of a roster', async () => {
    const rig = await opened();
    const { court, committee, registry, next } = rig;
    await convict(rig, [2]);
    await enforce(rig);
    await time.setNextBlockTimestamp((await committee.read.roster([next])).validUntil);
    await court.write.bar([next, wordsOf([2])]);
    assert.deepEqual(await registry.read.struck([next]), wordsOf([2]));
  });

  it('finds the slashed behind a key that they rotated to', async () => {
    const rig = await fresh();
    const { court, committee, registry } = rig;
    await rotate(rig, 2, keyAt(20));
    await passEpoch(connection);
    await committee.write.openEpoch();
    const next = await committee.read.latestEpoch();
    const [hashes] = await committee.read.members();
    const seat = hashes.indexOf(keyAt(20).hash);
    const { openedAt, seats } = await committee.read.roster([next]);
    assert.ok(openedAt > 0n && seats === 7);
    await convict(rig, [2]);
    await enforce(rig);
    await court.write.bar([next, wordsOf([seat])]);
    assert.deepEqual(await registry.read.struck([next]), wordsOf([seat]));
  });
});
