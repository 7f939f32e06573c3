import assert from 'node:assert/strict';
import { getAddress } from 'viem';
import { deployAave } from '../../devnet/aave.ts';
import { defaultReserves } from '../../devnet/reserves.ts';
import { LTV_SHARE_BPS, openAave, units } from './support/aave.ts';
import { CLASS } from './support/hub.ts';

const aave = await openAave();
const { viem, networkHelpers, admin, guardian, user, other, client, fresh } = aave;
const { act, supply, borrow, repay, withdraw, frozen, freeze, grant, guard, wait } = aave;
const { configurations } = aave;
const { revertWithCustomErrorWithArgs: reverts, revertWith, emitWithArgs } = viem.assertions;

describe('the breaker of an Aave v3 market', () => {
  for (const rung of [2, 3])
    it(`freezes at rung ${rung} the reserves that can be borrowed, and those only`, async () => {
      const rig = await fresh();
      await rig.hub.write.trip([rig.breaker.address, rung, 3600, CLASS.A]);
      assert.deepEqual(await frozen(rig), [true, true, false]);
      assert.equal(await rig.breaker.read.ours(), 0b011);
      assert.equal(await rig.breaker.read.rung(), rung);
    });

  it('stops borrowing and new supply of them, and nothing else', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.breaker.address, 3, 3600, CLASS.A]);
    await revertWith(borrow(rig, user, rig.usdc, 1n), '28');
    await revertWith(supply(rig, user, rig.usdc, 1n), '28');
    await repay(rig, user, rig.usdc, 100n);
    await supply(rig, user, rig.wbtc, 1n);
    await withdraw(rig, other, rig.usdc, 1000n);
  });

  it('leaves liquidation open', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.breaker.address, 3, 3600, CLASS.A]);
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

  it('never thaws what somebody else had frozen before', async () => {
    const rig = await fresh();
    await freeze(rig, rig.weth, true);
    await emitWithArgs(
      rig.hub.write.trip([rig.breaker.address, 3, 3600, CLASS.A]),
      rig.breaker,
      'Froze',
      [0b001n],
    );
    assert.equal(await rig.breaker.read.rung(), 3);
    await rig.hub.write.end([rig.breaker.address]);
    assert.deepEqual(await frozen(rig), [false, true, false]);
  });

  it('takes a market that is frozen already for tripped, and leaves it so', async () => {
    const rig = await fresh();
    for (const reserve of [rig.usdc, rig.weth]) await freeze(rig, reserve, true);
    await rig.hub.write.trip([rig.breaker.address, 3, 3600, CLASS.A]);
    assert.deepEqual([await rig.breaker.read.rung(), await rig.breaker.read.ours()], [3, 0]);
    assert.equal((await rig.hub.simulate.end([rig.breaker.address])).result, false);
    await rig.hub.write.end([rig.breaker.address]);
    assert.deepEqual(await frozen(rig), [true, true, false]);
  });

  it('remembers what is its own through a second trip', async () => {
    const rig = await fresh();
    await rig.hub.write.trip([rig.breaker.address, 2, 3600, CLASS.A]);
    await freeze(rig, rig.weth, false);
    await rig.hub.write.trip([rig.breaker.address, 3, 3600, CLASS.A]);
    assert.deepEqual([await rig.breaker.read.rung(), await rig.breaker.read.ours()], [3, 0b011]);
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
      LTV_SHARE_BPS,
      false,
    ]);
    await reverts(
      rig.hub.write.trip([breaker.address, 3, 3600, CLASS.A]),
      rig.hub,
      'TripHadNoEffect',
      [getAddress(breaker.address), 3, 0],
    );
  });

  for (const rung of [0, 4, 255])
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
      await reverts(
        rig.breaker.write.release([rung], { account: rig.hub.address }),
        rig.breaker,
        'RungUnsupported',
        [rung],
      );
    });

  it('obeys its hub only', async () => {
    const rig = await fresh();
    await reverts(
      rig.breaker.write.trip([3, 1n], { account: user.account }),
      rig.breaker,
      'NotHub',
      [getAddress(user.account.address), getAddress(rig.hub.address)],
    );
    assert.deepEqual(await frozen(rig), [false, false, false]);
  });

  it('cannot trip without RISK_ADMIN', async () => {
    const rig = await fresh();
    await grant(rig, 'removeRiskAdmin', rig.breaker.address);
    await reverts(
      rig.hub.write.trip([rig.breaker.address, 3, 60, CLASS.A]),
      rig.hub,
      'TripFailed',
      [getAddress(rig.breaker.address), 3],
    );
  });

  it('tightens, freezes and puts back eight reserves with two fifths of what a hub gives it to spare', async () => {
    const [settings] = defaultReserves;
    assert.ok(settings);
    const reserves = Array.from({ length: 8 }, (_, i) => ({ ...settings, symbol: `T${i}` }));
    const market = await deployAave({ walletClient: admin, publicClient: client, reserves });
    const { hub, breaker } = await guard(market);
    const before = await configurations({ market });
    const gas = { gas: 3_000_000n };
    const receipts = [
      await wait(hub.write.trip([breaker.address, 1, 3600, CLASS.A], gas)),
      await wait(hub.write.trip([breaker.address, 3, 3600, CLASS.A], gas)),
      await wait(hub.write.end([breaker.address], gas)),
    ];
    for (const { gasUsed } of receipts) assert.ok(gasUsed < 600_000n, `${gasUsed}`);
    assert.deepEqual(await configurations({ market }), before);
  });
});
