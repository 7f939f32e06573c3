import assert from 'node:assert/strict';
import hre from 'hardhat';
import { concatHex, getAddress, getContractAddress, type Hex, keccak256, toHex } from 'viem';
import { type Key, keyAt, keysFrom, oppositeOf } from './support/bls.ts';
import { EPOCH, registerWatcher, seatWatchers, settings, TOKEN } from './support/committee.ts';
import { reverts } from './support/revert.ts';
import { certify, pageCode, rosterCode, type SeatAt, seatsOf } from './support/roster.ts';

const { rosterLife } = settings;
const DIGEST = keccak256(toHex('a verdict'));
const NEXT_NONCE_SHIFT = 128n;
const pageOf = (keys: readonly Key[]): Hex => concatHex(keys.map(({ raw }) => raw));

/** A committee over weights set at will. */
const open = async () => {
  const { viem, networkHelpers } = await hre.network.create();
  const watchers = await viem.deployContract('FakeWatchers', [rosterLife]);
  const committee = await viem.deployContract('Committee', [watchers.address, EPOCH]);
  const client = await viem.getPublicClient();
  const weigh = async (keys: readonly Key[], weight: number) =>
    watchers.write.setWeights([keys.map(({ hash }) => hash), weight]);
  const seat = async (keys: readonly Key[], weight = 10) => {
    await weigh(keys, weight);
    await committee.write.writePage([pageOf(keys)]);
  };
  const openNext = async () => {
    await networkHelpers.time.increase(EPOCH);
    await committee.write.openEpoch();
    const epoch = await committee.read.latestEpoch();
    return { epoch, height: await client.getBlockNumber(), ...(await rosterOf(epoch)) };
  };
  const rosterOf = (epoch: bigint) => committee.read.roster([epoch]);
  const codeOf = (nonce: number) =>
    client.getCode({ address: getContractAddress({ from: committee.address, nonce: BigInt(nonce) }) });
  return { viem, networkHelpers, client, watchers, committee, weigh, seat, openNext, rosterOf, codeOf };
};

describe('Committee at construction', () => {
  it('starts its first epoch at once', async () => {
    const { committee, networkHelpers, watchers } = await open();
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
    const { viem, committee, watchers } = await open();
    const nobody = getAddress('0x00000000000000000000000000000000DeaDBeef');
    const timeless = viem.deployContract('Committee', [watchers.address, 0n]);
    await reverts(timeless, committee, 'EpochLengthIsZero');
    const orphan = viem.deployContract('Committee', [nobody, EPOCH]);
    await reverts(orphan, committee, 'WatchersWithoutCode', nobody);
  });
});

describe('Committee.writePage', () => {
  it('writes keys into code and seats each', async () => {
    const { viem, committee, weigh, codeOf } = await open();
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
    const { committee, weigh, codeOf } = await open();
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
    const { committee, weigh } = await open();
    const [held, left, unknown] = keysFrom(3);
    assert.ok(held && left && unknown);
    await weigh([held], 5);
    for (const key of [unknown, left]) {
      const call = committee.write.writePage([pageOf([held, key])]);
      await reverts(call, committee, 'KeyUnknown', key.hash);
    }
  });

  it('refuses a key twice, in one page or in two', async () => {
    const { committee, weigh } = await open();
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
    const { committee, weigh, seat, openNext } = await open();
    const keys = keysFrom(2);
    await seat(keys);
    await weigh(keys.slice(0, 1), 0);
    await openNext();
    await weigh(keys.slice(0, 1), 10);
    const call = committee.write.writePage([pageOf(keys.slice(0, 1))]);
    await reverts(call, committee, 'KeyAlreadyPaged', keys[0]?.hash);
  });

  it('refuses to go on where its contract cannot be made', async () => {
    const { committee, networkHelpers, weigh } = await open();
    await weigh(keysFrom(1), 1);
    await networkHelpers.setCode(await committee.read.blob([1]), '0x00');
    const call = committee.write.writePage([pageOf(keysFrom(1))]);
    await reverts(call, committee, 'ContractNotCreated', 1n);
  });

  it('refuses pages past the 16 bits of a seat', async () => {
    const { committee, networkHelpers, seat, weigh } = await open();
    await moveNonce(networkHelpers, committee.address, 0xffff);
    await seat(keysFrom(1));
    assert.deepEqual(await committee.read.seatOf([keyAt(0).hash]), [0xffff, 1]);
    await weigh(keysFrom(1, 1), 1);
    const call = committee.write.writePage([pageOf(keysFrom(1, 1))]);
    await reverts(call, committee, 'TooManyContracts', 0x10000n);
  });
});

