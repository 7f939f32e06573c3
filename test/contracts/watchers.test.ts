import assert from 'node:assert/strict';
import hre from 'hardhat';
import { encodeFunctionData, getAddress, keccak256, zeroAddress } from 'viem';
import { keyAt, provePossession } from './support/bls.ts';
import { registerWatcher, settings, TOKEN } from './support/committee.ts';
import { reverts } from './support/revert.ts';
import { openWatchers, STAKE } from './support/watchers.ts';

describe('Watchers at construction', () => {
  for (const [what, changed] of [
    ['no smallest stake', { minStake: 0n }],
    ['a largest stake below the smallest', { maxStake: TOKEN - 1n }],
    ['no unit of weight', { weightUnit: 0n }],
    ['weights past 32 bits', { maxStake: 2n ** 32n * TOKEN }],
    ['rosters without life', { rosterLife: 0n }],
    ['certificates without age', { certificateAge: 0n }],
    ['no time for disputes', { disputeWindow: 0n }],
    ['an exit before the last dispute can end', { exitDelay: 10n * 86_400n + 3_599n }],
    ['durations that overflow', { rosterLife: 2n ** 64n - 1n }],
  ] as const)
    it(`refuse ${what}`, async () => {
      const { viem } = await hre.network.create();
      const token = await viem.deployContract('TestToken');
      const watchers = await viem.deployContract('Watchers', [token.address, settings]);
      const wrong = { ...settings, ...changed };
      const deployment = viem.deployContract('Watchers', [token.address, wrong]);
      await reverts(deployment, watchers, 'SettingsInvalid', wrong);
    });

  it('refuse a token without code', async () => {
    const { viem, watchers } = await openWatchers();
    const nobody = getAddress('0x00000000000000000000000000000000DeaDBeef');
    const deployment = viem.deployContract('Watchers', [nobody, settings]);
    await reverts(deployment, watchers, 'TokenWithoutCode', nobody);
  });

  it('take the shortest exit that outlives every dispute, and tell what they were given', async () => {
    const { viem } = await hre.network.create();
    const token = await viem.deployContract('TestToken');
    const shortest = { ...settings, exitDelay: 10n * 86_400n + 3_600n };
    const watchers = await viem.deployContract('Watchers', [token.address, shortest]);
    assert.deepEqual(await watchers.read.settings(), shortest);
    assert.equal(await watchers.read.token(), getAddress(token.address));
  });
});

describe('Watchers.changeSubmitter and changePayout', () => {
  it('move a submitter and free the old one', async () => {
    const { viem, watchers, alice, bob, register } = await openWatchers();
    await register();
    const [operator, submitter] = [getAddress(alice.address), getAddress(bob.address)];
    const change = watchers.write.changeSubmitter([submitter], { account: alice });
    await viem.assertions.emitWithArgs(change, watchers, 'SubmitterChanged', [operator, submitter]);
    assert.equal((await watchers.read.watcher([operator])).submitter, submitter);
    assert.equal(await watchers.read.operatorOfSubmitter([submitter]), operator);
    assert.equal(await watchers.read.operatorOfSubmitter([operator]), zeroAddress);
  });

  it('refuse a submitter that is taken or zero', async () => {
    const { watchers, alice, register } = await openWatchers();
    await register();
    const own = getAddress(alice.address);
    const taken = watchers.write.changeSubmitter([own], { account: alice });
    await reverts(taken, watchers, 'SubmitterTaken', own);
    const zero = watchers.write.changeSubmitter([zeroAddress], { account: alice });
    await reverts(zero, watchers, 'AddressIsZero');
  });

  it('move a payout address, but not to zero', async () => {
    const { viem, watchers, alice, bob, register } = await openWatchers();
    await register();
    const [operator, payout] = [getAddress(alice.address), getAddress(bob.address)];
    const change = watchers.write.changePayout([payout], { account: alice });
    await viem.assertions.emitWithArgs(change, watchers, 'PayoutChanged', [operator, payout]);
    assert.equal((await watchers.read.watcher([operator])).payout, payout);
    const zero = watchers.write.changePayout([zeroAddress], { account: alice });
    await reverts(zero, watchers, 'AddressIsZero');
  });

  it('are for registered operators, as is leaving', async () => {
    const { watchers, bob } = await openWatchers();
    const stranger = getAddress(bob.address);
    const calls = [
      watchers.write.changeSubmitter([stranger], { account: bob }),
      watchers.write.changePayout([stranger], { account: bob }),
      watchers.write.requestExit({ account: bob }),
      watchers.write.withdraw({ account: bob }),
    ];
    for (const call of calls) await reverts(call, watchers, 'NotRegistered', stranger);
  });
});

