import assert from 'node:assert/strict';
import { concatHex, getAddress, type Hex, keccak256, zeroAddress, zeroHash } from 'viem';
import { ROLL_CALL, rollCallRoot, STATES } from '../../../protocol/roll-call.ts';
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
  isDue,
  LATE,
  leavesOf,
  NOTICE,
  openPay,
  type PayRig,
  PREMIUM,
  purseOf,
  requireWhole,
} from '../support/pay.ts';
import {
  arm,
  asOwner,
  certifyVerdict,
  cover,
  UNKNOWN,
  type VerdictArgs,
} from '../support/registry.ts';
import { rollCallOf } from '../support/roll-calls.ts';

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

describe('a roll call is refused', () => {
  const notCall =
    (rule: Hex, subject: Hex, rung: number, life: number) => (rig: PayRig, tx: Promise<Hex>) =>
      reverts(tx, rig.payroll, 'NotRollCall', [rule, subject, rung, life]);
  const refusals: readonly [
    title: string,
    changes: Partial<VerdictArgs>,
    refused: (rig: PayRig, tx: Promise<Hex>, call: VerdictArgs) => Promise<void>,
  ][] = [
    ['with a rule', { ruleId: UNKNOWN }, notCall(UNKNOWN, ROLL_CALL, 0, 0)],
    ['without its tag', { subject: zeroHash }, notCall(zeroHash, zeroHash, 0, 0)],
    ['with a rung', { rung: 1 }, notCall(zeroHash, ROLL_CALL, 1, 0)],
    ['with a life', { life: 1 }, notCall(zeroHash, ROLL_CALL, 0, 1)],
    [
      'of another chain',
      { observedChainId: 1n },
      ({ registry }, tx) => reverts(tx, registry, 'ObservedChainUnsupported', [1n]),
    ],
    [
      'of a coverage there is none of',
      { coverageId: UNKNOWN },
      ({ registry }, tx) => reverts(tx, registry, 'CoverageUnknown', [UNKNOWN]),
    ],
    [
      'under another hash',
      { blockHash: UNKNOWN },
      ({ payroll }, tx, { height, blockHash }) =>
        reverts(tx, payroll, 'BlockHashMismatch', [height, UNKNOWN, blockHash]),
    ],
    [
      'of another epoch',
      { epoch: 9n ** 9n },
      ({ registry }, tx, { height }) =>
        reverts(tx, registry, 'RosterNotInForce', [9n ** 9n, height]),
    ],
  ];
  for (const [title, changes, refused] of refusals)
    it(title, async () => {
      const rig = await fresh();
      const call = await callOf(rig);
      await refused(rig, book(rig, { verdict: { ...call, ...changes } }), call);
    });

  it('at a height that is not due', async () => {
    const rig = await fresh();
    const verdict = await callOf(rig, {}, (hash) => !isDue(rig.id, hash));
    await reverts(book(rig, { verdict }), rig.payroll, 'RollCallNotDue', [
      rig.id,
      verdict.blockHash,
    ]);
  });

  it('of another coverage’s height', async () => {
    const rig = await fresh();
    const other = await viem.deployContract('GuardedSample', [
      rig.hub.address,
      rig.guardian.account.address,
    ]);
    const coverageId = await cover(rig, [rig.rule], { of: other.address });
    const due = (hash: Hex) => isDue(rig.id, hash) && !isDue(coverageId, hash);
    const verdict = await callOf(rig, { coverageId }, due);
    await reverts(book(rig, { verdict }), rig.payroll, 'RollCallNotDue', [
      coverageId,
      verdict.blockHash,
    ]);
  });

  it('more than 32 blocks after its own, or of a block to come', async () => {
    const rig = await fresh();
    const verdict = await callOf(rig);
    await networkHelpers.mine(LATE);
    const { height } = verdict;
    await reverts(book(rig, { verdict }), rig.payroll, 'HeightOutOfReach', [
      height,
      height + 1n,
      height + LATE + 1n,
    ]);
    const head = await rig.client.getBlockNumber();
    const ahead = { ...verdict, height: head + 1n };
    await reverts(book(rig, { verdict: ahead }), rig.payroll, 'HeightOutOfReach', [
      head + 1n,
      head - LATE + 1n,
      head + 1n,
    ]);
  });

  it('of a coverage that is retired', async () => {
    const rig = await fresh();
    const verdict = await callOf(rig);
    await rig.registry.write.retire([rig.id], asOwner(rig));
    await reverts(book(rig, { verdict }), rig.registry, 'CoverageRetired', [rig.id]);
  });

  it('from a roster that has expired', async () => {
    const rig = await fresh();
    const { validUntil } = await rig.committee.read.roster([rig.epoch]);
    await networkHelpers.time.increaseTo(validUntil);
    const verdict = await callOf(rig);
    await reverts(book(rig, { verdict }), rig.registry, 'RosterExpired', [rig.epoch, validUntil]);
  });

  it('signed by others than it says', async () => {
    const rig = await fresh();
    const [verdict, ids, states] = await bookingOf(rig, await callOf(rig));
    const forged = await certifyVerdict({ ...rig, keys: rig.keys.slice(1) }, verdict);
    const digest = await rig.registry.read.digest([verdict]);
    const call = rig.payroll.write.bookRollCall([verdict, ids, states, { ...forged, seats: [] }]);
    await reverts(call, rig.verifier, 'SignatureInvalid', [digest]);
  });
});

