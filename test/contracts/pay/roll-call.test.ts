import assert from 'node:assert/strict';
import { getAddress, zeroAddress } from 'viem';
import { rollCallRoot, STATES } from '../../../protocol/roll-call.ts';
import { ruleId } from '../../../protocol/verdict.ts';
import { keyAt } from '../support/bls.ts';
import { TOKEN } from '../support/committee.ts';
import { wordsOf } from '../support/court.ts';
import {
  book,
  bookingOf,
  callOf,
  DEPOSIT,
  FEE,
  leavesOf,
  NOTICE,
  openPay,
  type PayRig,
  PREMIUM,
  purseOf,
  requireWhole,
  settle,
  WEEK,
} from '../support/pay.ts';
import { asOwner } from '../support/registry.ts';

const { viem, networkHelpers, slash, reopen, fresh } = await openPay();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const ALL: [bigint, bigint] = [0x7fn, 0n];

/** What a trip so many seconds from now is compensated by. */
const premiumIn = async ({ payroll, id }: PayRig, seconds: bigint) =>
  payroll.read.premiumOf([id, BigInt(await networkHelpers.time.latest()) + seconds]);

describe('a roll call', () => {
  it('owes each signer its weight of the premium, and leaves the part of the absent', async () => {
    const rig = await fresh();
    const { payroll, id, submitter } = rig;
    const leaves = [
      { ruleId: ruleId(rig.rule), state: STATES.firing },
      { ruleId: ruleId(rig.replayed), state: STATES.faulted },
    ];
    const verdict = await callOf(rig, { claimsRoot: rollCallRoot(leaves) });
    const [, , , certificate] = await bookingOf(rig, verdict, { leaves, absent: [1, 6] });
    const booked = book(rig, { verdict, leaves, absent: [1, 6] });
    await emitWithArgs(booked, payroll, 'RollCallBooked', [
      id,
      0n,
      verdict,
      leaves,
      certificate,
      wordsOf([0, 2, 3, 4, 5]),
      72n,
      100n,
      PREMIUM / 100n,
      getAddress(submitter.account.address),
      (FEE * 72n) / 100n,
    ]);
    const owed = (PREMIUM * 72n) / 100n;
    const paid = (FEE * 72n) / 100n;
    const { deposit, owed: found, entries, runs, pending } = await payroll.read.accountOf([id]);
    assert.deepEqual(
      [deposit, found, entries, runs, pending],
      [DEPOSIT - owed - paid, owed, 1, 1, 1],
    );
    assert.equal(await purseOf(rig, submitter), paid);
    assert.equal(await premiumIn(rig, WEEK), owed);
    await requireWhole(rig);
  });

  it('tells any contract how much stake has signed the latest, and how old it is', async () => {
    const rig = await fresh();
    const { payroll, id } = rig;
    assert.deepEqual(await payroll.read.attestedStake([id]), [0n, 0n, 0n]);
    await book(rig, { absent: [0] });
    await networkHelpers.mine(10);
    const verdict = await callOf(rig);
    await book(rig, { verdict, absent: [1, 2] });
    await networkHelpers.mine(7);
    const head = await rig.client.getBlockNumber();
    assert.deepEqual(await payroll.read.attestedStake([id]), [69n, 100n, head - verdict.height]);
  });

  it('takes in who was left out, by one more certificate, which earns the rest of the fee', async () => {
    const rig = await fresh();
    const { payroll, id, submitter } = rig;
    const verdict = await callOf(rig);
    await book(rig, { verdict, absent: [0, 1, 2, 3, 4] });
    assert.deepEqual((await payroll.read.attestedStake([id])).slice(0, 2), [25n, 100n]);
    // Whoever is in it already is paid once.
    await book(rig, { verdict, absent: [0] });
    assert.deepEqual(await payroll.read.seatsOf([id, 0n]), [0x7en, 0n]);
    await book(rig, { verdict, absent: [1, 2, 3, 4, 5, 6] });
    const { deposit, owed, entries } = await payroll.read.accountOf([id]);
    assert.deepEqual([deposit, owed, entries], [DEPOSIT - PREMIUM - FEE, PREMIUM, 1]);
    assert.deepEqual((await payroll.read.attestedStake([id])).slice(0, 2), [100n, 100n]);
    assert.deepEqual(await payroll.read.seatsOf([id, 0n]), ALL);
    assert.equal(await purseOf(rig, submitter), FEE);
    await reverts(book(rig, { verdict }), payroll, 'NobodyAdded', [id, 0n]);
    await requireWhole(rig);
  });

  it('is taken in whatever others say of the same height: who lies keeps nobody out', async () => {
    const rig = await fresh();
    const honest = await callOf(rig);
    const leaves = leavesOf(rig, STATES.firing);
    await book(rig, { verdict: honest, leaves, absent: [1, 2, 3, 4, 5, 6] });
    await book(rig, { verdict: honest, absent: [0] });
    assert.deepEqual((await rig.payroll.read.attestedStake([rig.id])).slice(0, 2), [100n, 100n]);
  });

  it('counts no struck seat, in the total or not at all', async () => {
    const rig = await fresh();
    const { payroll, id } = rig;
    await slash(rig, 2, keyAt(2));
    await book(rig, { absent: [1] });
    assert.deepEqual((await payroll.read.attestedStake([id])).slice(0, 2), [69n, 100n]);
    assert.deepEqual(await payroll.read.seatsOf([id, 0n]), wordsOf([0, 3, 4, 5, 6]));
    const alone = await callOf(rig);
    const absent = [0, 1, 3, 4, 5, 6];
    await reverts(book(rig, { verdict: alone, absent }), payroll, 'NobodyAdded', [id, 1n]);
  });

  it('is refused once one of a later height is booked', async () => {
    const rig = await fresh();
    const first = await callOf(rig);
    await networkHelpers.mine();
    const second = await callOf(rig);
    await book(rig, { verdict: second });
    await reverts(book(rig, { verdict: first }), rig.payroll, 'RollCallStale', [
      first.height,
      second.height,
    ]);
  });

  it('is owed what there is when the deposit is short, and the fee what watchers leave', async () => {
    const rig = await fresh();
    const { payroll, id, submitter } = rig;
    await payroll.write.askWithdrawal([id, DEPOSIT - 250n * TOKEN], asOwner(rig));
    await networkHelpers.mine(NOTICE);
    await payroll.write.withdraw([id], asOwner(rig));
    const verdict = await callOf(rig);
    await book(rig, { verdict, absent: [0] });
    // 2.5 a unit of weight: what seat 0 would be paid is kept for it.
    assert.equal(await purseOf(rig, submitter), 0n);
    await book(rig, { verdict, absent: [1, 2, 3, 4, 5, 6] });
    const { deposit, owed } = await payroll.read.accountOf([id]);
    assert.deepEqual([deposit, owed], [0n, 250n * TOKEN]);
    const empty = await callOf(rig);
    await book(rig, { verdict: empty });
    assert.equal((await payroll.read.accountOf([id])).owed, 250n * TOKEN);
    assert.deepEqual((await payroll.read.attestedStake([id])).slice(0, 2), [100n, 100n]);
    await requireWhole(rig);
  });

  it('keeps what late signers would be owed from an owner who withdraws, for as long as they are added', async () => {
    const rig = await fresh();
    const { payroll, id, guardian } = rig;
    const withdraw = () => payroll.write.withdraw([id], asOwner(rig));
    const ask = () => payroll.write.askWithdrawal([id, DEPOSIT], asOwner(rig));
    await ask();
    await networkHelpers.mine(NOTICE);
    const verdict = await callOf(rig);
    await book(rig, { verdict, absent: [1, 2, 3, 4, 5, 6] });
    await withdraw();
    const kept = (PREMIUM * 84n) / 100n;
    assert.equal((await payroll.read.accountOf([id])).deposit, kept);
    await book(rig, { verdict, absent: [0, 6] });
    const { deposit, owed } = await payroll.read.accountOf([id]);
    assert.deepEqual([deposit, owed], [(PREMIUM * 12n) / 100n, (PREMIUM * 88n) / 100n]);
    await ask();
    await networkHelpers.mine(NOTICE);
    await withdraw();
    assert.equal((await payroll.read.accountOf([id])).deposit, 0n);
    const fee = (FEE * 16n) / 100n;
    assert.equal(await purseOf(rig, guardian), DEPOSIT - (PREMIUM * 88n) / 100n - fee);
    await requireWhole(rig);
  });

  it('keeps nothing back once nobody is added to it any more', async () => {
    const rig = await fresh();
    const { payroll, id } = rig;
    await payroll.write.askWithdrawal([id, DEPOSIT], asOwner(rig));
    await networkHelpers.mine(NOTICE - 10n);
    await book(rig, { absent: [1, 2, 3, 4, 5, 6] });
    await settle(rig);
    await payroll.write.withdraw([id], asOwner(rig));
    assert.equal((await payroll.read.accountOf([id])).deposit, 0n);
  });

  it('counts as a premium whole, once more than half of the weight has signed it', async () => {
    const rig = await fresh();
    const verdict = await callOf(rig);
    for (const [absent, weight] of [
      // Alone, an owner pays its own seat what it claims back.
      [[1, 2, 3, 4, 5, 6], 0n],
      [[0, 3, 4, 5, 6], 0n],
      [[0, 1, 2, 3, 4, 5], 59n],
      [[0, 1, 2], 100n],
    ] as const) {
      await book(rig, { verdict, absent });
      assert.equal(await premiumIn(rig, WEEK), (PREMIUM * weight) / 100n);
    }
  });

  it('is paid by the terms of its own height', async () => {
    const rig = await fresh();
    const { payroll, terms, id } = rig;
    await networkHelpers.mine(NOTICE);
    await terms.write.name([id, 0n, 0n, 0n, zeroAddress], asOwner(rig));
    const { from } = await terms.read.termsAt([id, 2n ** 63n]);
    await networkHelpers.mineUpTo(from - 20n);
    const verdict = await callOf(rig);
    assert.ok(verdict.height < from);
    await networkHelpers.mineUpTo(from + 1n);
    await book(rig, { verdict });
    assert.equal((await payroll.read.accountOf([id])).owed, PREMIUM);
    await book(rig);
    assert.equal((await payroll.read.accountOf([id])).owed, PREMIUM);
  });

  it('counts as a premium for what trips in a later week, and is forgotten after 13', async () => {
    let rig = await fresh();
    await networkHelpers.time.increaseTo(1_000_000n * WEEK);
    rig = await reopen(rig);
    await book(rig);
    await networkHelpers.time.increase(12n * WEEK);
    rig = await reopen(rig);
    await book(rig, { absent: [0] });
    const late = (PREMIUM * 84n) / 100n;
    for (const [weeks, premium] of [
      [0n, PREMIUM],
      [1n, PREMIUM + late],
      [2n, late],
      [13n, late],
      [14n, 0n],
    ] as const)
      assert.equal(await premiumIn(rig, weeks * WEEK), premium, `${weeks}`);
  });
});
