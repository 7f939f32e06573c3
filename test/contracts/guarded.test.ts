import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress, type Hex } from 'viem';
import type { Wallet } from './support/registry.ts';

const { viem, networkHelpers } = await hre.network.create();
const { time } = networkHelpers;
const [hub, guardian, stranger] = (await viem.getWalletClients()) as [Wallet, Wallet, Wallet];
const reverts = viem.assertions.revertWithCustomErrorWithArgs;

/** A guarded target whose hub is an ordinary account. */
const fresh = () =>
  networkHelpers.loadFixture(async function sample() {
    return viem.deployContract('GuardedSample', [hub.account.address, guardian.account.address]);
  });
const acts = ['borrow', 'withdraw', 'deposit', 'repay'] as const;

describe('a guarded contract', () => {
  it('names its hub and its guardian', async () => {
    const target = await fresh();
    assert.equal((await target.read.hub()).toLowerCase(), hub.account.address);
    assert.equal((await target.read.guardian()).toLowerCase(), guardian.account.address);
  });

  it('is tripped and released by its hub only', async () => {
    const target = await fresh();
    const as = { account: stranger.account };
    const args: [Hex, Hex] = [
      getAddress(stranger.account.address),
      getAddress(hub.account.address),
    ];
    await reverts(target.write.trip([1, 1n], as), target, 'NotHub', args);
    await reverts(target.write.release([1], as), target, 'NotHub', args);
  });

  for (const rung of [0, 4, 255])
    it(`has no rung ${rung}`, async () => {
      const target = await fresh();
      await reverts(target.write.trip([rung, 1n]), target, 'RungUnsupported', [rung]);
      await reverts(target.write.release([rung]), target, 'RungUnsupported', [rung]);
    });

  for (const [rung, open] of [
    [0, ['borrow', 'withdraw', 'deposit', 'repay']],
    [1, ['withdraw', 'deposit', 'repay']],
    [2, ['deposit', 'repay']],
    [3, ['repay']],
  ] as const)
    it(`at rung ${rung} still lets its users ${open.join(', ')}`, async () => {
      const target = await fresh();
      if (rung !== 0) await target.write.trip([rung, BigInt(await time.latest()) + 100n]);
      for (const [index, act] of acts.entries()) {
        if ((open as readonly string[]).includes(act)) await target.write[act]();
        else await reverts(target.write[act](), target, 'Stopped', [rung, index + 1]);
      }
      assert.equal(await target.read.calls(), BigInt(open.length));
    });

  it('goes on by itself at the very second the trip ends', async () => {
    const target = await fresh();
    const until = BigInt(await time.latest()) + 100n;
    await target.write.trip([3, until]);
    await time.setNextBlockTimestamp(until - 1n);
    await reverts(target.write.deposit(), target, 'Stopped', [3, 3]);
    await time.setNextBlockTimestamp(until);
    await target.write.deposit();
  });

  it('falls back to a lower rung that lives longer', async () => {
    const target = await fresh();
    const now = BigInt(await time.latest());
    await target.write.trip([1, now + 1000n]);
    await target.write.trip([3, now + 100n]);
    assert.equal(await target.read.rung(), 3);
    await time.increaseTo(now + 100n);
    assert.equal(await target.read.rung(), 1);
  });

  it('forgets a rung that is released and no other, and says whether it was in force', async () => {
    const target = await fresh();
    await target.write.trip([1, BigInt(await time.latest()) + 100n]);
    await target.write.trip([2, BigInt(await time.latest()) + 100n]);
    assert.equal((await target.simulate.release([2])).result, true);
    await target.write.release([2]);
    assert.equal(await target.read.rung(), 1);
    for (const rung of [2, 3]) assert.equal((await target.simulate.release([rung])).result, false);
    await target.write.release([1]);
    assert.equal(await target.read.rung(), 0);
  });
});
