import assert from 'node:assert/strict';
import { concatHex, keccak256 } from 'viem';
import { rollCallRoot, STATES } from '../../../protocol/roll-call.ts';
import { ruleId } from '../../../protocol/verdict.ts';
import { book, bookingOf, callOf, leavesOf, openPay } from '../support/pay.ts';
import { arm, asOwner, certifyVerdict } from '../support/registry.ts';
import { rollCallOf } from '../support/roll-calls.ts';

const { viem, fresh } = await openPay();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

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
