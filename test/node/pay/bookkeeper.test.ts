import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { bountiesAbi } from '../../../protocol/abi.ts';
import { seatsOfWords } from '../../../protocol/certificate.ts';
import type { Verdict } from '../../../protocol/types.ts';
import { type Anvil, funded, startAnvil } from '../anvil.ts';
import { BOUNTY, createPayWorld, DEPOSIT, type PayWorld, PREMIUM } from './support.ts';

/** For disputes about a bounty, and for their arbiters. */
const HOUR = 3_600;
/** Blocks after which a round of questions has come round again. */
const ROUND = 256;

/** Of a trip. */
const LIFE = 600;

describe('a bookkeeper', () => {
  let anvil: Anvil;
  let world: PayWorld;
  let snapshot: Hex;
  before(async () => {
    anvil = await startAnvil();
    world = await createPayWorld(anvil);
    await anvil.test.setAutomine(false);
    snapshot = await anvil.test.snapshot();
  });
  beforeEach(async () => {
    await anvil.test.revert({ id: snapshot });
    snapshot = await anvil.test.snapshot();
  });
  after(() => anvil.stop());

  const signersOfEntry = async (entry: bigint) =>
    seatsOfWords(
      await anvil.client.readContract({
        address: world.bounties,
        abi: bountiesAbi,
        functionName: 'seatsOf',
        args: [world.coverageId, entry],
      }),
      4,
    );
  const entries = async () => (await world.accountOf('bounties')).entries;
  const passWindow = () => anvil.test.increaseTime({ seconds: HOUR });
  /** Seats whose accounts send nothing but what a bookkeeper does. */
  const seats = [1, 2, 3];
  const sent = () => Promise.all(seats.map(world.sentBy));

  it('books an incident soon after its trip, by one of its signers, and has it paid', async () => {
    const bookkeepers = await Promise.all(seats.map((seat) => world.start(seat)));
    await world.trip([0, 1, 2]);
    const before = await sent();
    await world.mine(bookkeepers, 8);
    assert.equal(await entries(), 1);
    const after = await sent();
    const senders = seats.filter((_, index) => after[index]! > before[index]!);
    assert.equal(senders.length, 1);
    assert.notEqual(senders[0], 3);
    await passWindow();
    const purse = await world.purseOf(1);
    await world.mine(bookkeepers, ROUND + 8);
    assert.equal((await world.purseOf(1)) - purse, BOUNTY / 4n);
    const { owed } = await world.accountOf('bounties');
    assert.equal(owed, BOUNTY / 4n, 'seat 0 has no bookkeeper');
  });

  it('books after a restart what has tripped before it, behind what has followed', async () => {
    await world.trip([0, 1, 2]);
    await world.mine([], 1);
    await anvil.test.increaseTime({ seconds: LIFE });
    await world.mine([], 2);
    // Of another rung: of each, one in six hours is paid.
    await world.trip([0, 1, 2], world.opinion);
    await world.mine([], 1);
    await world.mine([await world.start(1)], 24);
    assert.equal(await entries(), 2);
  });

  it('books what a rule has tripped that was dropped at once', async () => {
    const bookkeeper = await world.start(1);
    await world.trip([0, 1, 2]);
    await world.mine([bookkeeper], 16, []);
    assert.equal(await entries(), 1);
  });

  it('has itself added where it signed too late to be in it, with all whom it heard', async () => {
    const trip = await world.trip([0, 1, 3]);
    const heard = (verdict: Verdict) => () => world.certificateOf(verdict, [1, 2]);
    await world.mine([await world.start(1), await world.start(2, { heard: heard(trip) })], 16);
    assert.deepEqual(await signersOfEntry(0n), [0, 1, 2, 3]);
    assert.equal((await world.accountOf('bounties')).owed, BOUNTY);
  });

  it('sends nothing for what nobody promised to one who did not sign', async () => {
    await world.trip([0, 1, 2]);
    const before = await sent();
    await world.mine([await world.start(3)], 16);
    assert.deepEqual(await sent(), before);
  });

  for (const [what, least] of [
    ['less than is worth a transaction', BOUNTY / 4n + 1n],
    ['left to others', null],
  ] as const)
    it(`neither books nor claims what is ${what}`, async () => {
      await world.trip([0, 1, 2]);
      const before = await sent();
      await world.mine([await world.start(1, { least }), await world.start(2, { least })], 24);
      assert.equal(await entries(), 0);
      assert.deepEqual(await sent(), before);
    });

  it('books what it has proven, and collects a tenth of the bounty', async () => {
    await world.prove(funded(1).address);
    const purse = await world.purseOf(1);
    await world.mine([await world.start(1), await world.start(2)], ROUND + 8);
    assert.equal((await world.purseOf(1)) - purse, BOUNTY / 10n);
    assert.equal((await world.accountOf('bounties')).deposit, DEPOSIT - BOUNTY / 10n);
  });

  it('has itself added to what was proven in the last block that takes a proof, though its signatures are forgotten', async () => {
    const verdict = await world.prove(funded(1).address, 31);
    const last = verdict.height + 32n;
    let isOver = false;
    const heard = () => (isOver ? null : world.certificateOf(verdict, [2, 3]));
    const [prover, signer] = [await world.start(1), await world.start(2, { heard })];
    await world.mine([prover, signer], 1);
    assert.equal(await anvil.client.getBlockNumber({ cacheTime: 0 }), last);
    isOver = true;
    await world.mine([prover, signer], 24);
    assert.deepEqual(await signersOfEntry(0n), [2, 3]);
  });

  it('claims premiums once nobody can be added to their roll call any more', async () => {
    await world.call([0, 1, 3]);
    await world.mine([], 33);
    const purses = await Promise.all([1, 2].map(world.purseOf));
    await world.mine([await world.start(1), await world.start(2)], 8);
    const after = await Promise.all([1, 2].map(world.purseOf));
    assert.deepEqual(
      after.map((purse, index) => purse - purses[index]!),
      [PREMIUM / 4n, 0n],
    );
  });

  it('claims premiums where nobody tells of former incidents', async () => {
    await world.call([0, 1, 2]);
    await world.mine([], 33);
    const purse = await world.purseOf(1);
    const silent = () => Promise.reject(new RangeError('no logs'));
    await world.mine([await world.start(1, { landings: { since: silent, find: silent } })], 8);
    assert.equal((await world.purseOf(1)) - purse, PREMIUM / 4n);
  });

  it('has the bond of its own dispute back where the arbiter was silent', async () => {
    await world.trip([0, 1, 2], world.opinion);
    await world.mine([await world.start(0)], 16);
    const bond = (BOUNTY * 3n) / 4n;
    const purse = await world.purseOf(1);
    await world.dispute(1, 0n, bond);
    assert.equal(await world.purseOf(1), purse);
    await anvil.test.increaseTime({ seconds: 2 * HOUR });
    await world.mine([await world.start(1)], 16);
    assert.equal((await world.purseOf(1)) - purse, bond + BOUNTY / 4n);
  });
});