describe('Watchers.requestExit and withdraw', () => {
  it('take a leaver out of the next roster at once and hold the stake until the end of the queue', async () => {
    const { connection, viem, token, watchers, alice, bob, register } = await openWatchers();
    const { time } = connection.networkHelpers;
    await register({ payout: bob.address });
    const operator = getAddress(alice.address);
    const locked = watchers.write.withdraw({ account: alice });
    await reverts(locked, watchers, 'StakeLocked', 0n);

    const exitAt = BigInt(await time.latest()) + 100n + settings.exitDelay;
    await time.setNextBlockTimestamp(exitAt - settings.exitDelay);
    const exit = watchers.write.requestExit({ account: alice });
    await viem.assertions.emitWithArgs(exit, watchers, 'ExitRequested', [operator, exitAt]);
    assert.equal(await watchers.read.activeWeight([keyAt(0).hash]), 0);
    assert.equal(await watchers.read.operatorOfKey([keyAt(0).hash]), operator);
    const again = watchers.write.requestExit({ account: alice });
    await reverts(again, watchers, 'AlreadyLeaving', operator, exitAt);

    await time.setNextBlockTimestamp(exitAt - 1n);
    const early = watchers.write.withdraw({ account: alice });
    await reverts(early, watchers, 'StakeLocked', exitAt);

    const before = await token.read.balanceOf([bob.address]);
    await time.setNextBlockTimestamp(exitAt);
    const withdrawal = watchers.write.withdraw({ account: alice });
    const payout = getAddress(bob.address);
    await viem.assertions.emitWithArgs(withdrawal, watchers, 'Withdrawn', [
      operator,
      payout,
      STAKE,
    ]);
    assert.equal(await token.read.balanceOf([bob.address]), before + STAKE);
    assert.equal(await token.read.balanceOf([watchers.address]), 0n);
    const twice = watchers.write.withdraw({ account: alice });
    await reverts(twice, watchers, 'NotRegistered', operator);
  });

  it('let an operator come back under a new key, never under the old one', async () => {
    const { connection, watchers, alice, prove, register } = await openWatchers();
    await register();
    await watchers.write.requestExit({ account: alice });
    await connection.networkHelpers.time.increase(settings.exitDelay);
    await watchers.write.withdraw({ account: alice });
    assert.equal(await watchers.read.operatorOfKey([keyAt(0).hash]), zeroAddress);
    assert.equal(await watchers.read.activeWeight([keyAt(0).hash]), 0);
    assert.equal(await watchers.read.operatorOfSubmitter([alice.address]), zeroAddress);
    await reverts(register(), watchers, 'KeyTaken', keyAt(0).hash);
    const possession = await prove(alice.address, keyAt(1));
    await register({ key: keyAt(1).words, possession });
    assert.equal(await watchers.read.activeWeight([keyAt(0).hash]), 0);
    assert.equal(await watchers.read.activeWeight([keyAt(1).hash]), 5);
  });

  it('pay once to a token that calls back', async () => {
    const { viem, networkHelpers } = await hre.network.create();
    const token = await viem.deployContract('ReentrantToken');
    const watchers = await viem.deployContract('Watchers', [token.address, settings]);
    const [wallet] = await viem.getWalletClients();
    assert.ok(wallet);
    const operator = wallet.account.address;
    await token.write.mint([operator, STAKE]);
    await token.write.approve([watchers.address, STAKE]);
    const message = await watchers.read.possessionMessage([operator, keyAt(0).hash]);
    const possession = provePossession(message, keyAt(0));
    await watchers.write.register([STAKE, keyAt(0).words, possession, operator, operator]);
    await watchers.write.requestExit();
    await networkHelpers.time.increase(settings.exitDelay);
    await token.write.arm([encodeFunctionData({ abi: watchers.abi, functionName: 'withdraw' })]);
    await reverts(watchers.write.withdraw(), watchers, 'ReentrancyGuardReentrantCall');
  });

  it('leave the others alone', async () => {
    const { connection, token, watchers, alice, register } = await openWatchers();
    await register();
    await registerWatcher(connection, { token, watchers }, 3, keyAt(2), 7n * TOKEN);
    await watchers.write.requestExit({ account: alice });
    assert.equal(await watchers.read.activeWeight([keyAt(2).hash]), 7);
    assert.equal(await token.read.balanceOf([watchers.address]), STAKE + 7n * TOKEN);
    assert.equal(await watchers.read.activeWeight([keccak256('0x')]), 0);
  });
});
