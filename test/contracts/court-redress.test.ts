import assert from 'node:assert/strict';
import { getAddress } from 'viem';
import { offence, TRUSTING } from './support/court.ts';
import { HOUR, landed, lie, openRedress, PREMIUM } from './support/redress.ts';
import { asOwner, certifyVerdict, submit, verdictOf } from './support/registry.ts';

const { connection, viem, networkHelpers, redress, fresh } = await openRedress();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const { time } = networkHelpers;

const lossOf = async ({ court, epoch, id }: Awaited<ReturnType<typeof fresh>>) => {
  const { stopped, due } = await court.read.lossOf([epoch, id]);
  return { stopped, due };
};

describe('a redress in the block of its trip', () => {
  it('is refused: the very same trip could be made anew behind it', async () => {
    const rig = await fresh();
    const trippedAt = BigInt(await time.latest()) + 10n;
    await time.setNextBlockTimestamp(trippedAt);
    const { rung } = rig.lie;
    const told = { ...rig.lie, trippedAt };
    await reverts(redress(rig, told), rig.court, 'RedressTooSoon', [rig.id, rung, trippedAt]);
  });
});

describe('Court.redress', () => {
  it('ends the trip at once and enters what the stop so far is worth', async () => {
    const rig = await fresh();
    const { court, registry, hub, target, epoch, id } = rig;
    assert.equal(await target.read.rung(), 3);
    await time.setNextBlockTimestamp(rig.lie.trippedAt + HOUR / 2n);
    const hash = redress(rig);
    const due = (10n * PREMIUM) / 12n;
    await emitWithArgs(hash, court, 'Redressed', [id, epoch, 3, rig.lie.trippedAt, due]);
    await emitWithArgs(hash, hub, 'Lifted', [target.address, 3]);
    assert.equal(await target.read.rung(), 0);
    assert.deepEqual(await lossOf(rig), { stopped: Number(HOUR / 2n), due });
    assert.deepEqual(await court.read.poolOf([epoch]), { held: 0n, due, closed: false });
    assert.equal((await registry.read.coverage([id])).notBefore, 0n);
  });

  it('takes each trip once, and six hours of an epoch in all', async () => {
    const rig = await fresh();
    const { court, epoch, id } = rig;
    const long = { ...rig.lie, trippedAt: 1_000n, end: 1_000n + 30n * HOUR };
    await redress(rig, long);
    await reverts(redress(rig, long), court, 'RedressSpent', [id, 3, 1_000n]);
    const most = { stopped: Number(6n * HOUR), due: 10n * PREMIUM };
    assert.deepEqual(await lossOf(rig), most);
    await redress(rig);
    assert.deepEqual(await lossOf(rig), most);
    assert.equal((await court.read.poolOf([epoch])).due, most.due);
  });

  for (const [order, stopped] of [
    ['abc', 4n],
    ['acb', 4n],
    ['bac', 4n],
    ['bca', 4n],
    ['cab', 4n],
    ['cba', 4n],
    ['acd', 5n],
    // What lies between two that are counted is not.
    ['adc', 3n],
    ['dca', 5n],
    ['da', 3n],
    ['ea', 2n],
    ['ae', 2n],
  ] as const)
    it(`counts no second twice of stops that overlap: ${stopped} hours of ${order}`, async () => {
      const rig = await fresh();
      // First hour and last of each.
      const spans = { a: [1n, 3n], b: [2n, 4n], c: [3n, 5n], d: [6n, 7n], e: [2n, 3n] } as const;
      for (const name of order) {
        const [from, to] = spans[name as keyof typeof spans];
        await redress(rig, { ...rig.lie, trippedAt: from * HOUR, end: to * HOUR });
      }
      const due = (10n * PREMIUM * stopped) / 6n;
      assert.deepEqual(await lossOf(rig), { stopped: Number(stopped * HOUR), due });
    });

  it('leaves a stop that another verdict is behind too, and counts it once it is over', async () => {
    const rig = await fresh();
    const { court, id } = rig;
    await time.increase(60n);
    for (const other of [
      { ...rig.lie, end: rig.lie.end - 1n },
      { ...rig.lie, trippedAt: rig.lie.trippedAt + 1n },
    ]) {
      await reverts(redress(rig, other), court, 'StopRuns', [id, 3, other.end]);
      assert.equal(await rig.target.read.rung(), 3);
    }
    await time.setNextBlockTimestamp(rig.lie.end);
    await redress(rig);
    const stopped = rig.lie.end - rig.lie.trippedAt;
    assert.equal((await lossOf(rig)).stopped, Number(stopped));
  });

  it('counts what the owner has ended up to then, at once, however often it is ended', async () => {
    const rig = await fresh();
    const { registry, id } = rig;
    await time.setNextBlockTimestamp(rig.lie.trippedAt + 600n);
    await registry.write.end([id], asOwner(rig));
    await time.setNextBlockTimestamp(rig.lie.trippedAt + 900n);
    await registry.write.end([id], asOwner(rig));
    await redress(rig);
    const due = (10n * PREMIUM) / 36n;
    assert.deepEqual(await lossOf(rig), { stopped: 600, due });
  });

  it('counts nothing of what the owner has ended in the same second', async () => {
    const rig = await fresh();
    const { registry, id } = rig;
    await registry.write.end([id], asOwner(rig));
    await networkHelpers.mine();
    const verdict = await verdictOf(rig, id);
    const certificate = await certifyVerdict(rig, verdict);
    const { submitter, guardian } = rig;
    const automine = (on: boolean) =>
      connection.provider.request({ method: 'evm_setAutomine', params: [on] });
    await automine(false);
    const gas = 3_000_000n;
    const hash = await registry.write.submit([verdict, certificate], {
      account: submitter.account,
      gas,
    });
    await registry.write.end([id], { account: guardian.account, gas });
    await networkHelpers.mine();
    await automine(true);
    await redress(rig, await landed(rig, hash));
    assert.equal((await lossOf(rig)).stopped, 0);
  });

  it('counts what was ended and tripped anew up to the second trip', async () => {
    const rig = await fresh();
    const { registry, id } = rig;
    await registry.write.end([id], asOwner(rig));
    await networkHelpers.mine();
    await time.setNextBlockTimestamp(rig.lie.trippedAt + 900n);
    const second = await lie(rig, id);
    assert.equal(second.trippedAt, rig.lie.trippedAt + 900n);
    await redress(rig);
    assert.equal((await lossOf(rig)).stopped, 900);
    // Nobody has redressed the second: it goes on.
    assert.equal(await rig.target.read.rung(), 3);
  });

  it('refuses what tripped nothing, unknown epochs and what comes too late', async () => {
    const rig = await fresh();
    const { court, epoch } = rig;
    const nothing = court.write.redress([TRUSTING, offence(epoch, [2])]);
    await reverts(nothing, court, 'NothingStopped', [epoch]);
    const unknown = court.write.redress([TRUSTING, offence(99n, [2], rig.lie)]);
    await reverts(unknown, court, 'EpochUnknown', [99n]);
    const deadline = await court.read.deadlineOf([epoch]);
    await time.setNextBlockTimestamp(deadline);
    await reverts(redress(rig), court, 'EvidenceExpired', [epoch, deadline]);
  });

  it('lets the registry be told by the court alone', async () => {
    const { registry, hub, stranger, target, id } = await fresh();
    const { account } = stranger;
    const call = registry.write.lift([id, 3, 1n, 2n], { account });
    await reverts(call, registry, 'NotCourt', [getAddress(account.address)]);
    const direct = hub.write.lift([target.address, 3, 1n, 2n], { account });
    await reverts(direct, hub, 'NotRegistry', [getAddress(account.address)]);
  });

  it('lets the next true verdict trip at once', async () => {
    const rig = await fresh();
    await redress(rig);
    await networkHelpers.mine();
    await submit(rig, await verdictOf(rig, rig.id));
    assert.equal(await rig.target.read.rung(), 3);
  });
});
