import assert from 'node:assert/strict';
import { encodeFunctionData, getAddress } from 'viem';
import { keyAt, provePossession } from './support/bls.ts';
import { settings, TOKEN } from './support/committee.ts';
import { openCourt, SOMEWHERE } from './support/court.ts';
import { reverts } from './support/revert.ts';
import { openReentrant, STAKE } from './support/watchers.ts';

const { networkHelpers, operatorOf, convict, enforce, fresh } = await openCourt();

/** Calls of the court's own, from it. */
const asCourt = async () => {
  const rig = await fresh();
  const account = rig.court.address;
  await networkHelpers.impersonateAccount(account);
  await networkHelpers.setBalance(account, 10n ** 18n);
  return { ...rig, from: { account } };
};

describe('a slashed stake', () => {
  it('is taken and paid by the court alone', async () => {
    const { watchers, stranger, keys } = await fresh();
    const { account } = stranger;
    const who = getAddress(account.address);
    const slash = watchers.write.slash([keys[0]!.hash, TOKEN, false, true], { account });
    await reverts(slash, watchers, 'NotCourt', who);
    await reverts(watchers.write.pay([who, 1n], { account }), watchers, 'NotCourt', who);
  });

  it('is withdrawn less what was taken, once every slash is enforced', async () => {
    const rig = await fresh();
    const { watchers, token } = rig;
    const { account } = operatorOf(2);
    await convict(rig, [2]);
    await enforce(rig);
    // Another's: the list is one.
    await convict(rig, [3]);
    await networkHelpers.time.increase(settings.exitDelay);
    await reverts(watchers.write.withdraw({ account }), watchers, 'SlashesPending');
    await enforce(rig);
    await watchers.write.withdraw({ account });
    assert.equal(await token.read.balanceOf([account.address]), (15n * TOKEN * 19n) / 20n);
    const { weight, payout, keyHash } = await watchers.read.watcher([account.address]);
    const kept = [0, getAddress(account.address), rig.keys[2]!.hash];
    assert.deepEqual([weight, payout, keyHash], kept);
  });

  it('leaves nothing to withdraw when it was all, and nobody to come back', async () => {
    const rig = await fresh();
    const { watchers, token } = rig;
    const { account } = operatorOf(2);
    await convict(rig, [2], SOMEWHERE);
    await enforce(rig);
    await networkHelpers.time.increase(settings.exitDelay);
    await watchers.write.withdraw({ account });
    assert.equal(await token.read.balanceOf([account.address]), 0n);
    const key = keyAt(20);
    const message = await watchers.read.possessionMessage([account.address, key.hash]);
    const possession = provePossession(message, key);
    const { address } = account;
    const back = watchers.write.register([TOKEN, key.words, possession, address, address], {
      account,
    });
    await reverts(back, watchers, 'OperatorSlashed', getAddress(address));
  });

  it('does not put off an exit that is under way', async () => {
    const rig = await fresh();
    const { watchers } = rig;
    const { account } = operatorOf(2);
    await watchers.write.requestExit({ account });
    const { exitAt } = await watchers.read.watcher([account.address]);
    await convict(rig, [2]);
    await enforce(rig);
    assert.equal((await watchers.read.watcher([account.address])).exitAt, exitAt);
  });

  it('pays no more than slashes took, so that no other stake is touched', async () => {
    const { watchers, from, stranger } = await asCourt();
    const to = stranger.account.address;
    const call = watchers.write.pay([to, 1n], from);
    await reverts(call, watchers, 'PayoutExceeds', 1n, 0n);
  });

  it('is nothing of a key that nobody holds, and the list goes on', async () => {
    const { watchers, from } = await asCourt();
    await watchers.write.slash([keyAt(30).hash, TOKEN, false, true], from);
    assert.deepEqual(await watchers.read.owed(), [100n * TOKEN, 0n]);
  });

  it('is paid once to a token that calls back', async () => {
    const { networkHelpers: helpers, token, watchers, args } = await openReentrant();
    await watchers.write.register(args);
    const account = await watchers.read.COURT();
    await helpers.impersonateAccount(account);
    await helpers.setBalance(account, 10n ** 18n);
    await watchers.write.slash([keyAt(0).hash, STAKE, false, true], { account });
    const pay = [account, STAKE / 2n] as const;
    await token.write.arm([
      encodeFunctionData({ abi: watchers.abi, functionName: 'pay', args: pay }),
    ]);
    const call = watchers.write.pay(pay, { account });
    await reverts(call, watchers, 'ReentrancyGuardReentrantCall');
  });
});
