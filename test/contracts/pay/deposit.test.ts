import assert from 'node:assert/strict';
import { encodeFunctionData, getAddress, zeroAddress, zeroHash } from 'viem';
import { TOKEN } from '../support/committee.ts';
import {
  book,
  bookIncident,
  BOUNTY,
  DEPOSIT,
  deployPay,
  FEE,
  fund,
  incidentOf,
  NOTICE,
  openPay,
  type PayRig,
  PREMIUM,
  purseOf,
  requireWhole,
} from '../support/pay.ts';
import { asOwner, notOwner, trip, UNKNOWN } from '../support/registry.ts';

const { connection, viem, networkHelpers, fresh } = await openPay();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

/** The blocks in which a withdrawal is given, as the error names them. */
const spanOf = async ({ ledgers, id }: PayRig, holder: 'payroll' | 'bounties') => {
  const { from, until } = await ledgers[holder].read.withdrawalOf([id]);
  return [id, from, until] as const;
};

describe('a deposit', () => {
  it('is anybody’s to add to, for a coverage that there is', async () => {
    const rig = await fresh();
    const from = getAddress(rig.stranger.account.address);
    await emitWithArgs(fund(rig, 7n), rig.payroll, 'Deposited', [rig.id, from, 7n]);
    assert.equal((await rig.payroll.read.accountOf([rig.id])).deposit, DEPOSIT + 7n);
    await requireWhole(rig);
    await reverts(fund({ ...rig, id: UNKNOWN }, 7n), rig.registry, 'CoverageUnknown', [UNKNOWN]);
  });

  it('stays below 2^96 with what is owed', async () => {
    const rig = await fresh();
    await book(rig);
    const held = DEPOSIT - FEE;
    const room = 2n ** 96n - 1n - held;
    await reverts(fund(rig, room + 1n), rig.payroll, 'AccountFull', [held, room + 1n]);
    await fund(rig, room);
    await requireWhole(rig);
  });

  it('counts what has arrived: a token that keeps some of it is refused', async () => {
    const token = await viem.deployContract('FeeToken');
    await token.write.setPart([2n ** 200n]);
    const rig = await deployPay(connection, { token: token.address });
    await token.write.setPart([100n]);
    await reverts(fund(rig, 1_000n), rig.payroll, 'NotReceived', [1_000n, 990n]);
    assert.equal((await rig.payroll.read.accountOf([rig.id])).deposit, 0n);
  });

  it('is taken back by its owner alone, as announced and no sooner', async () => {
    const rig = await fresh();
    const { payroll, id, stranger, guardian } = rig;
    const { account } = stranger;
    await reverts(
      payroll.write.askWithdrawal([id, 1n], { account }),
      rig.registry,
      'NotOwner',
      notOwner(rig),
    );
    await reverts(
      payroll.write.withdraw([id], { account }),
      rig.registry,
      'NotOwner',
      notOwner(rig),
    );
    await reverts(payroll.write.withdraw([id], asOwner(rig)), payroll, 'WithdrawalOutOfTime', [
      id,
      0n,
      0n,
    ]);
    const from = (await rig.client.getBlockNumber()) + 1n + NOTICE;
    await emitWithArgs(
      payroll.write.askWithdrawal([id, 40n * TOKEN], asOwner(rig)),
      payroll,
      'WithdrawalAsked',
      [id, 40n * TOKEN, from, from + NOTICE],
    );
    await networkHelpers.mineUpTo(from - 2n);
    await reverts(payroll.write.withdraw([id], asOwner(rig)), payroll, 'WithdrawalOutOfTime', [
      id,
      from,
      from + NOTICE,
    ]);
    await networkHelpers.mine();
    await payroll.write.withdraw([id], asOwner(rig));
    assert.equal(await purseOf(rig, guardian), 40n * TOKEN);
    await reverts(payroll.write.withdraw([id], asOwner(rig)), payroll, 'WithdrawalOutOfTime', [
      id,
      0n,
      0n,
    ]);
    await requireWhole(rig);
  });

  it('is not taken back long after it was announced, nor once that was taken back', async () => {
    const rig = await fresh();
    const { payroll, id } = rig;
    await payroll.write.askWithdrawal([id, DEPOSIT], asOwner(rig));
    const { from, until } = await payroll.read.withdrawalOf([id]);
    await networkHelpers.mineUpTo(until);
    await reverts(payroll.write.withdraw([id], asOwner(rig)), payroll, 'WithdrawalOutOfTime', [
      id,
      from,
      until,
    ]);
    await payroll.write.askWithdrawal([id, 0n], asOwner(rig));
    const none = { amount: 0n, from: 0n, until: 0n, incidents: zeroHash };
    assert.deepEqual(await payroll.read.withdrawalOf([id]), none);
  });

  for (const holder of ['payroll', 'bounties'] as const)
    it(`in ${holder} is not taken back by who announced it before an incident, but anew`, async () => {
      const rig = await fresh();
      const { id, registry, replayed } = rig;
      const ledger = rig.ledgers[holder];
      const withdraw = () => ledger.write.withdraw([id], asOwner(rig));
      await ledger.write.askWithdrawal([id, DEPOSIT], asOwner(rig));
      await networkHelpers.mine(NOTICE);
      const landed = await incidentOf(rig, await trip(rig, id, { rule: replayed }));
      const { incidents } = await registry.read.coverage([id]);
      // However often it is tried.
      for (let tries = 0; tries < 2; tries++)
        await reverts(withdraw(), rig[holder], 'WithdrawalVoid', [id, id, incidents]);
      await ledger.write.askWithdrawal([id, DEPOSIT], asOwner(rig));
      await reverts(withdraw(), rig[holder], 'WithdrawalOutOfTime', [
        ...(await spanOf(rig, holder)),
      ]);
      await bookIncident(rig, landed, replayed);
      await networkHelpers.mine(NOTICE);
      await withdraw();
      const { deposit, owed } = await ledger.read.accountOf([id]);
      assert.deepEqual([deposit, owed], [0n, holder === 'bounties' ? BOUNTY : 0n]);
    });

  it('is taken back without what is owed to watchers', async () => {
    const rig = await fresh();
    const { payroll, id, guardian } = rig;
    await payroll.write.askWithdrawal([id, DEPOSIT], asOwner(rig));
    await networkHelpers.mine(NOTICE);
    await book(rig);
    await payroll.write.withdraw([id], asOwner(rig));
    assert.equal(await purseOf(rig, guardian), DEPOSIT - PREMIUM - FEE);
    const { deposit, owed } = await payroll.read.accountOf([id]);
    assert.deepEqual([deposit, owed], [0n, PREMIUM]);
    await requireWhole(rig);
  });

  it('is not taken back twice by a token that calls back', async () => {
    const token = await viem.deployContract('ReentrantToken');
    const rig = await deployPay(connection, { token: token.address });
    await fund(rig, DEPOSIT);
    await rig.payroll.write.askWithdrawal([rig.id, 1n], asOwner(rig));
    await networkHelpers.mine(NOTICE);
    const { abi } = rig.payroll;
    await token.write.arm([encodeFunctionData({ abi, functionName: 'withdraw', args: [rig.id] })]);
    const call = rig.payroll.write.withdraw([rig.id], asOwner(rig));
    await reverts(call, rig.payroll, 'ReentrancyGuardReentrantCall', []);
  });
});

