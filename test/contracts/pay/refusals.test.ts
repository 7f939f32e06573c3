import { getAddress, zeroAddress } from 'viem';
import {
  bookIncident,
  BOUNTY,
  DEPOSIT,
  deployPay,
  fund,
  incidentOf,
  NOTICE,
  openPay,
  RULING,
  WINDOW,
} from '../support/pay.ts';
import { asOwner, trip, verdictOf } from '../support/registry.ts';

const { connection, viem, networkHelpers, fresh } = await openPay();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

describe('what pay refuses at deployment', () => {
  it('a period of no blocks', async () => {
    const rig = await fresh();
    const call = viem.deployContract('Payroll', [rig.terms.address, rig.verifier.address, 0n]);
    await reverts(call, rig.payroll, 'PeriodIsZero', []);
  });

  it('no time for disputes or for arbiters, or more than 30 days', async () => {
    const rig = await fresh();
    const { terms, verifier, incidentBook, bounties } = rig;
    const longest = 30n * 86_400n;
    for (const [window, ruling] of [
      [0, RULING],
      [WINDOW, 0],
      [Number(longest) + 1, RULING],
      [WINDOW, Number(longest) + 1],
    ] as const) {
      const parts = [terms.address, verifier.address, incidentBook.address] as const;
      const call = viem.deployContract('Bounties', [...parts, window, ruling]);
      const args = [BigInt(window), BigInt(ruling), longest] as const;
      await reverts(call, bounties, 'DurationsInvalid', [...args]);
    }
  });

  it('a book of another registry’s incidents', async () => {
    const rig = await fresh();
    const other = await deployPay(connection);
    const { terms, verifier, bounties } = rig;
    const book = other.incidentBook.address;
    const parts = [terms.address, verifier.address, book, WINDOW, RULING] as const;
    const call = viem.deployContract('Bounties', parts);
    await reverts(call, bounties, 'BookOfAnother', [getAddress(book)]);
  });
});

describe('an incident', () => {
  it('is not booked where its height was promised nothing, or nothing is left', async () => {
    const rig = await deployPay(connection);
    const landed = await incidentOf(rig, await trip(rig, rig.id));
    const { height } = landed.verdict;
    const call = () => bookIncident(rig, landed, rig.rule);
    await reverts(call(), rig.bounties, 'NoBounty', [rig.id, height]);
    // Paid in later, it is as good.
    await fund(rig, BOUNTY, 'bounties');
    await call();
  });

  it('stands where the terms of its height name no arbiter', async () => {
    const rig = await fresh();
    const { terms, bounties, id } = rig;
    await networkHelpers.mine(NOTICE);
    await terms.write.name([id, 0n, 0n, BOUNTY, zeroAddress], asOwner(rig));
    await networkHelpers.mine(NOTICE);
    const landed = await incidentOf(rig, await trip(rig, id, { rule: rig.replayed }));
    await bookIncident(rig, landed, rig.replayed);
    await reverts(bounties.write.dispute([id, 0n]), bounties, 'ArbiterUnnamed', [0n]);
  });

  it('by proof is not booked where nothing is left', async () => {
    const rig = await fresh();
    const { registry, bounties, prover, id, stranger } = rig;
    await bounties.write.askWithdrawal([id, DEPOSIT], asOwner(rig));
    await networkHelpers.mine(NOTICE);
    await bounties.write.withdraw([id], asOwner(rig));
    await networkHelpers.impersonateAccount(prover.address);
    await networkHelpers.setBalance(prover.address, 10n ** 18n);
    const { number, timestamp } = await rig.client.getBlock();
    const verdict = await verdictOf(rig, id);
    const args = [verdict, timestamp, stranger.account.address, 0n, 0n] as const;
    const tripped = await registry.write.tripProven(args, { account: prover.address });
    const call = bookIncident(rig, await incidentOf(rig, tripped), rig.rule);
    await reverts(call, bounties, 'NoBounty', [id, number]);
  });
});
