import assert from 'node:assert/strict';
import { getAddress, zeroHash } from 'viem';
import { keyAt, provePossession } from './support/bls.ts';
import { passEpoch } from './support/committee.ts';
import { openCourt, slashOf, SOMEWHERE, wordsOf } from './support/court.ts';
import { reverts } from './support/revert.ts';
import { openWatchers, refusesStrangers } from './support/watchers.ts';

/** Watchers with alice in them, and what gives her another key. */
const open = async () => {
  const opened = await openWatchers();
  const { watchers, alice, prove, register } = opened;
  await register();
  const rotate = async (index: number) =>
    watchers.write.rotateKey([keyAt(index).words, await prove(alice.address, keyAt(index))], {
      account: alice,
    });
  return { ...opened, rotate };
};

describe('Watchers.rotateKey', () => {
  it('moves the weight to the new key, and leaves the old one with its operator', async () => {
    const { viem, watchers, alice, rotate } = await open();
    const operator = getAddress(alice.address);
    const [old, key] = [keyAt(0), keyAt(1)];
    await viem.assertions.emitWithArgs(rotate(1), watchers, 'KeyRotated', [
      operator,
      key.hash,
      old.hash,
      key.raw,
    ]);
    for (const [{ hash }, weight] of [
      [old, 0],
      [key, 5],
    ] as const) {
      assert.equal(await watchers.read.activeWeight([hash]), weight);
      assert.equal(await watchers.read.operatorOfKey([hash]), operator);
    }
    assert.equal((await watchers.read.watcher([operator])).keyHash, key.hash);
    assert.equal(await watchers.read.formerKey([key.hash]), old.hash);
    assert.equal(await watchers.read.formerKey([old.hash]), zeroHash);
  });

  it('takes no key that was ever held, its own least of all', async () => {
    const { watchers, bob, prove, register, rotate } = await open();
    await reverts(rotate(0), watchers, 'KeyTaken', keyAt(0).hash);
    await rotate(1);
    await reverts(rotate(0), watchers, 'KeyTaken', keyAt(0).hash);
    const possession = await prove(bob.address);
    const squatted = register({ account: bob.address, submitter: bob.address, possession });
    await reverts(squatted, watchers, 'KeyTaken', keyAt(0).hash);
  });

  it('needs a proof of possession by the operator', async () => {
    const { watchers, alice, bob, prove } = await open();
    const possession = await prove(bob.address, keyAt(1));
    const call = watchers.write.rotateKey([keyAt(1).words, possession], { account: alice });
    await reverts(call, watchers, 'PossessionUnproven', keyAt(1).hash);
  });

  it('is over once the watcher leaves', async () => {
    const { watchers, alice, rotate } = await open();
    await watchers.write.requestExit({ account: alice });
    const { exitAt } = await watchers.read.watcher([alice.address]);
    await reverts(rotate(1), watchers, 'AlreadyLeaving', getAddress(alice.address), exitAt);
  });

  refusesStrangers('is for registered operators', async (watchers, { address }) => {
    const message = await watchers.read.possessionMessage([address, keyAt(1).hash]);
    return watchers.write.rotateKey([keyAt(1).words, provePossession(message, keyAt(1))], {
      account: address,
    });
  });
});

const { connection, convict, enforce, rotate, operatorOf, fresh } = await openCourt();

describe('a watcher with another key', () => {
  it('has one seat an epoch: of the old key in the open roster, of the new one in the next', async () => {
    const rig = await fresh();
    const { committee } = rig;
    await rotate(rig, 2, keyAt(20));
    const [, weights] = await committee.read.members();
    assert.deepEqual(weights, [16, 16, 0, 14, 14, 13, 12, 15]);
    await passEpoch(connection);
    await committee.write.openEpoch();
    assert.equal((await committee.read.roster([await committee.read.latestEpoch()])).seats, 7);
    const [hashes] = await committee.read.members();
    assert.ok(hashes.includes(keyAt(20).hash) && !hashes.includes(rig.keys[2]!.hash));
  });

  it('answers for what the old one signed', async () => {
    const rig = await fresh();
    const { watchers, court } = rig;
    await rotate(rig, 2, keyAt(20));
    await convict(rig, [2], SOMEWHERE);
    await enforce(rig);
    const { slashed, exitAt } = await watchers.read.watcher([operatorOf(2).account.address]);
    assert.deepEqual([slashed, exitAt > 0n], [15n * 10n ** 18n, true]);
    assert.equal(await watchers.read.activeWeight([keyAt(20).hash]), 0);
    assert.equal(await watchers.read.slashedOf([keyAt(20).hash]), slashed);
    assert.deepEqual((await slashOf({ court }, 0n)).seats, wordsOf([2]));
  });
});
