import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress } from 'viem';
import { CLASS } from './support/hub.ts';
import type { Wallet } from './support/registry.ts';

const { viem, networkHelpers } = await hre.network.create();
const { time } = networkHelpers;
const [, guardian, stranger] = (await viem.getWalletClients()) as [Wallet, Wallet, Wallet];
const { revertWithCustomErrorWithArgs: reverts, emit } = viem.assertions;
const PAUSE = 0b1000;

/** A hub, a contract of OpenZeppelin's, and the breaker that is its pauser. */
const deploy = async () => {
  const hub = await viem.deployContract('BreakerHub');
  const target = await viem.deployContract('PausableSample');
  const breaker = await viem.deployContract('PausableBreaker', [
    hub.address,
    guardian.account.address,
    target.address,
  ]);
  await target.write.grantRole([await target.read.PAUSER_ROLE(), breaker.address]);
  await hub.write.enrol([breaker.address]);
  return { hub, target, breaker };
};
const fresh = () => networkHelpers.loadFixture(deploy);
type Rig = Awaited<ReturnType<typeof fresh>>;
const trip = ({ hub, breaker }: Rig, rung = 3) =>
  hub.write.trip([breaker.address, rung, 3600, CLASS.A]);
const release = ({ hub, breaker }: Rig) => hub.write.release([breaker.address, 3]);

describe('the breaker of a pausable contract', () => {
  it('names its hub, its guardian and the contract', async () => {
    const { hub, target, breaker } = await fresh();
    assert.deepEqual(
      [await breaker.read.hub(), await breaker.read.guardian(), await breaker.read.TARGET()],
      [hub.address, guardian.account.address, target.address].map((each) => getAddress(each)),
    );
  });

  it('guards no address without code', async () => {
    const { hub, breaker } = await fresh();
    const { address } = stranger.account;
    const call = viem.deployContract('PausableBreaker', [hub.address, address, address]);
    await reverts(call as never, breaker, 'TargetWithoutCode', [getAddress(address)]);
  });

  it('passes a rehearsal of rung 3', async () => {
    const { hub, target, breaker } = await fresh();
    await hub.write.rehearse([breaker.address, PAUSE]);
    assert.equal(await target.read.paused(), false);
  });

  it('pauses, and unpauses once it is over', async () => {
    const rig = await fresh();
    await trip(rig);
    assert.deepEqual([await rig.target.read.paused(), await rig.breaker.read.rung()], [true, 3]);
    await viem.assertions.revertWithCustomError(
      rig.target.write.act(),
      rig.target,
      'EnforcedPause',
    );
    await time.increase(3600);
    await emit(release(rig), rig.breaker, 'Unpaused');
    assert.deepEqual([await rig.target.read.paused(), await rig.breaker.read.rung()], [false, 0]);
    await rig.target.write.act();
  });

  for (const rung of [1, 2])
    it(`has no rung ${rung}, and releases it all the same`, async () => {
      const rig = await fresh();
      const { hub, breaker } = rig;
      await reverts(trip(rig, rung), hub, 'TripFailed', [getAddress(breaker.address), rung]);
      assert.equal((await hub.simulate.release([breaker.address, rung])).result, false);
    });

  it('counts what somebody else has paused as stopped, and leaves it so', async () => {
    const rig = await fresh();
    await rig.target.write.pause();
    assert.equal(await rig.breaker.read.rung(), 0);
    await trip(rig);
    assert.deepEqual([await rig.breaker.read.rung(), await rig.breaker.read.ours()], [3, false]);
    await rig.hub.write.end([rig.breaker.address]);
    assert.deepEqual([await rig.target.read.paused(), await rig.breaker.read.rung()], [true, 0]);
  });

  it('has nothing to put back where somebody else has unpaused', async () => {
    const rig = await fresh();
    await trip(rig);
    await rig.target.write.unpause();
    assert.equal(await rig.breaker.read.rung(), 0);
    assert.equal((await rig.hub.simulate.end([rig.breaker.address])).result, false);
    await rig.hub.write.end([rig.breaker.address]);
    assert.equal(await rig.breaker.read.ours(), false);
  });

  it('that lost its role can be released once it has it again', async () => {
    const rig = await fresh();
    await trip(rig);
    const role = [await rig.target.read.PAUSER_ROLE(), rig.breaker.address] as const;
    await rig.target.write.revokeRole([...role]);
    await rig.hub.write.end([rig.breaker.address]);
    assert.equal(await rig.target.read.paused(), true);
    await rig.target.write.grantRole([...role]);
    await release(rig);
    assert.equal(await rig.target.read.paused(), false);
  });

  it('obeys its hub only', async () => {
    const { hub, breaker } = await fresh();
    const as = { account: stranger.account };
    const args = [getAddress(stranger.account.address), getAddress(hub.address)] as const;
    await reverts(breaker.write.trip([3, 1n], as), breaker, 'NotHub', [...args]);
    await reverts(breaker.write.release([3], as), breaker, 'NotHub', [...args]);
  });
});
