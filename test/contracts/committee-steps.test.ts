import assert from 'node:assert/strict';
import { keccak256, toHex } from 'viem';
import { type Key, keyAt, keysFrom } from './support/bls.ts';
import { EPOCH, passEpoch, settings } from './support/committee.ts';
import { reverts } from './support/revert.ts';
import { certify, rosterCode, seatsOf } from './support/roster.ts';
import { openCommittee, pageOf } from './support/weighed-committee.ts';

const DIGEST = keccak256(toHex('a verdict'));
const STEP = 128;
/** What one transaction may use of EIP-7825's 2^24: "far below" is a quarter. */
const FAR_BELOW = 2 ** 22;

const openLarge = async (count: number, perPage = 127) => {
  const opened = await openCommittee();
  const keys = keysFrom(count);
  for (let first = 0; first < count; first += perPage)
    await opened.seat(keys.slice(first, first + perPage));
  return { ...opened, keys };
};

describe('Committee.openEpoch in steps', () => {
  for (const [count, steps] of [
    [128, 1],
    [129, 2],
    [256, 2],
    [300, 3],
    [512, 4],
  ] as const)
    it(`opens ${count} seats in ${steps}, each far below what a transaction may use`, async () => {
      const { viem, committee, openNext, codeOf, keys } = await openLarge(count);
      const verifier = await viem.deployContract('QuorumVerifier');
      const { gas, nonce, seats, maxRung } = await openNext();
      assert.deepEqual([gas.length, seats, maxRung], [steps, count, 3]);
      assert.ok(Math.max(...gas) < FAR_BELOW, gas.join());
      assert.equal(await codeOf(nonce), rosterCode(seatsOf(keys, () => 10)));
      const call = [committee.address, nonce, DIGEST, certify(DIGEST, keys, [0, 127])] as const;
      const found = await verifier.read.verify(call);
      assert.deepEqual(found, [BigInt(10 * (count - 2)), BigInt(10 * count)]);
    }).timeout(120_000);

  it('stays far below when each of 512 keys has a page of its own, and when all but one leave', async () => {
    const { weigh, openNext, codeOf, keys } = await openLarge(512, 1);
    const { gas, nonce, seats } = await openNext();
    assert.equal(seats, 512);
    assert.ok(Math.max(...gas) < FAR_BELOW, gas.join());
    assert.equal(await codeOf(nonce), rosterCode(seatsOf(keys, () => 10, 1)));
    await weigh(keys.slice(0, 256), 0);
    await weigh(keys.slice(256, 511), 0);
    const emptied = await openNext();
    assert.equal(emptied.seats, 1);
    assert.ok(Math.max(...emptied.gas) < FAR_BELOW, emptied.gas.join());
  }).timeout(180_000);

  it('says how far it is', async () => {
    const { viem, client, committee } = await openLarge(200);
    const step = committee.write.openEpoch();
    await viem.assertions.emitWithArgs(step, committee, 'EpochStepped', [1n, STEP, 200]);
    assert.deepEqual(await committee.read.opening(), [1n, await client.getBlockNumber(), STEP]);
    assert.equal(await committee.read.latestEpoch(), 0n);
    const last = committee.write.openEpoch();
    await viem.assertions.emitWithArgs(last, committee, 'EpochOpened', [1n, 4, 200, 2_000n, 3]);
    assert.deepEqual(await committee.read.opening(), [0n, 0n, 0]);
  });

  it('is valid from the first step on, and in force from the last', async () => {
    const { client, committee, networkHelpers, finish } = await openLarge(200);
    await committee.write.openEpoch();
    const { timestamp } = await client.getBlock();
    await networkHelpers.time.increase(60n);
    const { epoch, height, openedAt, validUntil } = await finish();
    assert.deepEqual([validUntil, openedAt], [timestamp + settings.rosterLife, height]);
    assert.equal(await committee.read.epochInForce([height]), 0n);
    assert.equal(await committee.read.epochInForce([height + 1n]), epoch);
  });

  it('leaves the roster in force alone until the last step', async () => {
    const { committee, networkHelpers, openNext, finish } = await openLarge(200);
    const first = await openNext();
    await passEpoch({ networkHelpers });
    await committee.write.openEpoch();
    await networkHelpers.mine(2);
    const head = BigInt(await networkHelpers.time.latestBlock());
    assert.equal(await committee.read.epochInForce([head]), first.epoch);
    assert.equal((await finish()).epoch, first.epoch + 1n);
  });

  it('seats by the weights at each step, and drops who left before its own', async () => {
    const { committee, weigh, finish, codeOf, keys } = await openLarge(200);
    await committee.write.openEpoch();
    await weigh(keys.slice(0, 3), 0);
    await weigh([keyAt(150)], 0);
    await weigh([keyAt(160)], 77);
    const { nonce, seats } = await finish();
    assert.equal(seats, 199);
    const all = seatsOf(keys, (seat) => (seat === 160 ? 77 : 10));
    const last = all.pop();
    assert.ok(last);
    all[150] = last;
    assert.equal(await codeOf(nonce), rosterCode(all));
  });

  it('lets nobody join between two steps', async () => {
    const { committee, weigh, finish } = await openLarge(200);
    const [late] = keysFrom(1, 200);
    assert.ok(late);
    await weigh([late], 10);
    await committee.write.openEpoch();
    const write = () => committee.write.writePage([pageOf([late]), []]);
    await reverts(write(), committee, 'OpeningUnderWay', 1n);
    await finish();
    await write();
    assert.equal(await committee.read.memberCount(), 201n);
  });

  it('voids an opening after 32 blocks, and starts anew', async () => {
    const { client, committee, weigh, networkHelpers, finish, codeOf, keys } = await openLarge(200);
    await committee.write.openEpoch();
    await weigh([keyAt(0)], 99);
    await networkHelpers.mine(30);
    await committee.write.openEpoch();
    const stale = await codeOf((await committee.read.roster([1n])).nonce);
    assert.equal(stale, rosterCode(seatsOf(keys, () => 10)));
    await passEpoch({ networkHelpers });
    await committee.write.openEpoch();
    await weigh([keyAt(1)], 98);
    await networkHelpers.mine(32);
    assert.deepEqual(await committee.read.opening(), [0n, 0n, 0]);
    const { gas, nonce, validUntil } = await finish();
    assert.equal(gas.length, 2);
    const weightOf = (seat: number) => [99, 98][seat] ?? 10;
    assert.equal(await codeOf(nonce), rosterCode(seatsOf(keys, weightOf)));
    const { timestamp } = await client.getBlock({
      blockNumber: (await client.getBlockNumber()) - 1n,
    });
    assert.equal(validUntil, timestamp + settings.rosterLife);
  });

  it('voids an opening when its epoch is over', async () => {
    const { committee, networkHelpers, finish } = await openLarge(200);
    await committee.write.openEpoch();
    await networkHelpers.time.increase(EPOCH);
    const { epoch, gas } = await finish();
    assert.deepEqual([epoch, gas.length], [2n, 2]);
  });

  it('writes nothing again for seats that are the same, and one chunk for one that changes', async () => {
    const { weigh, openNext } = await openLarge(300);
    // Three pages, two chunks, a roster.
    const first = await openNext();
    assert.equal(first.nonce, 6);
    const second = await openNext();
    assert.equal(second.nonce, 6);
    await weigh([keyAt(200)], 11);
    // A chunk and a roster.
    assert.equal((await openNext()).nonce, 8);
    await weigh([keyAt(299)], 11);
    assert.equal((await openNext()).nonce, 9);
  });

  it('arms what the finished whole allows', async () => {
    const { weigh, openNext } = await openLarge(200);
    await weigh([keyAt(0)], 995);
    assert.equal((await openNext()).maxRung, 1);
    await weigh([keyAt(0)], 994);
    assert.equal((await openNext()).maxRung, 3);
  });

  it('drops all 512 when all have left, a step at a time, and lets others in', async () => {
    const { committee, weigh, seat, openNext, finish, keys } = await openLarge(512);
    await weigh(keys.slice(0, 256), 0);
    await weigh(keys.slice(256), 0);
    for (const left of [384n, 256n, 128n]) {
      await committee.write.openEpoch();
      assert.equal(await committee.read.memberCount(), left);
    }
    await reverts(committee.write.openEpoch(), committee, 'NobodySeated', 1n);
    const others: Key[] = keysFrom(4, 512);
    await seat(others);
    assert.equal((await finish()).seats, 4);
    await weigh(others, 0);
    await reverts(openNext(), committee, 'NobodySeated', 2n);
  }).timeout(120_000);
});
