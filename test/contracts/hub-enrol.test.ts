import assert from 'node:assert/strict';
import { getAddress, type Hex } from 'viem';
import { CLASS, openHub } from './support/hub.ts';

const { viem, registry, stranger, fresh } = await openHub();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const NEWCOMER: Hex = getAddress(`0x${'77'.repeat(20)}`);

describe('enrolling a target', () => {
  it('obeys only the registry that made it', async () => {
    const { hub } = await fresh();
    await reverts(hub.write.enrol([NEWCOMER], { account: stranger.account }), hub, 'NotRegistry', [
      stranger.account.address,
    ]);
    assert.equal(await hub.read.REGISTRY(), getAddress(registry.account.address));
  });

  it('trips nothing', async () => {
    const { hub } = await fresh();
    await emitWithArgs(hub.write.enrol([NEWCOMER]), hub, 'Enrolled', [NEWCOMER]);
    assert.equal(await hub.read.rungOf([NEWCOMER]), 0);
    for (const rung of [1, 2, 3])
      assert.deepEqual(await hub.read.tripOf([NEWCOMER, rung]), {
        first: 0n,
        end: 0n,
        changedAt: 0n,
      });
  });

  it('again leaves its trips as they are', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 3, 60, CLASS.A]);
    const trip = await hub.read.tripOf([target.address, 3]);
    await hub.write.enrol([target.address]);
    assert.deepEqual(await hub.read.tripOf([target.address, 3]), trip);
    assert.equal(await hub.read.rungOf([target.address]), 3);
  });

  it('again fills no budget', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 3, 3600, CLASS.A]);
    const room = () => hub.read.roomOf([target.address, 3, CLASS.A]);
    const before = await room();
    await hub.write.enrol([target.address]);
    assert.ok((await room()) - before < 2n);
  });

  it('pays beforehand for the slot of its first trip', async () => {
    const { hub } = await fresh();
    const client = await viem.getPublicClient();
    const gasOf = async (enrolled: boolean) => {
      const target = await viem.deployContract('GuardedSample', [
        hub.address,
        registry.account.address,
      ]);
      if (enrolled) await hub.write.enrol([target.address]);
      const hash = await hub.write.trip([target.address, 3, 60, CLASS.A]);
      return (await client.getTransactionReceipt({ hash })).gasUsed;
    };
    const saved = (await gasOf(false)) - (await gasOf(true));
    assert.ok(saved > 17_000n, `${saved}`);
  });
});
