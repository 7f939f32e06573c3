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
  PREMIUM,
  purseOf,
  requireWhole,
} from '../support/pay.ts';
import { asOwner } from '../support/registry.ts';

const { viem, networkHelpers, slash, reopen, fresh } = await openPay();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const ALL: [bigint, bigint] = [0x7fn, 0n];

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
    assert.equal(await payroll.read.premiumOf([id]), owed);
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

  it('adds nobody for whom nothing is left of a deposit that its owner has withdrawn', async () => {
    const rig = await fresh();
    const { payroll, id } = rig;
    await payroll.write.askWithdrawal([id, DEPOSIT], asOwner(rig));
    await networkHelpers.mine(NOTICE);
    const verdict = await callOf(rig);
    await book(rig, { verdict, absent: [0] });
    await payroll.write.withdraw([id], asOwner(rig));
    const late = book(rig, { verdict, absent: [1, 2, 3, 4, 5, 6] });
    await reverts(late, payroll, 'DepositShort', [(PREMIUM * 16n) / 100n, 0n]);
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

  it('is forgotten as a premium after 13 weeks', async () => {
    let rig = await fresh();
    await networkHelpers.time.increaseTo(1_000_000n * 604_800n);
    rig = await reopen(rig);
    await book(rig);
    await networkHelpers.time.increase(12n * 604_800n);
    rig = await reopen(rig);
    await book(rig, { absent: [0] });
    const [both, one] = [(PREMIUM * 184n) / 100n, (PREMIUM * 84n) / 100n];
    assert.equal(await rig.payroll.read.premiumOf([rig.id]), both);
    await networkHelpers.time.increase(604_800n);
    assert.equal(await rig.payroll.read.premiumOf([rig.id]), one);
    await networkHelpers.time.increase(12n * 604_800n);
    assert.equal(await rig.payroll.read.premiumOf([rig.id]), 0n);
  });
});
