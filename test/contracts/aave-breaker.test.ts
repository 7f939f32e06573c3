import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress } from 'viem';
import { deployAave } from '../../devnet/aave.ts';
import { defaultReserves } from '../../devnet/reserves.ts';
import { createAave, units } from './support/aave.ts';

const connection = await hre.network.create();
const { viem, networkHelpers } = connection;
const { revertWithCustomErrorWithArgs: reverts, revertWith, emitWithArgs } = viem.assertions;
const {
  admin,
  guardian,
  user,
  other,
  client,
  wait,
  deploy,
  act,
  supply,
  borrow,
  repay,
  withdraw,
  frozen,
  freeze,
  configure,
  grant,
} = await createAave(connection);
const fresh = () => networkHelpers.loadFixture(deploy);

describe('the breaker of an Aave v3 market', () => {
  it('names its hub, guardian, market and reserves', async () => {
    const { breaker, hub, market } = await fresh();
    assert.equal(await breaker.read.hub(), getAddress(hub.address));
    assert.equal(await breaker.read.guardian(), getAddress(guardian.account.address));
    assert.equal(await breaker.read.PROVIDER(), getAddress(market.provider));
    assert.deepEqual(
      await breaker.read.assets(),
      market.reserves.map(({ token }) => getAddress(token)),
    );
    assert.equal(await breaker.read.rung(), 0);
  });

  for (const rung of [2, 3])
    it(`freezes at rung ${rung} the reserves that can be borrowed, and those only`, async () => {
      const rig = await fresh();
      await rig.hub.write.trip([rig.breaker.address, rung, 3600]);
      assert.deepEqual(await frozen(rig), [true, true, false]);
      assert.equal(await rig.breaker.read.ours(), 0b011n);
      assert.equal(await rig.breaker.read.rung(), rung);
    });

  it('stops borrowing and new supply of them, and nothing else', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.breaker.address, 3, 3600]);
    await revertWith(borrow(rig, user, rig.usdc, 1n), '28');
    await revertWith(supply(rig, user, rig.usdc, 1n), '28');
    await repay(rig, user, rig.usdc, 100n);
    await supply(rig, user, rig.wbtc, 1n);
    await withdraw(rig, other, rig.usdc, 1000n);
  });

  it('leaves liquidation open', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.breaker.address, 3, 3600]);
    const feed = await viem.getContractAt('Feed', rig.weth.feed);
    await feed.write.report([2_200_00000000n]);
    const before = await frozen(rig);
    await act(rig, other, 'liquidationCall', [
      rig.weth.token,
      rig.usdc.token,
      user.account.address,
      units(rig.usdc, 5_000n),
      false,
    ]);
    assert.deepEqual(await frozen(rig), before);
  });

  it('puts back on release exactly what it changed', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.breaker.address, 3, 3600]);
    await networkHelpers.time.increase(3600);
    assert.equal(await rig.breaker.read.rung(), 3);
    await emitWithArgs(rig.hub.write.release([rig.breaker.address]), rig.breaker, 'Unfroze', [
      0b011n,
    ]);
    assert.deepEqual(await frozen(rig), [false, false, false]);
    assert.deepEqual([await rig.breaker.read.rung(), await rig.breaker.read.ours()], [0, 0n]);
    await borrow(rig, user, rig.usdc, 1n);
  });

  it('never thaws what somebody else had frozen before', async () => {
    const rig = await fresh();
    await freeze(rig, rig.weth, true);
    await emitWithArgs(rig.hub.write.trip([rig.breaker.address, 3, 3600]), rig.breaker, 'Froze', [
      0b001n,
    ]);
    assert.equal(await rig.breaker.read.rung(), 3);
    await rig.hub.write.end([rig.breaker.address]);
    assert.deepEqual(await frozen(rig), [false, true, false]);
  });

  it('takes a market that is frozen already for tripped, and leaves it so', async () => {
    const rig = await fresh();
    for (const reserve of [rig.usdc, rig.weth]) await freeze(rig, reserve, true);
    await rig.hub.write.trip([rig.breaker.address, 3, 3600]);
    assert.deepEqual([await rig.breaker.read.rung(), await rig.breaker.read.ours()], [3, 0n]);
    assert.equal((await rig.hub.simulate.end([rig.breaker.address])).result, false);
    await rig.hub.write.end([rig.breaker.address]);
    assert.deepEqual(await frozen(rig), [true, true, false]);
  });

  it('does not touch on release what the owner has thawed already', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.breaker.address, 3, 3600]);
    await freeze(rig, rig.usdc, false);
    assert.equal(await rig.breaker.read.rung(), 0);
    await networkHelpers.time.increase(3600);
    await emitWithArgs(rig.hub.write.release([rig.breaker.address]), rig.breaker, 'Unfroze', [
      0b010n,
    ]);
    assert.deepEqual(await frozen(rig), [false, false, false]);
  });

  it('remembers what is its own through a second trip', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.breaker.address, 2, 3600]);
    await freeze(rig, rig.weth, false);
    await rig.hub.write.trip([rig.breaker.address, 3, 3600]);
    assert.deepEqual([await rig.breaker.read.rung(), await rig.breaker.read.ours()], [3, 0b011n]);
    await rig.hub.write.end([rig.breaker.address]);
    assert.deepEqual(await frozen(rig), [false, false, false]);
  });

  it('thaws a reserve that can no longer be borrowed', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.breaker.address, 3, 3600]);
    await configure(rig, 'setReserveBorrowing', rig.usdc, false);
    await rig.hub.write.end([rig.breaker.address]);
    assert.deepEqual(await frozen(rig), [false, false, false]);
  });

  it('has no effect, and says so, where nothing can be borrowed', async () => {
    const rig = await fresh();
    const breaker = await viem.deployContract('AaveV3Breaker', [
      rig.hub.address,
      guardian.account.address,
      rig.market.provider,
      [rig.wbtc.token],
    ]);
    await reverts(rig.hub.write.trip([breaker.address, 3, 3600]), rig.hub, 'TripHadNoEffect', [
      getAddress(breaker.address),
      3,
      0,
    ]);
  });

  for (const rung of [0, 1, 4, 255])
    it(`does not support rung ${rung}`, async () => {
      const rig = await fresh();
      await networkHelpers.impersonateAccount(rig.hub.address);
      await networkHelpers.setBalance(rig.hub.address, 10n ** 18n);
      await reverts(
        rig.breaker.write.trip([rung, 1n], { account: rig.hub.address }),
        rig.breaker,
        'RungUnsupported',
        [rung],
      );
    });

  it('fails a trip of rung 1 at the hub', async () => {
    const rig = await fresh();
    await reverts(rig.hub.write.trip([rig.breaker.address, 1, 60]), rig.hub, 'TripFailed', [
      getAddress(rig.breaker.address),
      1,
    ]);
  });

  it('obeys its hub only', async () => {
    const rig = await fresh();
    const args = [user.account.address, rig.hub.address].map((address) =>
      getAddress(address),
    ) as never;
    await reverts(
      rig.breaker.write.trip([3, 1n], { account: user.account }),
      rig.breaker,
      'NotHub',
      args,
    );
    await reverts(
      rig.breaker.write.release({ account: user.account }),
      rig.breaker,
      'NotHub',
      args,
    );
  });

  it('cannot trip without RISK_ADMIN', async () => {
    const rig = await fresh();
    await grant(rig, 'removeRiskAdmin', rig.breaker.address);
    await reverts(rig.hub.write.trip([rig.breaker.address, 3, 60]), rig.hub, 'TripFailed', [
      getAddress(rig.breaker.address),
      3,
    ]);
  });

  it('that lost RISK_ADMIN during a trip can be released once it has it again', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.breaker.address, 3, 60]);
    const role = (name: 'addRiskAdmin' | 'removeRiskAdmin') =>
      grant(rig, name, rig.breaker.address);
    await role('removeRiskAdmin');
    await rig.hub.write.end([rig.breaker.address]);
    assert.deepEqual(await frozen(rig), [true, true, false]);
    await role('addRiskAdmin');
    await rig.hub.write.release([rig.breaker.address]);
    assert.deepEqual(await frozen(rig), [false, false, false]);
  });

  for (const count of [0, 17])
    it(`does not guard ${count} reserves`, async () => {
      const { hub, market, usdc } = await fresh();
      const assets = Array(count).fill(usdc.token);
      const probe = await viem.deployContract('AaveV3Breaker', [
        hub.address,
        guardian.account.address,
        market.provider,
        [usdc.token],
      ]);
      const call = viem.deployContract('AaveV3Breaker', [
        hub.address,
        guardian.account.address,
        market.provider,
        assets,
      ]);
      await reverts(call as never, probe, 'AssetCount', [BigInt(count), 16n]);
    });

  it('guards only reserves the market lists', async () => {
    const { hub, market, breaker } = await fresh();
    const stranger = getAddress(user.account.address);
    const call = viem.deployContract('AaveV3Breaker', [
      hub.address,
      guardian.account.address,
      market.provider,
      [stranger],
    ]);
    await reverts(call as never, breaker, 'AssetUnlisted', [stranger]);
  });

  it('freezes, reads and thaws sixteen reserves within the gas a hub gives it', async () => {
    const [settings] = defaultReserves;
    assert.ok(settings);
    const reserves = Array.from({ length: 16 }, (_, i) => ({ ...settings, symbol: `T${i}` }));
    const market = await deployAave({ walletClient: admin, publicClient: client, reserves });
    const hub = await viem.deployContract('BreakerHub');
    const breaker = await viem.deployContract('AaveV3Breaker', [
      hub.address,
      guardian.account.address,
      market.provider,
      market.reserves.map(({ token }) => token),
    ]);
    await hub.write.enrol([breaker.address]);
    await grant({ market }, 'addRiskAdmin', breaker.address);
    await wait(hub.write.trip([breaker.address, 3, 3600], { gas: 3_000_000n }));
    assert.ok((await frozen({ market })).every(Boolean));
    await wait(hub.write.end([breaker.address], { gas: 3_000_000n }));
    assert.ok(!(await frozen({ market })).some(Boolean));
  });
});
