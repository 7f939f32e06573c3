import assert from 'node:assert/strict';
import { getAddress, zeroAddress } from 'viem';
import { reverts } from './support/revert.ts';
import { openWatchers, refusesStrangers } from './support/watchers.ts';

describe('changes of a payout address', () => {
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

  refusesStrangers('are for registered operators, as is leaving', (watchers, stranger) =>
    watchers.write.changePayout([stranger.address], { account: stranger }),
  );
});
