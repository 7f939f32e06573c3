import assert from 'node:assert/strict';
import { getAddress, keccak256 } from 'viem';
import { keyAt } from './support/bls.ts';
import { registerWatcher, settings, TOKEN } from './support/committee.ts';
import { reverts } from './support/revert.ts';
import { openWatchers, refusesStrangers, STAKE } from './support/watchers.ts';

describe('Watchers.requestExit', () => {
  it('takes the weight away at once, and says when the stake is free', async () => {
    const { connection, viem, watchers, alice, register } = await openWatchers();
    const { time } = connection.networkHelpers;
    await register();
    const operator = getAddress(alice.address);
    const exitAt = BigInt(await time.latest()) + 100n + settings.exitDelay;
    await time.setNextBlockTimestamp(exitAt - settings.exitDelay);
    const exit = watchers.write.requestExit({ account: alice });
    await viem.assertions.emitWithArgs(exit, watchers, 'ExitRequested', [operator, exitAt]);
    assert.equal((await watchers.read.watcher([operator])).exitAt, exitAt);
    assert.equal(await watchers.read.activeWeight([keyAt(0).hash]), 0);
    assert.equal(await watchers.read.operatorOfKey([keyAt(0).hash]), operator);
  });

  it('is asked once: asking again puts nothing off', async () => {
    const { watchers, alice, register } = await openWatchers();
    await register();
    await watchers.write.requestExit({ account: alice });
    const { exitAt } = await watchers.read.watcher([alice.address]);
    const again = watchers.write.requestExit({ account: alice });
    await reverts(again, watchers, 'AlreadyLeaving', getAddress(alice.address), exitAt);
  });

  refusesStrangers('is for registered operators', (watchers, stranger) =>
    watchers.write.requestExit({ account: stranger }),
  );
});

describe('watchers who leave', () => {
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
