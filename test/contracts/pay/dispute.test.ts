import assert from 'node:assert/strict';
import { getAddress } from 'viem';
import { OWED, openBounties, SHARE } from '../support/bounties.ts';
import {
  bookIncident,
  DEPOSIT,
  endTrips,
  incidentOf,
  passWindow,
  type PayRig,
  purseOf,
  requireWhole,
  RULING,
  WINDOW,
} from '../support/pay.ts';
import { trip } from '../support/registry.ts';

const { viem, networkHelpers, operatorOf, fresh, addressOf, claim, openBooked } =
  await openBounties();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

/** Somebody disputes the first incident with the bond it takes. */
const dispute = async ({ token, bounties, id, submitter }: PayRig, bond = OWED) => {
  const { account } = submitter;
  await token.write.mint([account.address, bond]);
  await token.write.approve([bounties.address, bond], { account });
  return bounties.write.dispute([id, 0n], { account });
};
const decide = ({ bounties, id, arbiter }: PayRig, upheld: boolean, { account } = arbiter) =>
  bounties.write.decide([id, 0n, upheld], { account });

describe('a dispute', () => {
  it('that is upheld takes back that incident’s bounty, and gives back the bond', async () => {
    const { landed: _, ...rig } = await openBooked();
    const { bounties, id, submitter } = rig;
    await dispute(rig);
    await requireWhole(rig, 'bounties', OWED);
    await emitWithArgs(decide(rig, true), bounties, 'Decided', [id, 0n, true, 0n]);
    const { deposit, owed } = await bounties.read.accountOf([id]);
    assert.deepEqual([deposit, owed], [DEPOSIT, 0n]);
    await passWindow(rig);
    await claim(rig, 0);
    assert.equal(await purseOf(rig, operatorOf(0)), 0n);
    await bounties.write.collect([submitter.account.address]);
    assert.equal(await purseOf(rig, submitter), OWED);
    await requireWhole(rig, 'bounties');
  });

  it('that is dismissed pays the bond to the signers, by their weight', async () => {
    const { landed: _, ...rig } = await openBooked();
    const { bounties, id } = rig;
    await dispute(rig);
    await emitWithArgs(decide(rig, false), bounties, 'Decided', [id, 0n, false, 1n]);
    await claim(rig, 0);
    assert.equal(await purseOf(rig, operatorOf(0)), 2n * SHARE);
    for (const seat of [2, 3, 4, 5, 6]) await claim(rig, seat);
    const { deposit, owed } = await bounties.read.accountOf([id]);
    assert.deepEqual([deposit, owed], [DEPOSIT - OWED, 0n]);
    await requireWhole(rig, 'bounties');
  });

  it('lapses when the arbiter is silent: the signers are paid, the bond goes back', async () => {
    const { landed: _, ...rig } = await openBooked();
    const { bounties, id, submitter } = rig;
    await dispute(rig);
    const { until } = await bounties.read.bountyOf([id, 0n]);
    await reverts(bounties.write.lapse([id, 0n]), bounties, 'StillInTime', [0n, BigInt(until)]);
    await passWindow(rig);
    await reverts(claim(rig, 0), bounties, 'NothingToClaim', [id, addressOf(0)]);
    await networkHelpers.time.increase(RULING);
    await reverts(decide(rig, true), bounties, 'OutOfTime', [0n, BigInt(until)]);
    await claim(rig, 0);
    assert.equal(await purseOf(rig, operatorOf(0)), SHARE);
    await bounties.write.lapse([id, 0n]);
    await reverts(bounties.write.lapse([id, 0n]), bounties, 'BountyInState', [0n, 5]);
    await bounties.write.collect([submitter.account.address]);
    assert.equal(await purseOf(rig, submitter), OWED);
    await requireWhole(rig, 'bounties');
  });

  it('is decided by nobody but the arbiter, and once', async () => {
    const { landed: _, ...rig } = await openBooked();
    const { bounties, guardian, arbiter } = rig;
    await reverts(decide(rig, true), bounties, 'BountyInState', [0n, 1]);
    await dispute(rig);
    await reverts(decide(rig, true, guardian), bounties, 'NotArbiter', [
      getAddress(guardian.account.address),
      getAddress(arbiter.account.address),
    ]);
    await decide(rig, true);
    await reverts(decide(rig, false), bounties, 'BountyInState', [0n, 3]);
    await reverts(dispute(rig), bounties, 'BountyInState', [0n, 3]);
  });

  it('is of class B or C, and in time', async () => {
    const { landed: _, ...rig } = await openBooked();
    const { bounties, id } = rig;
    const { until } = await bounties.read.bountyOf([id, 0n]);
    await networkHelpers.time.increaseTo(until);
    await reverts(dispute(rig), bounties, 'OutOfTime', [0n, BigInt(until)]);
    const other = await fresh();
    await bookIncident(other, await incidentOf(other, await trip(other, other.id)), other.rule);
    await reverts(dispute(other), other.bounties, 'NotDisputable', [0n, 1]);
  });

  it('keeps nobody waiting longer than the window and the arbiter’s time', async () => {
    const { landed: _, ...rig } = await openBooked();
    await dispute(rig);
    const { incidents: previous } = await rig.registry.read.coverage([rig.id]);
    await endTrips(rig);
    const next = await incidentOf(rig, await trip(rig, rig.id, { rule: rig.replayed }));
    await bookIncident(rig, next, rig.replayed, { previous });
    await networkHelpers.time.increase(WINDOW + RULING);
    await claim(rig, 0);
    assert.equal(await purseOf(rig, operatorOf(0)), 2n * SHARE);
  });
});
