import assert from 'node:assert/strict';
import { encodeFunctionData, getAddress, type Hex } from 'viem';
import { keyAt, provePossession } from '../support/bls.ts';
import { settings, TOKEN } from '../support/committee.ts';
import {
  book,
  callOf,
  DEPOSIT,
  deployPay,
  FEE,
  fund,
  LATE,
  openPay,
  type PayRig,
  PREMIUM,
  purseOf,
  requireWhole,
  settle,
  WEEK,
} from '../support/pay.ts';

const { connection, viem, networkHelpers, operatorOf, slash, reopen, fresh } = await openPay();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

const addressOf = (seat: number): Hex => getAddress(operatorOf(seat).account.address);
const claim = ({ payroll, id, stranger }: PayRig, seat: number, max = 1_000n) =>
  payroll.write.claim([addressOf(seat), id, max], { account: stranger.account });
const nothingLeft = (rig: PayRig, seat: number) =>
  reverts(claim(rig, seat), rig.payroll, 'NothingToClaim', [rig.id, addressOf(seat)]);
/** What is settled is claimed first, and then what has since been settled. */
const claimAll = async (rig: PayRig, seat: number) => {
  await claim(rig, seat);
  await claim(rig, seat).catch(() => undefined);
  await nothingLeft(rig, seat);
};
/** What a seat of weight 16 is paid for a roll call. */
const SHARE = (PREMIUM * 16n) / 100n;

