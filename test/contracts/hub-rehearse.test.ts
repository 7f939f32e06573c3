import assert from 'node:assert/strict';
import { way } from './support/hostile.ts';
import { CLASS, openHub, shortOf } from './support/hub.ts';

const ALL = 0b1110;
const { viem, networkHelpers, stranger, fresh } = await openHub();
const { time } = networkHelpers;
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

describe('a rehearsal', () => {
  it('obeys only the registry that made the hub', async () => {
    const { hub, target } = await fresh();
    const { account } = stranger;
    const call = hub.write.rehearse([target.address, ALL], { account });
    await reverts(call, hub, 'NotRegistry', [account.address]);
  });

  for (const rungs of [0b0010, 0b0100, 0b1000, 0b1010, ALL])
    it(`of rungs ${rungs.toString(2)} leaves nothing behind, in the hub or at the target`, async () => {
      const { hub, target } = await fresh();
      await hub.write.rehearse([target.address, rungs]);
      assert.equal(await target.read.rung(), 0);
      for (const rung of [1, 2, 3])
        assert.deepEqual(await hub.read.tripOf([target.address, rung]), {
          first: 0n,
          end: 0n,
          changedAt: 0n,
        });
    });

  it('ends with the highest rung at three quarters of the gas', async () => {
    const { hub, hostile } = await fresh();
    await hub.write.rehearse([hostile.address, ALL], { gas: 5_000_000n });
    const given = await hostile.read.gasGiven();
    assert.ok(given > 730_000n && given < 750_000n, `${given}`);
  });

  it('is refused while the target says it is stopped', async () => {
    const { hub, hostile } = await fresh();
    await hub.write.trip([hostile.address, 1, 60, CLASS.A]);
    await reverts(hub.write.rehearse([hostile.address, ALL]), hub, 'StillTripped', [
      hostile.address,
      1,
    ]);
  });

  it('is refused while the target stays stopped after its trip is over', async () => {
    const { hub, hostile } = await fresh();
    await hub.write.trip([hostile.address, 2, 60, CLASS.A]);
    await hostile.write.behave([way('honest'), way('honest'), way('revert')]);
    await time.increase(60);
    const { address } = hostile;
    await reverts(hub.write.rehearse([address, ALL]), hub, 'StillTripped', [address, 2]);
  });

  it('releases first what an expired trip has left', async () => {
    const { hub, hostile } = await fresh();
    await hub.write.trip([hostile.address, 2, 60, CLASS.A]);
    await time.increase(60);
    assert.equal(await hostile.read.rung(), 2);
    await hub.write.rehearse([hostile.address, ALL]);
    assert.equal(await hostile.read.rung(), 0);
  });

  it('charges no budget', async () => {
    const { hub, target } = await fresh();
    const rooms = () =>
      Promise.all([1, 2, 3].map((rung) => hub.read.roomOf([target.address, rung, CLASS.A])));
    const before = await rooms();
    await hub.write.rehearse([target.address, ALL]);
    assert.deepEqual(await rooms(), before);
  });

  for (const [tripped, asked, released, error, more] of [
    ['revert', 'honest', 'honest', 'TripFailed', [1]],
    ['burn', 'honest', 'honest', 'TripFailed', [1]],
    ['idle', 'honest', 'honest', 'TripHadNoEffect', [1, 0]],
    ['bomb', 'honest', 'honest', 'TripHadNoEffect', [1, 0]],
    ['honest', 'idle', 'honest', 'TripHadNoEffect', [1, 0]],
    ['honest', 'revert', 'honest', 'TripHadNoEffect', [1, 0]],
    ['honest', 'honest', 'revert', 'ReleaseFailed', [3]],
    ['honest', 'honest', 'burn', 'ReleaseFailed', [3]],
    ['honest', 'honest', 'silent', 'ReleaseHadNoEffect', [3, 3]],
    ['honest', 'honest', 'nonsense', 'ReleaseHadNoEffect', [3, 3]],
  ] as const)
    it(`of a target that is ${tripped} when tripped, ${asked} when asked and ${released} when released fails`, async () => {
      const { hub, hostile } = await fresh();
      await hostile.write.behave([way(tripped), way(asked), way(released)]);
      const call = hub.write.rehearse([hostile.address, ALL], { gas: 12_000_000n });
      await reverts(call, hub, error, [hostile.address, ...more] as never);
    });

  it('gives the target its whole gas or does not begin', async () => {
    const { hub, target } = await fresh();
    await reverts(
      hub.write.rehearse([target.address, ALL], { gas: 900_000n }),
      hub,
      'GasShort',
      shortOf(900_000n),
    );
  });
});
