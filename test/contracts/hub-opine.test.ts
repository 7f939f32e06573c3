import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { way } from './support/hostile.ts';
import { CLASS, openHub, shortOf } from './support/hub.ts';

const HOUR = 3600;
const WINDOW = 300;
const PRICE: Hex = '0x111111111111';
const FLOW: Hex = '0x222222222222';
const { viem, networkHelpers, stranger, fresh } = await openHub();
const { time, mine } = networkHelpers;
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

type Rig = Awaited<ReturnType<typeof fresh>>;
const opine = ({ hub, target }: Rig, family = PRICE, life = HOUR) =>
  hub.write.opine([target.address, life, family]);
const end = async ({ hub, target }: Rig, rung: number) =>
  (await hub.read.tripOf([target.address, rung])).end;
const rungs = async (rig: Rig) =>
  [await rig.hub.read.rungOf([rig.target.address]), await rig.target.read.rung()] as const;

describe('an opinion', () => {
  it('is heard from the registry that made the hub, and from nobody else', async () => {
    const { hub, target } = await fresh();
    const { account } = stranger;
    const call = hub.write.opine([target.address, HOUR, PRICE], { account });
    await reverts(call, hub, 'NotRegistry', [account.address]);
  });

  it('alone trips rung 2 and is kept', async () => {
    const rig = await fresh();
    const now = BigInt(await time.latest()) + 10n;
    await time.setNextBlockTimestamp(now);
    await emitWithArgs(opine(rig), rig.hub, 'Opined', [rig.target.address, PRICE]);
    assert.deepEqual(await rungs(rig), [2, 2]);
    assert.equal(await end(rig, 2), now + BigInt(HOUR));
    const { height, until, family } = await rig.hub.read.opinionOf([rig.target.address]);
    assert.deepEqual([until, family], [Number(now) + HOUR, PRICE]);
    assert.equal(height, await time.latestBlock());
  });

  it('of another family raises it to rung 3, and leaves it as it is', async () => {
    const rig = await fresh();
    await opine(rig);
    const before = await rig.hub.read.opinionOf([rig.target.address]);
    await opine(rig, FLOW);
    assert.deepEqual(await rungs(rig), [3, 3]);
    assert.deepEqual(await rig.hub.read.opinionOf([rig.target.address]), before);
  });

  it('of its own family never raises it, and is heard again once half its life is over', async () => {
    const rig = await fresh();
    await opine(rig);
    const until = await end(rig, 2);
    await time.setNextBlockTimestamp(until - BigInt(HOUR / 2) - 1n);
    await reverts(opine(rig), rig.hub, 'TripStillLong', [rig.target.address, 2, until]);
    await time.setNextBlockTimestamp(until - BigInt(HOUR / 2));
    await opine(rig);
    assert.deepEqual(await rungs(rig), [2, 2]);
    assert.equal(await end(rig, 2), until + BigInt(HOUR / 2));
  });

  it('lives no longer than its own life, though the trip does', async () => {
    const rig = await fresh();
    await opine(rig, PRICE, 600);
    await time.increase(301);
    await rig.hub.write.trip([rig.target.address, 2, HOUR, CLASS.A]);
    await time.increase(300);
    await opine(rig, FLOW);
    assert.deepEqual(await rungs(rig), [2, 2]);
    assert.equal((await rig.hub.read.opinionOf([rig.target.address])).family, FLOW);
  });

  for (const [blocks, rung] of [
    [WINDOW, 3],
    [WINDOW + 1, 2],
  ] as const)
    it(`${blocks} blocks later is ${rung === 3 ? 'still' : 'no longer'} about the same event`, async () => {
      const rig = await fresh();
      await opine(rig);
      await mine(blocks - 1, { interval: 1 });
      await opine(rig, FLOW);
      assert.deepEqual(await rungs(rig), [rung, rung]);
    });

  it('is kept where a proof holds rung 2 for long, and changes nothing at the target', async () => {
    const rig = await fresh();
    const { hub, hostile } = rig;
    await hub.write.trip([hostile.address, 2, HOUR, CLASS.A]);
    const { end: until } = await hub.read.tripOf([hostile.address, 2]);
    await hostile.write.behave([way('revert'), way('honest'), way('honest')]);
    const { result } = await hub.simulate.opine([hostile.address, HOUR, PRICE]);
    assert.deepEqual(result, [until, 2]);
    await hub.write.opine([hostile.address, HOUR, PRICE]);
    assert.equal((await hub.read.tripOf([hostile.address, 2])).end, until);
    await hostile.write.behave([way('honest'), way('honest'), way('honest')]);
    await hub.write.opine([hostile.address, HOUR, FLOW]);
    assert.equal(await hub.read.rungOf([hostile.address]), 3);
  });

  it('is kept where rung 2 has reached its longest life', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.target.address, 2, 6 * HOUR, CLASS.A]);
    const until = await end(rig, 2);
    await time.setNextBlockTimestamp(until - 60n);
    await opine(rig);
    assert.equal(await end(rig, 2), until);
    await opine(rig, FLOW);
    assert.deepEqual(await rungs(rig), [3, 3]);
  });

  it('said late in the longest life of rung 2 does not keep it from being tripped anew, once it has cooled down', async () => {
    const rig = await fresh();
    await opine(rig, PRICE, 6 * HOUR);
    const until = await end(rig, 2);
    await time.setNextBlockTimestamp(until - 1n);
    await opine(rig, PRICE, 6 * HOUR);
    assert.equal(await end(rig, 2), until);
    const cooled = until + BigInt(HOUR);
    await time.setNextBlockTimestamp(until);
    const cooling = opine(rig, PRICE, 6 * HOUR);
    await reverts(cooling, rig.hub, 'CoolingDown', [rig.target.address, 2, cooled]);
    await time.setNextBlockTimestamp(cooled);
    await opine(rig, PRICE, 6 * HOUR);
    assert.deepEqual(await rungs(rig), [2, 2]);
    assert.equal(await end(rig, 2), cooled + BigInt(6 * HOUR));
  });

  it('raised stops no longer than rung 2 may, whoever raises it again', async () => {
    const rig = await fresh();
    const life = 6 * HOUR;
    await opine(rig, PRICE, life);
    const start = BigInt(await time.latest()) + 100n;
    await time.setNextBlockTimestamp(start);
    await opine(rig, FLOW, HOUR);
    const until = start + BigInt(HOUR);
    await reverts(opine(rig, FLOW, HOUR), rig.hub, 'TripStillLong', [rig.target.address, 3, until]);
    await time.setNextBlockTimestamp(until - 10n);
    await opine(rig, FLOW, life);
    assert.equal(await end(rig, 3), start + BigInt(life));
  });

  it('does not extend a proven pause beyond what it may by itself', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.target.address, 3, 7 * HOUR, CLASS.A]);
    const until = await end(rig, 3);
    await time.setNextBlockTimestamp(until - 120n);
    await opine(rig);
    await reverts(opine(rig, FLOW), rig.hub, 'LongestLifeReached', [rig.target.address, 3, until]);
  });

  it('that no budget is left for is refused, and not kept', async () => {
    const rig = await fresh();
    const { hub, target } = rig;
    for (let spent = 0; spent < 3; spent++) {
      await opine(rig, PRICE, 6 * HOUR);
      await time.increase(7 * HOUR);
    }
    // What is left, and a seventh of that, which has come back meanwhile.
    for (const least of [2 * HOUR, 1_200]) {
      const start = await time.latest();
      await opine(rig, PRICE, 6 * HOUR);
      const { end: shortened } = await hub.read.tripOf([target.address, 2]);
      const life = Number(shortened) - start;
      assert.ok(life > least && life < 4 * HOUR, `${life}`);
      await time.increaseTo(shortened);
    }
    const before = await hub.read.opinionOf([target.address]);
    await reverts(opine(rig, PRICE, 6 * HOUR), hub, 'BudgetSpent', [
      target.address,
      2,
      (room: bigint) => room < 300n,
    ]);
    assert.deepEqual(await hub.read.opinionOf([target.address]), before);
    // What is kept for class A still trips.
    await hub.write.trip([target.address, 2, 3 * HOUR, CLASS.A]);
  });

  it('is forgotten when the owner ends the trip', async () => {
    const rig = await fresh();
    await opine(rig);
    await rig.hub.write.end([rig.target.address]);
    assert.deepEqual(await rig.hub.read.opinionOf([rig.target.address]), {
      height: 0,
      until: 0,
      family: '0x000000000000',
      enrolled: true,
    });
    await opine(rig, FLOW);
    assert.deepEqual(await rungs(rig), [2, 2]);
  });

  it('of one target says nothing of another', async () => {
    const rig = await fresh();
    await rig.hub.write.opine([rig.hostile.address, HOUR, PRICE]);
    await opine(rig, FLOW);
    assert.deepEqual(await rungs(rig), [2, 2]);
  });

  it('is no opinion where the target did not stop', async () => {
    const { hub, hostile } = await fresh();
    for (const [tripped, error, args] of [
      ['revert', 'TripFailed', [hostile.address, 2]],
      ['idle', 'TripHadNoEffect', [hostile.address, 2, 0]],
    ] as const) {
      await hostile.write.behave([way(tripped), way('honest'), way('honest')]);
      const call = hub.write.opine([hostile.address, HOUR, PRICE]);
      await reverts(call, hub, error, args as never);
      assert.equal((await hub.read.opinionOf([hostile.address])).until, 0);
    }
    await reverts(
      hub.write.opine([hostile.address, HOUR, PRICE], { gas: 700_000n }),
      hub,
      'GasShort',
      shortOf(700_000n),
    );
  });
});
