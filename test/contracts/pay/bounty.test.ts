import assert from 'node:assert/strict';
import { getAddress } from 'viem';
import { keyAt } from '../support/bls.ts';
import { OWED, openBounties, SHARE } from '../support/bounties.ts';
import { wordsOf } from '../support/court.ts';
import {
  bookIncident,
  BOUNTY,
  DEPOSIT,
  deployPay,
  endTrips,
  fund,
  incidentOf,
  LATE,
  passWindow,
  PAUSE,
  type PayRig,
  purseOf,
  requireWhole,
} from '../support/pay.ts';
import { asOwner, certifyVerdict, trip, UNKNOWN, verdictOf } from '../support/registry.ts';

const { connection, viem, networkHelpers, operatorOf, slash, fresh, addressOf, claim, openBooked } =
  await openBounties();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

describe('an incident', () => {
  it('owes each of its signers its weight of the bounty, once the time for disputes is over', async () => {
    const rig = await fresh();
    const { bounties, registry, id } = rig;
    const landed = await incidentOf(rig, await trip(rig, id, { absent: [1, 6] }));
    await bookIncident(rig, landed, rig.rule);
    const { incidents } = await registry.read.coverage([id]);
    assert.equal(await bounties.read.entryOf([incidents]), 1n);
    assert.deepEqual(await bounties.read.seatsOf([id, 0n]), wordsOf([0, 2, 3, 4, 5]));
    const owed = (BOUNTY * 72n) / 100n;
    const { deposit, owed: found } = await bounties.read.accountOf([id]);
    assert.deepEqual([deposit, found], [DEPOSIT - owed, owed]);
    await reverts(claim(rig, 0), bounties, 'NothingToClaim', [id, addressOf(0)]);
    await passWindow(rig);
    await claim(rig, 0);
    await claim(rig, 1);
    assert.equal(await purseOf(rig, operatorOf(0)), SHARE);
    assert.equal(await purseOf(rig, operatorOf(1)), 0n);
    await requireWhole(rig, 'bounties');
  });

  it('is booked once, and only as it was', async () => {
    const { landed, ...rig } = await openBooked();
    const { bounties, registry, id } = rig;
    const { incidents } = await registry.read.coverage([id]);
    await reverts(bookIncident(rig, landed, rig.replayed), bounties, 'IncidentSpent', [
      id,
      incidents,
    ]);
    const { verdict, incident } = landed;
    for (const changes of [
      { signers: wordsOf([1]) },
      { signed: 85n },
      { total: 1n },
      { rung: 1 },
      { trippedAt: 1n },
      { end: 1n },
    ]) {
      const forged = { verdict, incident: { ...incident, ...changes } };
      await viem.assertions.revertWithCustomError(
        bookIncident(rig, forged, rig.replayed),
        bounties,
        'IncidentsUnknown',
      );
    }
    const other = { verdict: { ...verdict, claimsRoot: UNKNOWN }, incident };
    const digest = await registry.read.digest([other.verdict]);
    await reverts(bookIncident(rig, other, rig.replayed), bounties, 'DigestMismatch', [
      digest,
      incident.digest,
    ]);
  });

  it('is booked with the rule it was tripped by, whose class decides who may dispute it', async () => {
    const rig = await fresh();
    const landed = await incidentOf(rig, await trip(rig, rig.id, { rule: rig.replayed }));
    await viem.assertions.revertWithCustomError(
      bookIncident(rig, landed, rig.rule),
      rig.bounties,
      'RuleMismatch',
    );
    await bookIncident(rig, landed, rig.replayed);
    assert.equal((await rig.bounties.read.bountyOf([rig.id, 0n])).class, 2);
  });

  it('is booked behind others that have followed it, to what the registry or the book of incidents knows', async () => {
    const rig = await fresh();
    const { registry, incidentBook, bounties, id } = rig;
    const first = await incidentOf(rig, await trip(rig, id, { rule: rig.replayed }));
    const { incidents: previous } = await registry.read.coverage([id]);
    await endTrips(rig);
    const second = await incidentOf(rig, await trip(rig, id, { rule: rig.replayed }));
    await incidentBook.write.book([id]);
    await endTrips(rig);
    const third = await incidentOf(rig, await trip(rig, id, { rule: rig.replayed }));
    await reverts(bookIncident(rig, first, rig.replayed), bounties, 'IncidentsUnknown', [
      id,
      previous,
    ]);
    await bookIncident(rig, first, rig.replayed, { trail: [second.incident, third.incident] });
    await bookIncident(rig, second, rig.replayed, { previous });
    assert.equal((await bounties.read.accountOf([id])).entries, 2);
    const trail = Array.from({ length: 65 }, () => third.incident);
    await reverts(bookIncident(rig, first, rig.replayed, { trail }), bounties, 'TrailTooLong', [
      65n,
      64n,
    ]);
  });

  it('takes in signers that its certificate has left out, while a certificate would count', async () => {
    const { landed, ...rig } = await openBooked();
    const { bounties, id } = rig;
    const { verdict, incident } = landed;
    const late = await certifyVerdict(rig, verdict, [0, 2, 3, 4, 5, 6]);
    const add = () => bounties.write.addSigners([verdict, id, incident, late]);
    await emitWithArgs(add(), bounties, 'SignersAdded', [id, 0n, wordsOf([1]), SHARE]);
    assert.equal((await bounties.read.accountOf([id])).owed, BOUNTY);
    await reverts(add(), bounties, 'NobodyAdded', [id, 0n]);
    await networkHelpers.mine(LATE);
    const head = await rig.client.getBlockNumber();
    await reverts(add(), bounties, 'HeightOutOfReach', [
      verdict.height,
      head + 1n - LATE,
      head + 1n,
    ]);
    await passWindow(rig);
    await claim(rig, 1);
    assert.equal(await purseOf(rig, operatorOf(1)), SHARE);
    await requireWhole(rig, 'bounties');
  });

  it('takes nobody in for whom another has left nothing', async () => {
    const rig = await deployPay(connection);
    const { bounties, id } = rig;
    await fund(rig, BOUNTY, 'bounties');
    const first = await incidentOf(rig, await trip(rig, id, { rule: rig.replayed, absent: [1] }));
    const { incidents: previous } = await rig.registry.read.coverage([id]);
    await bookIncident(rig, first, rig.replayed);
    await bookIncident(rig, await incidentOf(rig, await trip(rig, id)), rig.rule, { previous });
    const late = await certifyVerdict(rig, first.verdict, [0, 2, 3, 4, 5, 6]);
    const add = bounties.write.addSigners([first.verdict, id, first.incident, late]);
    await reverts(add, bounties, 'DepositShort', [SHARE, 0n]);
  });

  it('that is not booked takes nobody in', async () => {
    const rig = await fresh();
    const { verdict, incident } = await incidentOf(rig, await trip(rig, rig.id, { absent: [0] }));
    const { incidents } = await rig.registry.read.coverage([rig.id]);
    const late = await certifyVerdict(rig, verdict, [1, 2, 3, 4, 5, 6]);
    await reverts(
      rig.bounties.write.addSigners([verdict, rig.id, incident, late]),
      rig.bounties,
      'IncidentUnbooked',
      [rig.id, incidents],
    );
  });

  it('that was proven pays its prover a tenth of the bounty, and those who have signed it the rest', async () => {
    const rig = await fresh();
    const { registry, bounties, prover, token, id, stranger } = rig;
    const tenth = BOUNTY / 10n;
    await networkHelpers.impersonateAccount(prover.address);
    await networkHelpers.setBalance(prover.address, 10n ** 18n);
    const verdict = await verdictOf(rig, id);
    const { timestamp } = await rig.client.getBlock();
    const to = getAddress(stranger.account.address);
    const args = [verdict, timestamp, to, 0n, 0n] as const;
    const hash = await registry.write.tripProven(args, { account: prover.address });
    const { incident } = await incidentOf(rig, hash);
    await bookIncident(rig, { verdict, incident }, rig.rule);
    assert.equal(await bounties.read.creditOf([to]), tenth);
    await requireWhole(rig, 'bounties', tenth);
    await emitWithArgs(bounties.write.collect([to]), bounties, 'Collected', [to, tenth]);
    assert.equal(await token.read.balanceOf([to]), tenth);
    await reverts(bounties.write.collect([to]), bounties, 'NoCredit', [to]);
    const { deposit, owed } = await bounties.read.accountOf([id]);
    assert.deepEqual([deposit, owed], [DEPOSIT - tenth, 0n]);
    const signed = await certifyVerdict(rig, verdict, [1, 2, 3, 4, 5, 6]);
    const share = (SHARE * 9n) / 10n;
    await emitWithArgs(
      bounties.write.addSigners([verdict, id, incident, signed]),
      bounties,
      'SignersAdded',
      [id, 0n, wordsOf([0]), share],
    );
    await passWindow(rig);
    await claim(rig, 0);
    assert.equal(await purseOf(rig, operatorOf(0)), share);
    await requireWhole(rig, 'bounties');
  });

  it('that was proven at the last moment takes in whoever has signed it, for 32 blocks from its booking', async () => {
    const rig = await fresh();
    const { registry, bounties, prover, id, stranger } = rig;
    await networkHelpers.impersonateAccount(prover.address);
    await networkHelpers.setBalance(prover.address, 10n ** 18n);
    const verdict = await verdictOf(rig, id);
    const { timestamp } = await rig.client.getBlock();
    await networkHelpers.mineUpTo(verdict.height + LATE - 1n);
    const args = [verdict, timestamp, stranger.account.address, 0n, 0n] as const;
    const hash = await registry.write.tripProven(args, { account: prover.address });
    const { incident } = await incidentOf(rig, hash);
    await bookIncident(rig, { verdict, incident }, rig.rule);
    const since = (await rig.client.getBlockNumber()) - 1n;
    const addBy = async (absent: readonly number[]) =>
      bounties.write.addSigners([
        verdict,
        id,
        incident,
        await certifyVerdict(rig, verdict, absent),
      ]);
    await addBy([3, 4, 5, 6]);
    await networkHelpers.mineUpTo(since + LATE - 1n);
    await addBy([0, 1, 2, 6]);
    assert.deepEqual(await bounties.read.seatsOf([id, 0n]), wordsOf([0, 1, 2, 3, 4, 5]));
    const head = since + LATE + 1n;
    await reverts(addBy([]), bounties, 'HeightOutOfReach', [since, head - LATE, head]);
  });

  it('is paid once in six hours of each rung, however often an alarm that stays true is prolonged', async () => {
    const rig = await fresh();
    const { bounties, registry, id } = rig;
    const trips = async (rule: PayRig['rule']) => {
      const { incidents: previous } = await registry.read.coverage([id]);
      const landed = await incidentOf(rig, await trip(rig, id, { rule }));
      return { landed, previous, rule };
    };
    const bookOne = ({ landed, previous, rule }: Awaited<ReturnType<typeof trips>>) =>
      bookIncident(rig, landed, rule, { previous });
    const first = await trips(rig.replayed);
    await bookOne(first);
    await networkHelpers.time.increase(PAUSE - 60n);
    const prolonged = await trips(rig.replayed);
    const { trippedAt } = first.landed.incident;
    await reverts(bookOne(prolonged), bounties, 'PaidLately', [id, 2, trippedAt]);
    await bookOne(await trips(rig.rule));
    assert.equal(await bounties.read.paidNear([id, 2, trippedAt + PAUSE - 1n]), trippedAt);
    assert.equal(await bounties.read.paidNear([id, 2, trippedAt + PAUSE]), 0n);
    assert.equal(await bounties.read.paidNear([id, 2, trippedAt - PAUSE + 1n]), trippedAt);
    assert.equal(await bounties.read.paidNear([id, 2, trippedAt - PAUSE]), 0n);
    assert.equal(await bounties.read.paidNear([id, 2, 1n]), 0n);
    await networkHelpers.time.increase(PAUSE);
    await bookOne(await trips(rig.replayed));
    assert.equal((await bounties.read.accountOf([id])).entries, 3);
  });

  it('is paid though a later one was booked before it, but none within six hours of one that is paid', async () => {
    const rig = await fresh();
    const { bounties, registry, incidentBook, id } = rig;
    const tripAt = async (at: bigint) => {
      const { incidents: previous } = await registry.read.coverage([id]);
      await registry.write.end([id], asOwner(rig));
      await networkHelpers.mine();
      await networkHelpers.time.setNextBlockTimestamp(at);
      const landed = await incidentOf(rig, await trip(rig, id, { rule: rig.replayed }));
      await incidentBook.write.book([id]);
      return { previous, landed };
    };
    const start = BigInt(await networkHelpers.time.latest()) + 100n;
    const pauses = [0n, PAUSE - 60n, PAUSE, 2n * PAUSE - 60n, 2n * PAUSE];
    const told: Awaited<ReturnType<typeof tripAt>>[] = [];
    for (const after of pauses) told.push(await tripAt(start + after));
    const bookOne = async (index: number) => {
      const { landed, previous } = told[index]!;
      return bookIncident(rig, landed, rig.replayed, { previous });
    };
    const refused = (index: number, near: number) =>
      reverts(bookOne(index), bounties, 'PaidLately', [id, 2, start + pauses[near]!]);
    await bookOne(4);
    await refused(3, 4);
    await bookOne(0);
    await refused(1, 0);
    await bookOne(2);
    await refused(1, 0);
    await refused(3, 2);
    assert.equal((await bounties.read.accountOf([id])).entries, 3);
  });

  it('whose signer is slashed before it claims pays it nothing', async () => {
    const { landed: _, ...rig } = await openBooked();
    await slash(rig, 0, keyAt(0));
    await passWindow(rig);
    await emitWithArgs(claim(rig, 0), rig.bounties, 'Forfeited', [rig.id, addressOf(0), SHARE]);
    assert.equal(await purseOf(rig, operatorOf(0)), 0n);
    const { deposit, owed } = await rig.bounties.read.accountOf([rig.id]);
    assert.deepEqual([deposit, owed], [DEPOSIT - OWED + SHARE, OWED - SHARE]);
  });
});
