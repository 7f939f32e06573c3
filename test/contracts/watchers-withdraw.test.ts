import assert from 'node:assert/strict';
import { encodeFunctionData, getAddress, zeroAddress } from 'viem';
import { keyAt } from './support/bls.ts';
import { settings } from './support/committee.ts';
import { reverts } from './support/revert.ts';
import { openReentrant, openWatchers, refusesStrangers, STAKE } from './support/watchers.ts';

describe('withdrawals', () => {
  it('take a leaver out of the next roster at once and hold the stake until the end of the queue', async () => {
    const { connection, viem, token, watchers, alice, bob, register } = await openWatchers();
    const { time } = connection.networkHelpers;
    await register({ payout: bob.address });
    const operator = getAddress(alice.address);
    const locked = watchers.write.withdraw({ account: alice });
    await reverts(locked, watchers, 'StakeLocked', 0n);

    const exitAt = BigInt(await time.latest()) + 100n + settings.exitDelay;
    await time.setNextBlockTimestamp(exitAt - settings.exitDelay);
    await watchers.write.requestExit({ account: alice });
    assert.equal(await watchers.read.activeWeight([keyAt(0).hash]), 0);

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
    await reverts(register(), watchers, 'KeyTaken', keyAt(0).hash);
    const possession = await prove(alice.address, keyAt(1));
    await register({ key: keyAt(1).words, possession });
    assert.equal(await watchers.read.activeWeight([keyAt(0).hash]), 0);
    assert.equal(await watchers.read.activeWeight([keyAt(1).hash]), 5);
  });

  it('pay once to a token that calls back', async () => {
    const { networkHelpers, token, watchers, args } = await openReentrant();
    await watchers.write.register(args);
    await watchers.write.requestExit();
    await networkHelpers.time.increase(settings.exitDelay);
    await token.write.arm([encodeFunctionData({ abi: watchers.abi, functionName: 'withdraw' })]);
    await reverts(watchers.write.withdraw(), watchers, 'ReentrancyGuardReentrantCall');
  });

  refusesStrangers('are for registered operators', (watchers, stranger) =>
    watchers.write.withdraw({ account: stranger }),
  );
});
