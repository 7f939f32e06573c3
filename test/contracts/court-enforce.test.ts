import assert from 'node:assert/strict';
import { getAddress } from 'viem';
import { settings, TOKEN } from './support/committee.ts';
import { openCourt, SOMEWHERE, slashOf } from './support/court.ts';
import { WEIGHTS } from './support/registry.ts';

const { viem, networkHelpers, operatorOf, convict, enforce, fresh } = await openCourt();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const stakeOf = (seat: number) => BigInt(WEIGHTS[seat] ?? 0) * TOKEN;
const slashedOf = async ({ watchers }: Awaited<ReturnType<typeof fresh>>, seat: number) =>
  (await watchers.read.watcher([operatorOf(seat).account.address])).slashed;

describe('Court.enforce', () => {
  for (const [landed, part] of [
    [undefined, 20n],
    [SOMEWHERE, 1n],
  ] as const)
    it(`takes ${landed ? 'all' : 'a twentieth'} of a stake for a lie that ${landed ? 'tripped' : 'tripped nothing'}`, async () => {
      const rig = await fresh();
      await convict(rig, [2, 6], landed);
      const taken = (stakeOf(2) + stakeOf(6)) / part;
      const pooled = landed ? (taken * 2n) / 5n : 0n;
      await emitWithArgs(enforce(rig), rig.court, 'Enforced', [0n, 7n, taken, taken / 10n]);
      for (const [seat, offends] of [
        [1, false],
        [2, true],
        [6, true],
      ] as const)
        assert.equal(await slashedOf(rig, seat), offends ? stakeOf(seat) / part : 0n);
      const kept = 100n * TOKEN - taken;
      assert.deepEqual(await rig.watchers.read.owed(), [kept, taken]);
      assert.equal(await rig.token.read.balanceOf([rig.watchers.address]), 100n * TOKEN);
      assert.equal(await rig.court.read.unburnt(), taken - taken / 10n - pooled);
      const { held } = await rig.court.read.poolOf([rig.epoch]);
      assert.equal(held, pooled);
    });

  it('charges a dearer offence the difference', async () => {
    const rig = await fresh();
    await convict(rig, [2]);
    await convict(rig, [2, 3], SOMEWHERE);
    await enforce(rig);
    assert.equal(await slashedOf(rig, 2), stakeOf(2) / 20n);
    await enforce(rig);
    assert.equal(await slashedOf(rig, 2), stakeOf(2));
    assert.equal(await slashedOf(rig, 3), stakeOf(3));
    assert.equal(await rig.court.read.isSettled(), true);
  });

  it('makes the offender leave, whatever its key is now, and is never seated again', async () => {
    const rig = await fresh();
    const { watchers } = rig;
    const operator = operatorOf(2).account.address;
    await convict(rig, [2]);
    const at = BigInt(await networkHelpers.time.latest()) + 60n;
    await networkHelpers.time.setNextBlockTimestamp(at);
    const exitAt = at + settings.exitDelay;
    await emitWithArgs(enforce(rig), watchers, 'ExitRequested', [getAddress(operator), exitAt]);
    assert.equal((await watchers.read.watcher([operator])).exitAt, exitAt);
  });

  it('goes seat by seat in order, each once, whoever calls', async () => {
    const rig = await fresh();
    const { court } = rig;
    await convict(rig, [0, 1, 5]);
    await convict(rig, [6]);
    const [first, second] = await Promise.all([slashOf(rig, 0n), slashOf(rig, 1n)]);
    const call = (id: bigint, count: bigint, slash = id === 0n ? first : second) =>
      court.write.enforce([id, slash, count]);
    await reverts(call(0n, 9n, second), court, 'SlashUnknown', [0n]);
    await reverts(call(1n, 9n), court, 'NotNext', [0n]);
    await reverts(call(0n, 0n), court, 'CountIsZero', []);
    await call(0n, 1n);
    assert.deepEqual(await court.read.cursor(), [0n, 1n]);
    await call(0n, 4n);
    assert.equal(await slashedOf(rig, 1), stakeOf(1) / 20n);
    assert.equal(await slashedOf(rig, 5), 0n);
    await call(0n, 2n ** 256n - 1n);
    assert.deepEqual(await court.read.cursor(), [1n, 0n]);
    await reverts(call(0n, 1n), court, 'NotNext', [1n]);
    await call(1n, 7n);
    await reverts(call(2n, 7n), court, 'SlashUnknown', [2n]);
    assert.equal(await court.read.isSettled(), true);
  });

  it('takes no more than is left, and goes on where nothing is', async () => {
    const rig = await fresh();
    const { court, watchers, token, epoch } = rig;
    await convict(rig, [2], SOMEWHERE);
    await enforce(rig);
    // The same stake in another epoch's roster.
    await rig.connection.networkHelpers.mine(33);
    await networkHelpers.time.increase(3_600);
    await rig.committee.write.openEpoch();
    const last = { ...rig, epoch: await rig.committee.read.latestEpoch() };
    assert.ok(last.epoch > epoch);
    assert.equal((await rig.committee.read.roster([last.epoch])).seats, 6);
    await convict(rig, [3]);
    await enforce(rig);
    assert.equal(await slashedOf(rig, 2), stakeOf(2));
    const [staked, forfeited] = await watchers.read.owed();
    assert.equal(staked + forfeited, await token.read.balanceOf([watchers.address]));
    assert.equal(await court.read.isSettled(), true);
  });
});
