import assert from 'node:assert/strict';
import { way } from './support/hostile.ts';
import { CLASS, openHub, shortOf } from './support/hub.ts';

const HOUR = 3600n;
const DAY = 24n * HOUR;
const { viem, networkHelpers, stranger, fresh } = await openHub();
const { time } = networkHelpers;
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

describe('the breaker hub', () => {
  it('obeys only the registry that made it', async () => {
    const { hub, target } = await fresh();
    const { account } = stranger;
    const call = hub.write.trip([target.address, 1, 60, CLASS.A], { account });
    await reverts(call, hub, 'NotRegistry', [account.address]);
  });

  for (const [rung, longest] of [
    [1, DAY],
    [2, 6n * HOUR],
    [3, DAY],
  ] as const) {
    it(`lets rung ${rung} live ${longest / HOUR} hours at most`, async () => {
      const { hub } = await fresh();
      assert.equal(BigInt(await hub.read.longestLife([rung])), longest);
    });

    it(`never ends rung ${rung} later than its first trip plus its longest life`, async () => {
      const { hub, target } = await fresh();
      const life = Number(longest / 2n);
      const start = BigInt(await time.latest()) + 100n;
      await time.setNextBlockTimestamp(start);
      await hub.write.trip([target.address, rung, life, CLASS.A]);
      await time.setNextBlockTimestamp(start + BigInt(life) - 10n);
      await hub.write.trip([target.address, rung, life, CLASS.A]);
      assert.deepEqual(await hub.read.tripOf([target.address, rung]), {
        first: start,
        end: start + longest - 10n,
        changedAt: start + BigInt(life) - 10n,
      });
      await time.setNextBlockTimestamp(start + longest - 20n);
      await hub.write.trip([target.address, rung, life, CLASS.A]);
      assert.deepEqual(await hub.read.tripOf([target.address, rung]), {
        first: start,
        end: start + longest,
        changedAt: start + longest - 20n,
      });
      await reverts(
        hub.write.trip([target.address, rung, life, CLASS.A]),
        hub,
        'LongestLifeReached',
        [target.address, rung, start + longest],
      );
    });
  }

  for (const rung of [0, 4, 255])
    it(`knows no rung ${rung}`, async () => {
      const { hub, target } = await fresh();
      await reverts(hub.write.trip([target.address, rung, 60, CLASS.A]), hub, 'RungUnknown', [
        rung,
      ]);
      await reverts(hub.read.tripOf([target.address, rung]), hub, 'RungUnknown', [rung]);
      const room = hub.read.roomOf([target.address, rung, CLASS.A]);
      await reverts(room, hub, 'RungUnknown', [rung]);
      await reverts(hub.read.longestLife([rung]), hub, 'RungUnknown', [rung]);
    });

  it('tells the target, and says when the trip ends', async () => {
    const { hub, target } = await fresh();
    const now = BigInt(await time.latest()) + 10n;
    await time.setNextBlockTimestamp(now);
    await hub.write.trip([target.address, 3, 60, CLASS.A]);
    assert.deepEqual(await hub.read.tripOf([target.address, 3]), {
      first: now,
      end: now + 60n,
      changedAt: now,
    });
    assert.equal(await hub.read.rungOf([target.address]), 3);
    assert.equal(await target.read.rung(), 3);
  });

  it('expires by itself, in the read', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 2, 60, CLASS.A]);
    const { end } = await hub.read.tripOf([target.address, 2]);
    await time.increaseTo(end - 1n);
    assert.equal(await hub.read.rungOf([target.address]), 2);
    await time.increaseTo(end);
    assert.equal(await hub.read.rungOf([target.address]), 0);
    assert.equal(await target.read.rung(), 0);
  });

  for (const [soon, later] of [
    [true, HOUR - 1n],
    [false, HOUR],
  ] as const)
    it(`${later} seconds after the end ${soon ? 'goes on with the same stop' : 'begins another'}`, async () => {
      const { hub, target } = await fresh();
      await hub.write.trip([target.address, 2, 60, CLASS.A]);
      const { first, end } = await hub.read.tripOf([target.address, 2]);
      const now = end + later;
      await time.setNextBlockTimestamp(now);
      await hub.write.trip([target.address, 2, 60, CLASS.A]);
      assert.deepEqual(await hub.read.tripOf([target.address, 2]), {
        first: soon ? first : now,
        end: now + 60n,
        changedAt: now,
      });
    });

  it('after the longest life is refused until an hour has passed', async () => {
    const { hub, target } = await fresh();
    const life = 6 * Number(HOUR);
    await hub.write.trip([target.address, 2, life, CLASS.A]);
    const { end } = await hub.read.tripOf([target.address, 2]);
    await time.setNextBlockTimestamp(end + HOUR - 1n);
    const again = hub.write.trip([target.address, 2, life, CLASS.A]);
    await reverts(again, hub, 'CoolingDown', [target.address, 2, end + HOUR]);
    await time.setNextBlockTimestamp(end + HOUR);
    await hub.write.trip([target.address, 2, life, CLASS.A]);
  });

  it('refuses a trip while more than half of the asked life is left, and allows it from there on', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 3, 100, CLASS.A]);
    const { end } = await hub.read.tripOf([target.address, 3]);
    await time.setNextBlockTimestamp(end - 51n);
    await reverts(hub.write.trip([target.address, 3, 100, CLASS.A]), hub, 'TripStillLong', [
      target.address,
      3,
      end,
    ]);
    await time.setNextBlockTimestamp(end - 50n);
    await hub.write.trip([target.address, 3, 100, CLASS.A]);
    assert.equal((await hub.read.tripOf([target.address, 3])).end, end + 50n);
  });

  it('never shortens a trip', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 3, 1000, CLASS.A]);
    const { end } = await hub.read.tripOf([target.address, 3]);
    await reverts(hub.write.trip([target.address, 3, 10, CLASS.A]), hub, 'TripStillLong', [
      target.address,
      3,
      end,
    ]);
  });

  it('keeps the rungs of a target apart and answers the highest', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 1, 1000, CLASS.A]);
    await hub.write.trip([target.address, 3, 100, CLASS.A]);
    await hub.write.trip([target.address, 2, 500, CLASS.A]);
    assert.equal(await hub.read.rungOf([target.address]), 3);
    await time.increase(150);
    assert.equal(await hub.read.rungOf([target.address]), 2);
    await time.increase(400);
    assert.equal(await hub.read.rungOf([target.address]), 1);
    await time.increase(500);
    assert.equal(await hub.read.rungOf([target.address]), 0);
  });
});

