import assert from 'node:assert/strict';
import { keccak256, toHex } from 'viem';
import { type Key, keyAt, keysFrom, oppositeOf } from './support/bls.ts';
import { EPOCH, settings } from './support/committee.ts';
import { reverts } from './support/revert.ts';
import { certify, rosterCode, type SeatAt, seatsOf } from './support/roster.ts';
import { moveNonce, openCommittee } from './support/weighed-committee.ts';

const { rosterLife } = settings;
const DIGEST = keccak256(toHex('a verdict'));

describe('Committee.openEpoch', () => {
  it('writes the roster from weights and pages, and the verifier takes it', async () => {
    const { viem, client, committee, weigh, seat, openNext, codeOf } = await openCommittee();
    const verifier = await viem.deployContract('QuorumVerifier');
    const keys = keysFrom(6);
    await seat(keys.slice(0, 4));
    await seat(keys.slice(4));
    for (const [index, key] of keys.entries()) await weigh([key], 10 + index);
    const { epoch, height, nonce, gas: _, ...roster } = await openNext();
    const { timestamp } = await client.getBlock({ blockNumber: height });
    const expected = { openedAt: height, supersededAt: 0n, seats: 6, maxRung: 3 };
    assert.deepEqual(roster, { ...expected, validUntil: timestamp + rosterLife });
    assert.equal(epoch, await committee.read.epochAt([timestamp]));
    assert.equal(nonce, 3);
    const seats = [
      ...seatsOf(keys.slice(0, 4), (index) => 10 + index),
      ...seatsOf(keys.slice(4), (index) => 14 + index, 127, 2),
    ];
    assert.equal(await codeOf(3), rosterCode(seats));
    for (const absent of [[], [0, 5], [2, 3, 4]]) {
      const missing = new Set(absent);
      const signed = keys.reduce((sum, _, i) => (missing.has(i) ? sum : sum + 10 + i), 0);
      const certificate = certify(DIGEST, keys, absent);
      const found = await verifier.read.verify([committee.address, nonce, DIGEST, certificate]);
      assert.deepEqual(found, [BigInt(signed), 75n]);
    }
  });

  it('announces the epoch', async () => {
    const { viem, committee, seat, networkHelpers } = await openCommittee();
    await seat(keysFrom(4));
    await networkHelpers.time.increase(5n * EPOCH);
    const opening = committee.write.openEpoch();
    await viem.assertions.emitWithArgs(opening, committee, 'EpochOpened', [6n, 2, 4, 40n, 3]);
  });

  it('opens each epoch once, and may skip some', async () => {
    const { committee, seat, openNext, networkHelpers } = await openCommittee();
    await seat(keysFrom(4));
    await committee.write.openEpoch();
    await reverts(committee.write.openEpoch(), committee, 'EpochAlreadyOpen', 1n);
    assert.equal((await openNext()).epoch, 2n);
    await networkHelpers.time.increase(6n * EPOCH);
    assert.equal((await openNext()).epoch, 9n);
    assert.equal(await committee.read.previousEpoch(), 2n);
  });

  it('opens an epoch more than 32 blocks after the last, however much time has passed', async () => {
    const { committee, seat, client, networkHelpers } = await openCommittee();
    await seat(keysFrom(4));
    await committee.write.openEpoch();
    const openedAt = await client.getBlockNumber();
    await networkHelpers.time.increase(2n * EPOCH);
    await networkHelpers.mineUpTo(openedAt + 31n);
    await reverts(committee.write.openEpoch(), committee, 'EpochTooSoon', openedAt);
    await networkHelpers.mineUpTo(openedAt + 32n);
    await committee.write.openEpoch();
    assert.equal(await client.getBlockNumber(), openedAt + 33n);
    assert.equal(await committee.read.latestEpoch(), 3n);
  });

  it('knows the roster of every height a certificate may be about, as soon as it has another', async () => {
    const { committee, openNext, seat } = await openCommittee();
    await seat(keysFrom(4));
    await openNext();
    const second = await openNext();
    const third = await openNext();
    for (let age = 1n; age <= 32n; age++)
      assert.equal(await committee.read.epochInForce([third.height - age]), second.epoch);
  });

  it('refuses to seat nobody', async () => {
    const { committee, weigh, seat, openNext } = await openCommittee();
    await reverts(committee.write.openEpoch(), committee, 'NobodySeated', 1n);
    await seat(keysFrom(4));
    await openNext();
    await weigh(keysFrom(4), 0);
    await reverts(openNext(), committee, 'NobodySeated', 3n);
    assert.equal(await committee.read.memberCount(), 4n);
  });

  it('refuses to go on where its contract cannot be made', async () => {
    const { committee, networkHelpers, seat, openNext } = await openCommittee();
    await seat(keysFrom(4));
    await networkHelpers.setCode(await committee.read.blob([2]), '0x00');
    await reverts(openNext(), committee, 'ContractNotCreated', 2n);
    assert.equal(await committee.read.latestEpoch(), 0n);
  });

  it('keeps the contract of an identical roster, from the day it is opened anew', async () => {
    const { seat, weigh, openNext, client } = await openCommittee();
    await seat(keysFrom(4));
    const first = await openNext();
    const second = await openNext();
    assert.equal(second.nonce, first.nonce);
    const { timestamp } = await client.getBlock({ blockNumber: second.height });
    assert.equal(second.validUntil, timestamp + rosterLife);
    await weigh(keysFrom(1), 11);
    const third = await openNext();
    assert.equal(third.nonce, first.nonce + 1);
    await weigh(keysFrom(1), 10);
    assert.equal((await openNext()).nonce, first.nonce + 2);
  });

  it('is in force from the block after its opening to the block of the next one', async () => {
    const { committee, seat, openNext, networkHelpers, rosterOf } = await openCommittee();
    await seat(keysFrom(4));
    const first = await openNext();
    assert.equal(await committee.read.epochInForce([first.height]), 0n);
    assert.equal(await committee.read.epochInForce([first.height + 1n]), first.epoch);
    await networkHelpers.mine(5);
    const second = await openNext();
    assert.equal((await rosterOf(first.epoch)).supersededAt, second.height);
    for (const [height, epoch] of [
      [first.height, 0n],
      [first.height + 1n, first.epoch],
      [second.height, first.epoch],
      [second.height + 1n, second.epoch],
      [second.height + 1_000n, second.epoch],
    ] as const)
      assert.equal(await committee.read.epochInForce([height]), epoch);
    const third = await openNext();
    assert.equal(await committee.read.epochInForce([second.height]), 0n);
    assert.equal(await committee.read.epochInForce([third.height]), second.epoch);
  });

  it('drops who left, wherever they sat, and keeps the others', async () => {
    const { committee, weigh, seat, openNext, codeOf } = await openCommittee();
    const keys = keysFrom(6);
    await seat(keys);
    await weigh([keys[0], keys[3], keys[5]] as Key[], 0);
    const { nonce, seats } = await openNext();
    assert.equal(seats, 3);
    assert.equal(await committee.read.memberCount(), 3n);
    const all = seatsOf(keys, () => 10);
    const left = [4, 1, 2].map((index) => all[index]) as SeatAt[];
    assert.equal(await codeOf(nonce), rosterCode(left));
  });

  for (const [weights, maxRung] of [
    [[10, 10, 10], 1],
    [[10, 10, 10, 10], 3],
    [[10, 7, 7, 6], 1],
    [[9, 7, 7, 7], 3],
    [[10, 8, 7, 5], 1],
    [[9, 8, 7, 5], 3],
    [[11, 7, 7, 5], 1],
    [[1, 1, 1, 1, 96], 1],
  ] as const)
    it(`arms rung ${maxRung} at most with weights ${weights.join(', ')}`, async () => {
      const { weigh, seat, openNext } = await openCommittee();
      const keys = keysFrom(weights.length);
      await seat(keys);
      for (const [index, weight] of weights.entries()) await weigh([keyAt(index)], weight);
      assert.equal((await openNext()).maxRung, maxRung);
    });

  it('seats keys that cancel out without failing', async () => {
    const { viem, committee, seat, openNext, codeOf } = await openCommittee();
    const verifier = await viem.deployContract('QuorumVerifier');
    const keys = [keyAt(0), oppositeOf(keyAt(0)), keyAt(1), oppositeOf(keyAt(1))];
    await seat(keys);
    const { nonce } = await openNext();
    assert.equal(await codeOf(nonce), rosterCode(seatsOf(keys, () => 10)));
    const certificate = certify(DIGEST, keys, [1, 3]);
    const found = await verifier.read.verify([committee.address, nonce, DIGEST, certificate]);
    assert.deepEqual(found, [20n, 40n]);
  });

  for (const nonce of [0x7f, 0x80, 0xff, 0x100, 0xfffe, 0xffff, 0x10000, 0x1000000])
    it(`finds a roster created at nonce ${nonce}`, async () => {
      const { viem, committee, networkHelpers, seat, openNext } = await openCommittee();
      const verifier = await viem.deployContract('QuorumVerifier');
      const keys = keysFrom(4);
      const early = nonce > 0xffff;
      if (early) await seat(keys);
      await moveNonce(networkHelpers, committee.address, early ? nonce : nonce - 1);
      if (!early) await seat(keys);
      const opened = await openNext();
      assert.equal(opened.nonce, nonce);
      const certificate = certify(DIGEST, keys, [2]);
      const found = await verifier.read.verify([committee.address, nonce, DIGEST, certificate]);
      assert.deepEqual(found, [30n, 40n]);
    });
});
