import assert from 'node:assert/strict';
import { getContractAddress, type Hex } from 'viem';
import { keyAt, keysFrom } from './support/bls.ts';
import { reverts } from './support/revert.ts';
import { pageCode } from './support/roster.ts';
import { moveNonce, openCommittee, pageOf } from './support/weighed-committee.ts';

describe('Committee.writePage', () => {
  it('writes keys into code and seats each', async () => {
    const { viem, committee, weigh, codeOf } = await openCommittee();
    const keys = keysFrom(3);
    await weigh(keys, 1);
    const written = committee.write.writePage([pageOf(keys), []]);
    const hashes = keys.map(({ hash }) => hash);
    await viem.assertions.emitWithArgs(written, committee, 'PageWritten', [1, hashes]);
    assert.equal(await codeOf(1), pageCode(keys));
    assert.equal(await committee.read.memberCount(), 3n);
    for (const [index, hash] of hashes.entries())
      assert.deepEqual(await committee.read.seatOf([hash]), [1, index, true]);
    const from = committee.address;
    assert.equal(await committee.read.blob([1]), getContractAddress({ from, nonce: 1n }));
  });

  it('takes 127 keys, not 128, not none and no part of one', async () => {
    const { committee, weigh, codeOf } = await openCommittee();
    const keys = keysFrom(128);
    await weigh(keys, 1);
    await reverts(committee.write.writePage(['0x', []]), committee, 'PageEmpty');
    for (const page of [
      pageOf(keys),
      pageOf(keys.slice(0, 1)).slice(0, -2),
      `${pageOf(keys.slice(0, 1))}00`,
    ] as Hex[]) {
      const length = BigInt((page.length - 2) / 2);
      await reverts(committee.write.writePage([page, []]), committee, 'PageLength', length);
    }
    await committee.write.writePage([pageOf(keys.slice(0, 127)), []]);
    assert.equal(await codeOf(1), pageCode(keys.slice(0, 127)));
  });

  it('refuses a key that nobody who stays holds', async () => {
    const { committee, weigh } = await openCommittee();
    const [held, left, unknown] = keysFrom(3);
    assert.ok(held && left && unknown);
    await weigh([held], 5);
    for (const key of [unknown, left]) {
      const call = committee.write.writePage([pageOf([held, key]), []]);
      await reverts(call, committee, 'KeyUnknown', key.hash);
    }
  });

  it('refuses a key twice, in one page or in two', async () => {
    const { committee, weigh } = await openCommittee();
    const keys = keysFrom(2);
    const [first, second] = keys;
    assert.ok(first && second);
    await weigh(keys, 5);
    const twice = committee.write.writePage([pageOf([first, second, first]), []]);
    await reverts(twice, committee, 'KeyAlreadyPaged', first.hash);
    await committee.write.writePage([pageOf([first]), []]);
    const again = committee.write.writePage([pageOf([second, first]), []]);
    await reverts(again, committee, 'KeyAlreadyPaged', first.hash);
  });

  it('refuses a key that has lost its seat: its page is there', async () => {
    const { committee, weigh, seat, openNext } = await openCommittee();
    const keys = keysFrom(2);
    await seat(keys);
    await weigh(keys.slice(0, 1), 0);
    await openNext();
    await weigh(keys.slice(0, 1), 10);
    const call = committee.write.writePage([pageOf(keys.slice(0, 1)), []]);
    await reverts(call, committee, 'KeyAlreadyPaged', keys[0]?.hash);
  });

  it('refuses to go on where its contract cannot be made', async () => {
    const { committee, networkHelpers, weigh } = await openCommittee();
    await weigh(keysFrom(1), 1);
    await networkHelpers.setCode(await committee.read.blob([1]), '0x00');
    const call = committee.write.writePage([pageOf(keysFrom(1)), []]);
    await reverts(call, committee, 'ContractNotCreated', 1n);
  });

  it('refuses pages past the 24 bits of a seat', async () => {
    const { committee, networkHelpers, seat, weigh } = await openCommittee();
    await moveNonce(networkHelpers, committee.address, 0xffffff);
    await seat(keysFrom(1));
    assert.deepEqual(await committee.read.seatOf([keyAt(0).hash]), [0xffffff, 0, true]);
    await weigh(keysFrom(1, 1), 1);
    const call = committee.write.writePage([pageOf(keysFrom(1, 1)), []]);
    await reverts(call, committee, 'TooManyContracts', 0x1000000n);
  });
});
