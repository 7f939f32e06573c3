import assert from 'node:assert/strict';
import hre from 'hardhat';
import type { Wallet } from './support/registry.ts';

const HOUR = 3600n;
const DAY = 24n * HOUR;
/** A million for the target, of which a call is given 63/64, and what is done around it. */
const NEEDED = (1_000_000n * 64n) / 63n + 20_000n;
const { viem, networkHelpers } = await hre.network.create();
const { time } = networkHelpers;
const [registry, stranger] = (await viem.getWalletClients()) as [Wallet, Wallet];

const ways = ['honest', 'revert', 'burn', 'bomb', 'idle', 'nonsense', 'reenter', 'silent'] as const;
const way = (name: (typeof ways)[number]) => ways.indexOf(name);

/** A hub whose registry is an ordinary account, an ordinary target and one that misbehaves. */
const deploy = async () => {
  const hub = await viem.deployContract('BreakerHub');
  const target = await viem.deployContract('GuardedSample', [
    hub.address,
    registry.account.address,
  ]);
  const hostile = await viem.deployContract('HostileTarget', [
    hub.address,
    registry.account.address,
  ]);
  await hub.write.enrol([target.address]);
  await hub.write.enrol([hostile.address]);
  return { hub, target, hostile };
};
const fresh = () => networkHelpers.loadFixture(deploy);
const reverts = viem.assertions.revertWithCustomErrorWithArgs;
const { emitWithArgs } = viem.assertions;

describe('the breaker hub', () => {
  it('obeys only the registry that made it', async () => {
    const { hub, target } = await fresh();
    const caller = stranger.account.address;
    const as = { account: stranger.account };
    await reverts(hub.write.enrol([target.address], as), hub, 'NotRegistry', [caller]);
    await reverts(hub.write.trip([target.address, 1, 60], as), hub, 'NotRegistry', [caller]);
    await reverts(hub.write.end([target.address], as), hub, 'NotRegistry', [caller]);
    await reverts(hub.write.release([target.address], as), hub, 'NotRegistry', [caller]);
    assert.equal((await hub.read.REGISTRY()).toLowerCase(), registry.account.address.toLowerCase());
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
      await hub.write.trip([target.address, rung, life]);
      await time.setNextBlockTimestamp(start + BigInt(life) - 10n);
      await hub.write.trip([target.address, rung, life]);
      assert.deepEqual(await hub.read.tripOf([target.address, rung]), {
        first: start,
        end: start + longest - 10n,
      });
      await time.setNextBlockTimestamp(start + longest - 20n);
      await hub.write.trip([target.address, rung, life]);
      assert.deepEqual(await hub.read.tripOf([target.address, rung]), {
        first: start,
        end: start + longest,
      });
      await reverts(hub.write.trip([target.address, rung, life]), hub, 'LongestLifeReached', [
        target.address,
        rung,
        start + longest,
      ]);
    });
  }

  for (const rung of [0, 4, 255])
    it(`knows no rung ${rung}`, async () => {
      const { hub, target } = await fresh();
      await reverts(hub.write.trip([target.address, rung, 60]), hub, 'RungUnknown', [rung]);
      await reverts(hub.read.tripOf([target.address, rung]), hub, 'RungUnknown', [rung]);
      await reverts(hub.read.longestLife([rung]), hub, 'RungUnknown', [rung]);
    });

  it('tells the target, and says when the trip ends', async () => {
    const { hub, target } = await fresh();
    const now = BigInt(await time.latest()) + 10n;
    await time.setNextBlockTimestamp(now);
    await hub.write.trip([target.address, 3, 60]);
    assert.deepEqual(await hub.read.tripOf([target.address, 3]), { first: now, end: now + 60n });
    assert.equal(await hub.read.rungOf([target.address]), 3);
    assert.equal(await target.read.rung(), 3);
  });

  it('expires by itself, in the read', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 2, 60]);
    const { end } = await hub.read.tripOf([target.address, 2]);
    await time.increaseTo(end - 1n);
    assert.equal(await hub.read.rungOf([target.address]), 2);
    await time.increaseTo(end);
    assert.equal(await hub.read.rungOf([target.address]), 0);
    assert.equal(await target.read.rung(), 0);
  });

  it('starts a new life once the former trip has expired', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 2, 60]);
    const { first, end } = await hub.read.tripOf([target.address, 2]);
    await time.setNextBlockTimestamp(end);
    await hub.write.trip([target.address, 2, 60]);
    assert.deepEqual(await hub.read.tripOf([target.address, 2]), {
      first: first + 60n,
      end: end + 60n,
    });
  });

  it('refuses a trip while more than half of the asked life is left, and allows it from there on', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 3, 100]);
    const { end } = await hub.read.tripOf([target.address, 3]);
    await time.setNextBlockTimestamp(end - 51n);
    await reverts(hub.write.trip([target.address, 3, 100]), hub, 'TripStillLong', [
      target.address,
      3,
      end,
    ]);
    await time.setNextBlockTimestamp(end - 50n);
    await hub.write.trip([target.address, 3, 100]);
    assert.equal((await hub.read.tripOf([target.address, 3])).end, end + 50n);
  });

  it('never shortens a trip', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 3, 1000]);
    const { end } = await hub.read.tripOf([target.address, 3]);
    await reverts(hub.write.trip([target.address, 3, 10]), hub, 'TripStillLong', [
      target.address,
      3,
      end,
    ]);
  });

  it('keeps the rungs of a target apart and answers the highest', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 1, 1000]);
    await hub.write.trip([target.address, 3, 100]);
    await hub.write.trip([target.address, 2, 500]);
    assert.equal(await hub.read.rungOf([target.address]), 3);
    await time.increase(150);
    assert.equal(await hub.read.rungOf([target.address]), 2);
    await time.increase(400);
    assert.equal(await hub.read.rungOf([target.address]), 1);
    await time.increase(500);
    assert.equal(await hub.read.rungOf([target.address]), 0);
  });

  it('ends every rung at once, at the target too', async () => {
    const { hub, target } = await fresh();
    for (const rung of [1, 2, 3]) await hub.write.trip([target.address, rung, 1000]);
    const ending = hub.write.end([target.address]);
    await emitWithArgs(ending, hub, 'Ended', [target.address]);
    await emitWithArgs(ending, hub, 'Released', [target.address]);
    assert.equal(await hub.read.rungOf([target.address]), 0);
    assert.equal(await target.read.rung(), 0);
    assert.deepEqual(await hub.read.tripOf([target.address, 3]), { first: 0n, end: 0n });
  });

  it('releases only once nothing is in force', async () => {
    const { hub, hostile } = await fresh();
    await hub.write.trip([hostile.address, 2, 60]);
    await reverts(hub.write.release([hostile.address]), hub, 'StillTripped', [hostile.address, 2]);
    await time.increase(60);
    await emitWithArgs(hub.write.release([hostile.address]), hub, 'Released', [hostile.address]);
    assert.equal(await hostile.read.rung(), 0);
  });

  it('says nothing was released when the target put nothing back', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 2, 60]);
    await time.increase(60);
    assert.equal((await hub.simulate.release([target.address])).result, false);
  });
});

