import assert from 'node:assert/strict';
import { offence, openCourt, TRUSTING } from './support/court.ts';
import { coverArmed, deployRegistry } from './support/registry.ts';

const { connection, viem, networkHelpers } = await openCourt();
const HOUR = 3_600n;
const PREMIUM = 6_000n;

describe('what a redress is worth', () => {
  const deploy = async (isPaid: boolean) => {
    const trusting = await viem.deployContract('TrustingJudge');
    const premiums = await viem.deployContract('NamedPremiums');
    const paid = isPaid ? { premiums: premiums.address } : {};
    const rig = await deployRegistry(connection, { judges: [trusting.address], ...paid });
    const id = await coverArmed(rig);
    await premiums.write.name([id, PREMIUM]);
    const redress = (trippedAt: bigint) => {
      const told = { coverageId: id, rung: 3, trippedAt, end: trippedAt + HOUR };
      return rig.court.write.redress([TRUSTING, offence(rig.epoch, [2, 6], told)]);
    };
    const loss = async () => {
      const { stopped, due } = await rig.court.read.lossOf([rig.epoch, id]);
      return { stopped: BigInt(stopped), due };
    };
    return { ...rig, premiums, id, redress, loss };
  };
  const deployPaid = () => deploy(true);
  const deployFree = () => deploy(false);

  it('falls not when its premium is forgotten', async () => {
    const rig = await networkHelpers.loadFixture(deployPaid);
    assert.equal(await rig.court.read.isRedressed([rig.id, 3, 1_000n, 1_000n + HOUR]), false);
    await rig.redress(1_000n);
    assert.equal(await rig.court.read.isRedressed([rig.id, 3, 1_000n, 1_000n + HOUR]), true);
    const due = (10n * PREMIUM) / 6n;
    assert.deepEqual(await rig.loss(), { stopped: HOUR, due });
    await rig.premiums.write.name([rig.id, 0n]);
    await rig.redress(5_000n);
    assert.deepEqual(await rig.loss(), { stopped: 2n * HOUR, due });
    assert.equal((await rig.court.read.poolOf([rig.epoch])).due, due);
  });

  it('grows not by what is paid once it was tripped', async () => {
    const rig = await networkHelpers.loadFixture(deployPaid);
    await rig.premiums.write.nameSince([rig.id, 5_000n, 100n * PREMIUM]);
    await rig.redress(1_000n);
    assert.deepEqual(await rig.loss(), { stopped: HOUR, due: (10n * PREMIUM) / 6n });
    // Nor what was stopped before by what stops it later.
    await rig.redress(5_000n);
    assert.deepEqual(await rig.loss(), { stopped: 2n * HOUR, due: (1_010n * PREMIUM) / 6n });
  });

  it('is nothing where nobody has paid a premium', async () => {
    const free = await networkHelpers.loadFixture(deployFree);
    await free.redress(1_000n);
    assert.deepEqual(await free.loss(), { stopped: HOUR, due: 0n });
  });
});