describe('a claim', () => {
  it('sends a watcher’s payout address what it has earned, at anybody’s call, once', async () => {
    const rig = await fresh();
    const payout = operatorOf(11);
    await rig.watchers.write.changePayout([payout.account.address], {
      account: operatorOf(0).account,
    });
    await book(rig);
    await settle(rig);
    await emitWithArgs(claim(rig, 0), rig.payroll, 'Claimed', [rig.id, addressOf(0), SHARE]);
    assert.equal(await purseOf(rig, payout), SHARE);
    await nothingLeft(rig, 0);
    await claim(rig, 6);
    assert.equal(await purseOf(rig, operatorOf(6)), (PREMIUM * 12n) / 100n);
    await requireWhole(rig);
  });

  it('leaves nothing owed once all have claimed', async () => {
    const rig = await fresh();
    for (const absent of [[0], [], [5, 6]]) await book(rig, { absent });
    await settle(rig);
    for (let seat = 0; seat < 7; seat++) await claimAll(rig, seat);
    const { deposit, owed } = await rig.payroll.read.accountOf([rig.id]);
    const fees = (FEE * (84n + 100n + 75n)) / 100n;
    const premiums = (PREMIUM * (84n + 100n + 75n)) / 100n;
    assert.deepEqual([deposit, owed], [DEPOSIT - premiums - fees, 0n]);
    await requireWhole(rig);
  });

  it('waits for whoever may be added: nobody can make a watcher pass what it is owed', async () => {
    const rig = await fresh();
    const verdict = await callOf(rig);
    await book(rig, { verdict, absent: [0] });
    await nothingLeft(rig, 0);
    await book(rig, { verdict, absent: [1, 2, 3, 4, 5, 6] });
    await networkHelpers.mineUpTo(verdict.height + LATE - 1n);
    await nothingLeft(rig, 0);
    await networkHelpers.mine();
    await claim(rig, 0);
    assert.equal(await purseOf(rig, operatorOf(0)), SHARE);
  });

  it('may stop after any number of entries and be resumed', async () => {
    const rig = await fresh();
    for (let calls = 0; calls < 5; calls++) await book(rig, { absent: calls === 1 ? [0] : [] });
    await settle(rig);
    await reverts(claim(rig, 0, 0n), rig.payroll, 'NothingToClaim', [rig.id, addressOf(0)]);
    const sums = [];
    for (const max of [1n, 1n, 2n]) {
      await claim(rig, 0, max);
      sums.push((await purseOf(rig, operatorOf(0))) / SHARE);
    }
    assert.deepEqual(sums, [1n, 1n, 3n]);
    await claim(rig, 0);
    assert.equal(await purseOf(rig, operatorOf(0)), 4n * SHARE);
    await nothingLeft(rig, 0);
  });

  it('finds the seat of each key that a watcher has held, wherever rosters have put it', async () => {
    let rig = await fresh();
    const { watchers, committee } = rig;
    await book(rig);
    const { account } = operatorOf(0);
    for (const index of [20, 21]) {
      const key = keyAt(index);
      const message = await watchers.read.possessionMessage([account.address, key.hash]);
      await watchers.write.rotateKey([key.words, provePossession(message, key)], { account });
      await committee.write.writePage([key.raw, []]);
    }
    await watchers.write.requestExit({ account: operatorOf(1).account });
    // The last members take the places of those that have no weight now.
    rig = await reopen(rig, [21, 6, 2, 3, 4, 5].map(keyAt));
    await assertSeats(rig);
    await book(rig, { absent: [2] });
    await settle(rig);
    const rate = PREMIUM / 84n;
    const earned = [
      SHARE + rate * 16n,
      SHARE,
      (PREMIUM * 15n) / 100n,
      (PREMIUM * 14n) / 100n + rate * 14n,
    ];
    for (const [seat, sum] of earned.entries()) {
      await claimAll(rig, seat);
      assert.equal(await purseOf(rig, operatorOf(seat)), sum, `seat ${seat}`);
    }
    await claimAll(rig, 6);
    assert.equal(await purseOf(rig, operatorOf(6)), (PREMIUM * 12n) / 100n + rate * 12n);
  });

  it('passes rosters without the watcher, and roll calls that paid nothing', async () => {
    const bare = await networkHelpers.loadFixture(deployEmpty);
    await book(bare);
    await book(bare);
    await fund(bare, DEPOSIT);
    await book(bare);
    await settle(bare);
    const stranger = addressOf(12);
    for (const entry of [2, 3]) {
      await bare.payroll.write.claim([stranger, bare.id, 1n]);
      assert.equal((await bare.payroll.read.cursorOf([bare.id, stranger])).entry, entry);
    }
    await claim(bare, 0, 2n);
    assert.equal(await purseOf(bare, operatorOf(0)), SHARE);
  });

  it('pays a watcher that has withdrawn its stake', async () => {
    const rig = await fresh();
    await book(rig);
    await settle(rig);
    const { account } = operatorOf(0);
    await rig.watchers.write.requestExit({ account });
    await networkHelpers.time.increase(settings.exitDelay);
    await rig.watchers.write.withdraw({ account });
    const stake = 16n * TOKEN;
    assert.equal(await purseOf(rig, operatorOf(0)), stake);
    await claim(rig, 0);
    assert.equal(await purseOf(rig, operatorOf(0)), stake + SHARE);
  });

  it('gives the deposit back what a proven liar has earned in that epoch, and counts it as no premium', async () => {
    const honest = await fresh();
    await book(honest);
    const rig = await reopen(honest);
    await book(rig);
    await settle(rig);
    await slash(rig, 0, keyAt(0));
    await emitWithArgs(claim(rig, 0), rig.payroll, 'Claimed', [rig.id, addressOf(0), SHARE]);
    await emitWithArgs(claim(rig, 0), rig.payroll, 'Forfeited', [rig.id, addressOf(0), SHARE]);
    const { deposit, owed } = await rig.payroll.read.accountOf([rig.id]);
    const spent = 2n * (PREMIUM + FEE);
    assert.deepEqual([deposit, owed], [DEPOSIT - spent + SHARE, 2n * (PREMIUM - SHARE)]);
    const next = BigInt(await networkHelpers.time.latest()) + WEEK;
    assert.equal(await rig.payroll.read.premiumOf([rig.id, next]), 2n * PREMIUM - SHARE);
    assert.equal(await purseOf(rig, operatorOf(0)), SHARE);
    await requireWhole(rig);
  });

  it('gives the deposit back what a liar has earned in a call that counts as no premium', async () => {
    const rig = await fresh();
    await book(rig, { absent: [1, 2, 3, 4, 5, 6] });
    await settle(rig);
    await slash(rig, 0, keyAt(0));
    await emitWithArgs(claim(rig, 0), rig.payroll, 'Forfeited', [rig.id, addressOf(0), SHARE]);
    await requireWhole(rig);
  });

  it('is neither repeated by the token it calls, nor made while a deposit is on its way', async () => {
    const token = await viem.deployContract('ReentrantToken');
    const rig = await deployPay(connection, { token: token.address });
    await fund(rig, DEPOSIT);
    await book(rig);
    await settle(rig);
    const args = [addressOf(0), rig.id, 9n] as const;
    const call = encodeFunctionData({ abi: rig.payroll.abi, functionName: 'claim', args });
    await token.write.arm([call]);
    await nothingLeft(rig, 0);
    assert.equal(await purseOf(rig, operatorOf(0)), 0n);
    await reverts(fund(rig, 1n), rig.payroll, 'ReentrancyGuardReentrantCall', []);
  });
});

const deployEmpty = () => deployPay(connection);

const assertSeats = async ({ committee, keys }: PayRig) => {
  const [hashes] = await committee.read.members();
  assert.deepEqual(
    hashes,
    keys.map(({ hash }) => hash),
  );
};
