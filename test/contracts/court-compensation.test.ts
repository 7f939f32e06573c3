import assert from 'node:assert/strict';
import { getAddress } from 'viem';
import { TOKEN } from './support/committee.ts';
import { accuse, offence, slashOf, TRUSTING } from './support/court.ts';
import { HOUR, openRedress, PREMIUM } from './support/redress.ts';
import { arm, cover } from './support/registry.ts';

const { viem, networkHelpers, redress, fresh } = await openRedress();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const { time } = networkHelpers;

const convict = (rig: Awaited<ReturnType<typeof fresh>>) =>
  accuse(rig, TRUSTING, offence(rig.epoch, [2, 6], rig.lie));

const settle = async (rig: Awaited<ReturnType<typeof fresh>>) => {
  const slash = await slashOf(rig, 0n);
  await rig.court.write.enforce([0n, slash, 512n]);
  await time.setNextBlockTimestamp(await rig.court.read.deadlineOf([rig.epoch]));
  await rig.court.write.close([rig.epoch]);
};

describe('compensation', () => {
  it('pays the owner what is due once the epoch is closed, and burns the rest', async () => {
    const rig = await fresh();
    const { court, token, epoch, id, guardian, watchers } = rig;
    await time.setNextBlockTimestamp(rig.lie.trippedAt + HOUR);
    await redress(rig);
    const due = (10n * PREMIUM) / 6n;
    await convict(rig);
    const taken = 27n * TOKEN;
    const early = court.write.compensate([epoch, id]);
    const deadline = await court.read.deadlineOf([epoch]);
    await reverts(early, court, 'EpochOpen', [epoch, deadline]);
    await reverts(court.write.close([epoch]), court, 'EpochOpen', [epoch, deadline]);
    await settle(rig);
    await reverts(court.write.close([epoch]), court, 'PoolClosed', [epoch]);
    const owner = guardian.account.address;
    await emitWithArgs(court.write.compensate([epoch, id]), court, 'Compensated', [
      id,
      epoch,
      getAddress(owner),
      due,
    ]);
    assert.equal(await token.read.balanceOf([owner]), due);
    await reverts(court.write.compensate([epoch, id]), court, 'NothingOwed', [getAddress(owner)]);
    assert.equal(await court.read.unburnt(), taken - taken / 10n - due);
    const [, forfeited] = await watchers.read.owed();
    assert.equal(forfeited, taken - due);
  });

  it('is shared in proportion where less was taken than is due, to the last wei', async () => {
    const rig = await fresh();
    const { court, token, epoch, id, guardian, premiums } = rig;
    const sample = await viem.deployContract('GuardedSample', [
      rig.hub.address,
      guardian.account.address,
    ]);
    const other = await cover(rig, [rig.rule], { of: sample.address });
    await arm(rig, other, rig.rule);
    await premiums.write.name([id, 10_000n * TOKEN]);
    await premiums.write.name([other, 20_000n * TOKEN]);
    const long = { ...rig.lie, trippedAt: 1_000n, end: 1_000n + 6n * HOUR };
    await redress(rig, long);
    await redress(rig, { ...long, coverageId: other });
    await convict(rig);
    await settle(rig);
    const pooled = (27n * TOKEN * 2n) / 5n;
    await court.write.compensate([epoch, id]);
    const owner = guardian.account.address;
    assert.equal(await token.read.balanceOf([owner]), pooled / 3n);
    await court.write.compensate([epoch, other]);
    assert.equal(await token.read.balanceOf([owner]), pooled);
    assert.deepEqual(await court.read.poolOf([epoch]), { held: 0n, due: 0n, closed: true });
  });

  it('waits for every slash, and knows only epochs that were opened', async () => {
    const rig = await fresh();
    const { court, epoch } = rig;
    await convict(rig);
    await time.setNextBlockTimestamp(await court.read.deadlineOf([epoch]));
    await reverts(court.write.close([epoch]), court, 'SlashesPending', []);
    await reverts(court.write.close([99n]), court, 'EpochUnknown', [99n]);
  });

  it('never pays who trips itself more than it has lost', async () => {
    const rig = await fresh();
    const { court, epoch, id, premiums } = rig;
    await premiums.write.name([id, 2n ** 200n]);
    await redress(rig, { ...rig.lie, trippedAt: 1_000n, end: 1_000n + 9n * HOUR });
    await convict(rig);
    await settle(rig);
    const { held, due } = await court.read.poolOf([epoch]);
    assert.equal(due, 10n * 2n ** 96n);
    assert.equal(held, (27n * TOKEN * 2n) / 5n);
    const reward = await court.read.rewardOf([rig.stranger.account.address]);
    assert.equal(held + reward, (27n * TOKEN) / 2n);
  });
});