describe('what a roll call says', () => {
  it('is of all rules of the coverage, in its order', async () => {
    const rig = await fresh();
    const [verdict, ids, states, certificate] = await bookingOf(rig, await callOf(rig));
    const found = await rig.registry.read.rulesHash([rig.id]);
    for (const named of [ids.toReversed(), ids.slice(1), [...ids, ids[0]!], []]) {
      const call = rig.payroll.write.bookRollCall([verdict, named, states, certificate]);
      const hash = keccak256(concatHex(named));
      await reverts(call, rig.registry, 'RulesMismatch', [rig.id, hash, found]);
    }
  });

  it('is a state of each that was armed, no more and no fewer, under its claims root', async () => {
    const rig = await fresh();
    const [verdict, ids, states, certificate] = await bookingOf(rig, await callOf(rig));
    for (const said of [[], [STATES.clear], [...states, STATES.clear]]) {
      const call = rig.payroll.write.bookRollCall([verdict, ids, said, certificate]);
      await reverts(call, rig.payroll, 'StateCount', [BigInt(said.length), 2n]);
    }
    const others = leavesOf(rig, STATES.faulted).map(({ state }) => state);
    const call = rig.payroll.write.bookRollCall([verdict, ids, others, certificate]);
    await reverts(call, rig.payroll, 'LeavesMismatch', [
      verdict.claimsRoot,
      rollCallRoot(leavesOf(rig, STATES.faulted)),
    ]);
  });

  it('leaves out what was in shadow at its height, and what is put back since', async () => {
    const rig = await fresh();
    const { registry, payroll, id, replayed } = rig;
    const before = await callOf(rig);
    await registry.write.disarm([id, ruleId(replayed)], asOwner(rig));
    await reverts(book(rig, { verdict: before }), payroll, 'StateCount', [2n, 1n]);
    const [proven] = leavesOf(rig);
    const ids = leavesOf(rig).map((leaf) => leaf.ruleId);
    const { height } = await callOf(rig);
    await arm(rig, id, replayed);
    const verdict = await rollCallOf(rig, height, [proven!]);
    const certificate = await certifyVerdict(rig, verdict);
    await payroll.write.bookRollCall([verdict, ids, [STATES.clear], certificate]);
    assert.deepEqual((await payroll.read.attestedStake([id])).slice(0, 2), [100n, 100n]);
    await book(rig);
    assert.equal((await payroll.read.accountOf([id])).entries, 2);
  });

  it('is something: a coverage of which nothing is armed is not called', async () => {
    const rig = await fresh();
    const { registry, payroll, id } = rig;
    for (const each of leavesOf(rig)) await registry.write.disarm([id, each.ruleId], asOwner(rig));
    const { height } = await callOf(rig);
    const verdict = await rollCallOf(rig, height, []);
    const certificate = await certifyVerdict(rig, verdict);
    const ids = leavesOf(rig).map((leaf) => leaf.ruleId);
    const call = payroll.write.bookRollCall([verdict, ids, [], certificate]);
    await reverts(call, payroll, 'NothingArmed', [id, height]);
  });
});
