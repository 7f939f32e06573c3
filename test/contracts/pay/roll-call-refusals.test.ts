import { type Hex, zeroHash } from 'viem';
import { ROLL_CALL } from '../../../protocol/roll-call.ts';
import { book, bookingOf, callOf, isDue, LATE, openPay, type PayRig } from '../support/pay.ts';
import { asOwner, certifyVerdict, cover, UNKNOWN, type VerdictArgs } from '../support/registry.ts';

const { viem, networkHelpers, fresh } = await openPay();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

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