describe('terms', () => {
  const words = [1n, 2n, 3n, zeroAddress] as const;

  it('are of heights to come, named by the coverage’s owner', async () => {
    const rig = await fresh();
    const { terms, id, stranger, arbiter } = rig;
    const { account } = stranger;
    await reverts(
      terms.write.name([id, ...words], { account }),
      rig.registry,
      'NotOwner',
      notOwner(rig),
    );
    await networkHelpers.mine(NOTICE);
    const from = (await rig.client.getBlockNumber()) + 1n + NOTICE;
    await emitWithArgs(terms.write.name([id, ...words], asOwner(rig)), terms, 'Named', [
      id,
      1n,
      2n,
      from,
      3n,
      zeroAddress,
    ]);
    const before = await terms.read.termsAt([id, from - 1n]);
    const { premium, fee, bounty } = before;
    assert.deepEqual([premium, fee, bounty], [PREMIUM, FEE, BOUNTY]);
    assert.equal(before.arbiter, getAddress(arbiter.account.address));
    assert.equal((await terms.read.termsAt([id, from])).bounty, 3n);
    assert.equal((await terms.read.termsAt([id, before.from - 1n])).premium, 0n);
  });

  it('are named anew before they are in force, or long after, and never for a height gone by', async () => {
    const rig = await fresh();
    const { terms, id } = rig;
    const { from } = await terms.read.termsAt([id, 2n ** 63n]);
    await reverts(terms.write.name([id, ...words], asOwner(rig)), terms, 'TermsTooYoung', [
      id,
      from,
    ]);
    await networkHelpers.mine(NOTICE);
    await terms.write.name([id, ...words], asOwner(rig));
    await networkHelpers.mine(NOTICE - 2n);
    await terms.write.name([id, 9n, 9n, 9n, zeroAddress], asOwner(rig));
    const head = await rig.client.getBlockNumber();
    assert.equal((await terms.read.termsAt([id, head + NOTICE - 1n])).premium, PREMIUM);
    assert.equal((await terms.read.termsAt([id, head + NOTICE])).premium, 9n);
  });

  it('have a notice of 32 blocks at least', async () => {
    const rig = await fresh();
    const call = viem.deployContract('TermsBook', [rig.registry.address, 31n]);
    await reverts(call, rig.terms, 'NoticeOutOfRange', [31n, 32n, 2n ** 24n]);
  });
});
