import assert from 'node:assert/strict';
import { getAddress, zeroAddress } from 'viem';
import { keyAt } from './support/bls.ts';
import { reverts } from './support/revert.ts';
import { openWatchers, refusesStrangers } from './support/watchers.ts';

describe('changes of a submitter', () => {
  it('move a submitter, also to one that another watcher has', async () => {
    const { viem, watchers, alice, bob, prove, register } = await openWatchers();
    await register();
    const possession = await prove(bob.address, keyAt(1));
    await register({
      account: bob.address,
      submitter: bob.address,
      key: keyAt(1).words,
      possession,
    });
    const [operator, submitter] = [getAddress(alice.address), getAddress(bob.address)];
    const change = watchers.write.changeSubmitter([submitter], { account: alice });
    await viem.assertions.emitWithArgs(change, watchers, 'SubmitterChanged', [operator, submitter]);
    assert.equal((await watchers.read.watcher([operator])).submitter, submitter);
  });

  it('refuse zero', async () => {
    const { watchers, alice, register } = await openWatchers();
    await register();
    const zero = watchers.write.changeSubmitter([zeroAddress], { account: alice });
    await reverts(zero, watchers, 'AddressIsZero');
  });

  refusesStrangers('are for registered operators, as is leaving', (watchers, stranger) =>
    watchers.write.changeSubmitter([stranger.address], { account: stranger }),
  );
});