describe('Committee.openEpoch', () => {
  it('writes the roster from weights and pages, and the verifier takes it', async () => {
    const { viem, client, committee, weigh, seat, openNext, codeOf } = await open();
    const verifier = await viem.deployContract('QuorumVerifier');
    const keys = keysFrom(6);
    await seat(keys.slice(0, 4));
    await seat(keys.slice(4));
    for (const [index, key] of keys.entries()) await weigh([key], 10 + index);
    const { epoch, height, nonce, ...roster } = await openNext();
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
    const { viem, committee, seat, networkHelpers } = await open();
    await seat(keysFrom(4));
    await networkHelpers.time.increase(5n * EPOCH);
    const opening = committee.write.openEpoch();
    await viem.assertions.emitWithArgs(opening, committee, 'EpochOpened', [6n, 2, 4, 40n, 3]);
  });

  it('opens each epoch once, and may skip some', async () => {
    const { committee, seat, openNext, networkHelpers } = await open();
    await seat(keysFrom(4));
    await committee.write.openEpoch();
    await reverts(committee.write.openEpoch(), committee, 'EpochAlreadyOpen', 1n);
    assert.equal((await openNext()).epoch, 2n);
    await networkHelpers.time.increase(6n * EPOCH);
    assert.equal((await openNext()).epoch, 9n);
    assert.equal(await committee.read.previousEpoch(), 2n);
  });

  it('refuses to seat nobody', async () => {
    const { committee, weigh, seat, openNext } = await open();
    await reverts(committee.write.openEpoch(), committee, 'NobodySeated');
    await seat(keysFrom(4));
    await openNext();
    await weigh(keysFrom(4), 0);
    await reverts(openNext(), committee, 'NobodySeated');
    assert.equal(await committee.read.memberCount(), 4n);
  });

  it('keeps the contract of an identical roster, from the day it is opened anew', async () => {
    const { seat, weigh, openNext, client } = await open();
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
    const { committee, seat, openNext, networkHelpers, rosterOf } = await open();
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
    const { committee, weigh, seat, openNext, codeOf } = await open();
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
      const { weigh, seat, openNext } = await open();
      const keys = keysFrom(weights.length);
      await seat(keys);
      for (const [index, weight] of weights.entries()) await weigh([keyAt(index)], weight);
      assert.equal((await openNext()).maxRung, maxRung);
    });

  it('seats keys that cancel out without failing', async () => {
    const { viem, committee, seat, openNext, codeOf } = await open();
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
      const { viem, committee, networkHelpers, seat, openNext } = await open();
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

  it('seats 512 watchers, no more, and drops them all in one transaction of a block', async () => {
    const { client, committee, weigh, seat, openNext } = await open();
    const keys = keysFrom(512);
    for (let first = 0; first < 512; first += 100) await seat(keys.slice(first, first + 100));
    const opened = await openNext();
    assert.equal(opened.seats, 512);
    const extra = keysFrom(1, 512);
    await weigh(extra, 10);
    const call = committee.write.writePage([pageOf(extra)]);
    await reverts(call, committee, 'CommitteeFull', 513n);
    const gasOf = async (height: bigint) => (await client.getBlock({ blockNumber: height })).gasUsed;
    // EIP-7825 caps a transaction at 2^24.
    assert.ok((await gasOf(opened.height)) < 2n ** 24n, `opened with ${await gasOf(opened.height)}`);
    await weigh(keys.slice(0, 256), 0);
    await weigh(keys.slice(256, 511), 0);
    const emptied = await openNext();
    assert.equal(emptied.seats, 1);
    assert.ok((await gasOf(emptied.height)) < 2n ** 24n, `emptied with ${await gasOf(emptied.height)}`);
    await committee.write.writePage([pageOf(extra)]);
  }).timeout(120_000);
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
    await connection.networkHelpers.time.increase(EPOCH);
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

/** Puts the account's nonce, and the contract's own count of it, where years would bring them. */
const moveNonce = async (
  helpers: Awaited<ReturnType<typeof open>>['networkHelpers'],
  address: Hex,
  nonce: number,
) => {
  await helpers.setNonce(address, nonce);
  const slot = BigInt(await helpers.getStorageAt(address, 0));
  const cleared = slot & ~(0xffffffffn << NEXT_NONCE_SHIFT);
  await helpers.setStorageAt(address, 0, cleared | (BigInt(nonce) << NEXT_NONCE_SHIFT));
};