describe('a hostile target', () => {
  for (const tripped of ['revert', 'burn'] as const)
    it(`that answers a trip with ${tripped} fails it`, async () => {
      const { hub, hostile } = await fresh();
      await hostile.write.behave([way(tripped), way('honest'), way('honest')]);
      await reverts(
        hub.write.trip([hostile.address, 2, 60], { gas: 5_000_000n }),
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
        hub.write.trip([hostile.address, 2, 60], { gas: 5_000_000n }),
        hub,
        'TripHadNoEffect',
        [hostile.address, 2, 0],
      );
    });

  it('that stops less than was asked had no effect', async () => {
    const { hub, hostile } = await fresh();
    await hub.write.trip([hostile.address, 1, 60]);
    await hostile.write.behave([way('idle'), way('honest'), way('honest')]);
    await reverts(hub.write.trip([hostile.address, 3, 60]), hub, 'TripHadNoEffect', [
      hostile.address,
      3,
      1,
    ]);
  });

  it('costs its caller no more than the gas it is given, whatever it answers', async () => {
    const { hub, hostile } = await fresh();
    await hostile.write.behave([way('bomb'), way('bomb'), way('bomb')]);
    const client = await viem.getPublicClient();
    await hub.write.end([hostile.address], { gas: 5_000_000n });
    const receipt = await client.getTransactionReceipt({
      hash: await hub.write.end([hostile.address], { gas: 5_000_000n }),
    });
    assert.ok(receipt.gasUsed < 1_100_000n, `${receipt.gasUsed}`);
  });

  it('gets its whole gas or is not called at all', async () => {
    const { hub, hostile } = await fresh();
    await hub.write.trip([hostile.address, 1, 60], { gas: 1_400_000n });
    assert.ok((await hostile.read.gasGiven()) > 970_000n);
    for (const gas of [300_000n, 700_000n, 1_000_000n])
      await reverts(hub.write.trip([hostile.address, 2, 60], { gas }), hub, 'GasShort', [
        (left: bigint) => left < gas,
        NEEDED,
      ]);
    await reverts(hub.write.end([hostile.address], { gas: 900_000n }), hub, 'GasShort', [
      (left: bigint) => left < 900_000n,
      NEEDED,
    ]);
  });

  for (const released of ['revert', 'burn'] as const) {
    it(`that answers a release with ${released} cannot keep the owner from ending the trip`, async () => {
      const { hub, hostile } = await fresh();
      await hub.write.trip([hostile.address, 3, 60]);
      await hostile.write.behave([way('honest'), way('honest'), way(released)]);
      await hub.write.end([hostile.address], { gas: 5_000_000n });
      assert.equal(await hub.read.rungOf([hostile.address]), 0);
      await reverts(
        hub.write.release([hostile.address], { gas: 5_000_000n }),
        hub,
        'ReleaseFailed',
        [hostile.address],
      );
      await hostile.write.behave([way('honest'), way('honest'), way('honest')]);
      await emitWithArgs(hub.write.release([hostile.address]), hub, 'Released', [hostile.address]);
    });
  }

  for (const released of ['bomb', 'nonsense', 'silent'] as const)
    it(`that answers a release with ${released} released nothing`, async () => {
      const { hub, hostile } = await fresh();
      await hostile.write.behave([way('honest'), way('honest'), way(released)]);
      const { result } = await hub.simulate.release([hostile.address], { gas: 5_000_000n });
      assert.equal(result, false);
    });
});