describe('a hostile target', () => {
  for (const tripped of ['revert', 'burn'] as const)
    it(`that answers a trip with ${tripped} fails it`, async () => {
      const { hub, hostile } = await fresh();
      await hostile.write.behave([way(tripped), way('honest'), way('honest')]);
      await reverts(
        hub.write.trip([hostile.address, 2, 60, CLASS.A], { gas: 5_000_000n }),
        hub,
        'TripFailed',
        [hostile.address, 2],
      );
      assert.equal(await hub.read.rungOf([hostile.address]), 0);
    });

  for (const [tripped, asked] of [
    ['idle', 'honest'],
    ['bomb', 'honest'],
    ['honest', 'idle'],
    ['honest', 'nonsense'],
    ['honest', 'revert'],
    ['honest', 'burn'],
    ['honest', 'silent'],
  ] as const)
    it(`that is ${tripped} when tripped and ${asked} when asked had no effect`, async () => {
      const { hub, hostile } = await fresh();
      await hostile.write.behave([way(tripped), way(asked), way('honest')]);
      await reverts(
        hub.write.trip([hostile.address, 2, 60, CLASS.A], { gas: 5_000_000n }),
        hub,
        'TripHadNoEffect',
        [hostile.address, 2, 0],
      );
    });

  it('that stops less than was asked had no effect', async () => {
    const { hub, hostile } = await fresh();
    await hub.write.trip([hostile.address, 1, 60, CLASS.A]);
    await hostile.write.behave([way('idle'), way('honest'), way('honest')]);
    await reverts(hub.write.trip([hostile.address, 3, 60, CLASS.A]), hub, 'TripHadNoEffect', [
      hostile.address,
      3,
      1,
    ]);
  });

  it('gets its whole gas or is not called at all', async () => {
    const { hub, hostile } = await fresh();
    await hub.write.trip([hostile.address, 1, 60, CLASS.A], { gas: 1_400_000n });
    assert.ok((await hostile.read.gasGiven()) > 970_000n);
    for (const gas of [300_000n, 700_000n, 1_000_000n])
      await reverts(
        hub.write.trip([hostile.address, 2, 60, CLASS.A], { gas }),
        hub,
        'GasShort',
        shortOf(gas),
      );
  });
});
