import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress, getContractAddress, type Hex } from 'viem';
import { keyAt, keysFrom } from './support/bls.ts';
import {
  EPOCH,
  passEpoch,
  registerWatcher,
  seatWatchers,
  settings,
  TOKEN,
} from './support/committee.ts';
import { reverts } from './support/revert.ts';
import { pageCode } from './support/roster.ts';
import { moveNonce, openCommittee, pageOf } from './support/weighed-committee.ts';

describe('Committee at construction', () => {
  it('starts its first epoch at once', async () => {
    const { committee, networkHelpers, watchers } = await openCommittee();
    const genesis = await committee.read.GENESIS();
    assert.equal(genesis, BigInt(await networkHelpers.time.latest()));
    assert.equal(await committee.read.EPOCH_LENGTH(), EPOCH);
    assert.equal(await committee.read.WATCHERS(), getAddress(watchers.address));
    for (const [timestamp, epoch] of [
      [genesis - 1n, 0n],
      [genesis, 1n],
      [genesis + EPOCH - 1n, 1n],
      [genesis + EPOCH, 2n],
      [genesis + 9n * EPOCH, 10n],
    ] as const)
      assert.equal(await committee.read.epochAt([timestamp]), epoch);
  });

  it('refuses an epoch without length and watchers without code', async () => {
    const { viem, committee, watchers } = await openCommittee();
    const nobody = getAddress('0x00000000000000000000000000000000DeaDBeef');
    const timeless = viem.deployContract('Committee', [watchers.address, 0n]);
    await reverts(timeless, committee, 'EpochLengthIsZero');
    const orphan = viem.deployContract('Committee', [nobody, EPOCH]);
    await reverts(orphan, committee, 'WatchersWithoutCode', nobody);
  });
});

describe('Committee.writePage', () => {
  it('writes keys into code and seats each', async () => {
    const { viem, committee, weigh, codeOf } = await openCommittee();
    const keys = keysFrom(3);
    await weigh(keys, 1);
    const written = committee.write.writePage([pageOf(keys)]);
    const hashes = keys.map(({ hash }) => hash);
    await viem.assertions.emitWithArgs(written, committee, 'PageWritten', [1, hashes]);
    assert.equal(await codeOf(1), pageCode(keys));
    assert.equal(await committee.read.memberCount(), 3n);
    for (const [index, hash] of hashes.entries())
      assert.deepEqual(await committee.read.seatOf([hash]), [1, 1 + 192 * index]);
    const from = committee.address;
    assert.equal(await committee.read.blob([1]), getContractAddress({ from, nonce: 1n }));
  });

  it('takes 127 keys, not 128, not none and no part of one', async () => {
    const { committee, weigh, codeOf } = await openCommittee();
    const keys = keysFrom(128);
    await weigh(keys, 1);
    await reverts(committee.write.writePage(['0x']), committee, 'PageEmpty');
    for (const page of [
      pageOf(keys),
      pageOf(keys.slice(0, 1)).slice(0, -2),
      `${pageOf(keys.slice(0, 1))}00`,
    ] as Hex[]) {
      const length = BigInt((page.length - 2) / 2);
      await reverts(committee.write.writePage([page]), committee, 'PageLength', length);
    }
    await committee.write.writePage([pageOf(keys.slice(0, 127))]);
    assert.equal(await codeOf(1), pageCode(keys.slice(0, 127)));
  });

  it('refuses a key that nobody who stays holds', async () => {
    const { committee, weigh } = await openCommittee();
    const [held, left, unknown] = keysFrom(3);
    assert.ok(held && left && unknown);
    await weigh([held], 5);
    for (const key of [unknown, left]) {
      const call = committee.write.writePage([pageOf([held, key])]);
      await reverts(call, committee, 'KeyUnknown', key.hash);
    }
  });

  it('refuses a key twice, in one page or in two', async () => {
    const { committee, weigh } = await openCommittee();
    const keys = keysFrom(2);
    const [first, second] = keys;
    assert.ok(first && second);
    await weigh(keys, 5);
    const twice = committee.write.writePage([pageOf([first, second, first])]);
    await reverts(twice, committee, 'KeyAlreadyPaged', first.hash);
    await committee.write.writePage([pageOf([first])]);
    const again = committee.write.writePage([pageOf([second, first])]);
    await reverts(again, committee, 'KeyAlreadyPaged', first.hash);
  });

  it('never gives a key back the seat it has lost', async () => {
    const { committee, weigh, seat, openNext } = await openCommittee();
    const keys = keysFrom(2);
    await seat(keys);
    await weigh(keys.slice(0, 1), 0);
    await openNext();
    await weigh(keys.slice(0, 1), 10);
    const call = committee.write.writePage([pageOf(keys.slice(0, 1))]);
    await reverts(call, committee, 'KeyAlreadyPaged', keys[0]?.hash);
  });

  it('refuses to go on where its contract cannot be made', async () => {
    const { committee, networkHelpers, weigh } = await openCommittee();
    await weigh(keysFrom(1), 1);
    await networkHelpers.setCode(await committee.read.blob([1]), '0x00');
    const call = committee.write.writePage([pageOf(keysFrom(1))]);
    await reverts(call, committee, 'ContractNotCreated', 1n);
  });

  it('refuses pages past the 16 bits of a seat', async () => {
    const { committee, networkHelpers, seat, weigh } = await openCommittee();
    await moveNonce(networkHelpers, committee.address, 0xffff);
    await seat(keysFrom(1));
    assert.deepEqual(await committee.read.seatOf([keyAt(0).hash]), [0xffff, 1]);
    await weigh(keysFrom(1, 1), 1);
    const call = committee.write.writePage([pageOf(keysFrom(1, 1))]);
    await reverts(call, committee, 'TooManyContracts', 0x10000n);
  });
});

describe('Committee with Watchers', () => {
  it('holds whoever is seated in a roster until it can no longer be used', async () => {
    const connection = await hre.network.create();
    const { watchers, committee, operators } = await seatWatchers(connection, [16, 15, 14, 13]);
    await committee.write.openEpoch();
    const [leaver] = operators;
    assert.ok(leaver);
    await watchers.write.requestExit({ account: leaver.wallet.account });
    const { exitAt } = await watchers.read.watcher([leaver.operator]);
    const { validUntil, seats } = await committee.read.roster([1n]);
    assert.equal(seats, 4);
    assert.ok(exitAt >= validUntil + settings.certificateAge + settings.disputeWindow);
    await passEpoch(connection);
    await committee.write.openEpoch();
    assert.equal((await committee.read.roster([2n])).seats, 3);
  });

  it('gives an operator who came back one seat, under the new key', async () => {
    const connection = await hre.network.create();
    const seated = await seatWatchers(connection, [16, 15, 14, 13]);
    const { watchers, committee, operators } = seated;
    const [first] = operators;
    assert.ok(first);
    await watchers.write.requestExit({ account: first.wallet.account });
    await connection.networkHelpers.time.increase(settings.exitDelay);
    await watchers.write.withdraw({ account: first.wallet.account });
    await registerWatcher(connection, seated, 1, keyAt(9), 20n * TOKEN);
    await committee.write.writePage([keyAt(9).raw]);
    const gone = committee.write.writePage([keyAt(0).raw]);
    await reverts(gone, committee, 'KeyUnknown', keyAt(0).hash);
    await committee.write.openEpoch();
    const epoch = await committee.read.latestEpoch();
    assert.equal((await committee.read.roster([epoch])).seats, 4);
  });
});
