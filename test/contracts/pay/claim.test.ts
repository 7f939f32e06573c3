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
} from '../support/pay.ts';

const { connection, viem, networkHelpers, operatorOf, slash, reopen, fresh } = await openPay();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

const addressOf = (seat: number): Hex => getAddress(operatorOf(seat).account.address);
const claim = ({ payroll, id, stranger }: PayRig, seat: number, max = 1_000n) =>
  payroll.write.claim([addressOf(seat), id, max], { account: stranger.account });
const nothingLeft = (rig: PayRig, seat: number) =>
  reverts(claim(rig, seat), rig.payroll, 'NothingToClaim', [rig.id, addressOf(seat)]);
/** What a seat of weight 16 is paid for a roll call. */
const SHARE = (PREMIUM * 16n) / 100n;

describe('a claim', () => {
  it('sends a watcher’s payout address what it has earned, at anybody’s call, once', async () => {
    const rig = await fresh();
    const payout = operatorOf(11);
    await rig.watchers.write.changePayout([payout.account.address], operatorOf(0));
    await book(rig);
    await settle(rig);
    await emitWithArgs(claim(rig, 0), rig.payroll, 'Claimed', [
      rig.id,
      addressOf(0),
      addressOf(11),
      SHARE,
      0n,
    ]);
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
    for (let seat = 0; seat < 7; seat++) await claim(rig, seat);
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
    for (const max of [1n, 1n, 2n, 9n]) {
      await claim(rig, 0, max);
      sums.push((await purseOf(rig, operatorOf(0))) / SHARE);
    }
    assert.deepEqual(sums, [1n, 1n, 3n, 4n]);
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
    // The last member takes the place of the first, whose key has no weight now: keys 6, 1 to 5, then 21.
    const order = [6, 1, 2, 3, 4, 5, 21].map(keyAt);
    rig = await reopen(rig, order);
    await assertSeats(rig);
    await book(rig, { absent: [1] });
    await settle(rig);
    await claim(rig, 0);
    assert.equal(await purseOf(rig, operatorOf(0)), 2n * SHARE);
    await claim(rig, 6);
    assert.equal(await purseOf(rig, operatorOf(6)), (2n * PREMIUM * 12n) / 100n);
    await claim(rig, 1);
    assert.equal(await purseOf(rig, operatorOf(1)), SHARE);
  });

  it('passes rosters without the watcher, and roll calls that paid nothing', async () => {
    const bare = await networkHelpers.loadFixture(deployEmpty);
    await book(bare);
    await book(bare);
    await fund(bare, DEPOSIT);
    await book(bare);
    await settle(bare);
    const stranger = addressOf(12);
    await bare.payroll.write.claim([stranger, bare.id, 2n]);
    assert.equal((await bare.payroll.read.cursorOf([bare.id, stranger])).entry, 3);
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
    await emitWithArgs(claim(rig, 0), rig.payroll, 'Claimed', [
      rig.id,
      addressOf(0),
      addressOf(0),
      SHARE,
      SHARE,
    ]);
    const { deposit, owed } = await rig.payroll.read.accountOf([rig.id]);
    const spent = 2n * (PREMIUM + FEE);
    assert.deepEqual([deposit, owed], [DEPOSIT - spent + SHARE, 2n * (PREMIUM - SHARE)]);
    assert.equal(await rig.payroll.read.premiumOf([rig.id]), 2n * PREMIUM - SHARE);
    assert.equal(await purseOf(rig, operatorOf(0)), SHARE);
    await requireWhole(rig);
  });

  it('is kept from being made again by the token it calls', async () => {
    const token = await viem.deployContract('ReentrantToken');
    const rig = await deployPay(connection, { token: token.address });
    await fund(rig, DEPOSIT);
    await book(rig);
    await settle(rig);
    const args = [addressOf(0), rig.id, 9n] as const;
    const again = encodeFunctionData({ abi: rig.payroll.abi, functionName: 'claim', args });
    await token.write.arm([again]);
    await reverts(claim(rig, 0), rig.payroll, 'ReentrancyGuardReentrantCall', []);
    assert.equal(await purseOf(rig, operatorOf(0)), 0n);
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
