import assert from 'node:assert/strict';
import type { Rule } from '../../protocol/types.ts';
import { openRegistry } from './support/coverage.ts';
import { certify } from './support/roster.ts';
import { coverArmed, deployRegistry, submit, trip, verdictOf } from './support/registry.ts';

const { connection, viem, networkHelpers, rungs: fresh } = await openRegistry();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

describe('the stake behind a verdict', () => {
  for (const [absent, reached, signed] of [
    [[5, 6], [true, true, true], 75],
    [[0, 1], [true, true, true], 68],
    [[0, 1, 6], [true, true, false], 56],
    [[0, 1, 2], [true, true, false], 53],
    [[0, 1, 2, 6], [true, false, false], 41],
    [[0, 1, 2, 3], [true, false, false], 39],
    [[0, 1, 2, 3, 6], [false, false, false], 27],
  ] as const)
    for (const rung of [1, 2, 3] as const)
      it(`${reached[rung - 1] ? 'is' : 'is not'} a quorum for rung ${rung} with ${signed} % of the stake`, async () => {
        const rig = await fresh();
        const rule = [rig.light, rig.replayed, rig.rule][rung - 1] as Rule;
        const submitted = submit(rig, await verdictOf(rig, rig.id, {}, rule), absent);
        if (reached[rung - 1]) await submitted;
        else await reverts(submitted, rig.registry, 'QuorumMissed', [BigInt(signed), 100n, rung]);
      });

  for (const [rung, absent] of [
    [1, [0, 1, 2, 3]],
    [2, [0, 1, 2]],
    [3, [0, 1]],
  ] as const)
    it(`needs more than rung ${rung}'s share: the very share is not enough`, async () => {
      const rig = await networkHelpers.loadFixture(deployEqual);
      const rule = { ...rig.rule, rung };
      const verdict = await verdictOf(rig, rig.id, {}, rule);
      const signed = BigInt(60 - 10 * absent.length);
      await reverts(submit(rig, verdict, absent), rig.registry, 'QuorumMissed', [
        signed,
        60n,
        rung,
      ]);
      await submit(rig, verdict, absent.slice(1));
    });
});

const deployEqual = async () => {
  const rig = await deployRegistry(connection, { weights: [10, 10, 10, 10, 10, 10] });
  return {
    ...rig,
    id: await coverArmed(
      rig,
      [1, 2, 3].map((rung) => ({ ...rig.rule, rung })),
    ),
  };
};

describe('the roster a verdict is held to', () => {
  it('is the one in force at its block, from the block after it was opened to the one the next is opened in', async () => {
    const rig = await fresh();
    const { registry, committee, watchers } = rig;
    const roster = await committee.read.roster([rig.epoch]);
    await networkHelpers.mine(32);
    await networkHelpers.time.increase(3_700);
    const [, leaver] = await viem.getWalletClients();
    assert.ok(leaver);
    await watchers.write.requestExit({ account: leaver.account });
    await committee.write.openEpoch();
    const next = await committee.read.latestEpoch();
    const { supersededAt } = await committee.read.roster([rig.epoch]);
    assert.ok(supersededAt > roster.openedAt);
    const left = rig.keys.slice(1);
    const early = await verdictOf(rig, rig.id, { height: supersededAt, epoch: next });
    await networkHelpers.mine();
    await reverts(
      registry.write.submit([early, certify(await registry.read.digest([early]), left)]),
      registry,
      'RosterNotInForce',
      [next, supersededAt],
    );
    const late = await verdictOf(rig, rig.id, { height: supersededAt + 1n });
    await reverts(submit(rig, late), registry, 'RosterNotInForce', [rig.epoch, supersededAt + 1n]);
    await submit(rig, await verdictOf(rig, rig.id, { height: supersededAt }));
    const right = await verdictOf(
      rig,
      rig.id,
      { height: supersededAt + 1n, epoch: next },
      rig.light,
    );
    await registry.write.submit([right, certify(await registry.read.digest([right]), left)]);
  });

  it('expires', async () => {
    const rig = await fresh();
    const { validUntil } = await rig.committee.read.roster([rig.epoch]);
    const kept = await networkHelpers.takeSnapshot();
    const verdict = await verdictOf(rig, rig.id);
    await networkHelpers.time.setNextBlockTimestamp(validUntil);
    await submit(rig, verdict);
    await kept.restore();
    await networkHelpers.time.setNextBlockTimestamp(validUntil + 1n);
    await reverts(submit(rig, verdict), rig.registry, 'RosterExpired', [rig.epoch, validUntil]);
  });

  it('with three seats arms nothing above rung 1', async () => {
    const rig = await networkHelpers.loadFixture(deployThin);
    await reverts(trip(rig, rig.id), rig.registry, 'RosterTooThin', [rig.epoch, 3, 1]);
    await trip(rig, rig.id, { rule: rig.light });
    assert.equal(await rig.target.read.rung(), 1);
  });
});

const deployThin = async () => {
  const rig = await deployRegistry(connection, { weights: [10, 10, 10] });
  const light: Rule = { ...rig.rule, rung: 1 };
  return { ...rig, light, id: await coverArmed(rig, [rig.rule, light]) };
};
