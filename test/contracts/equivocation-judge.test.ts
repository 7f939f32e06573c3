import assert from 'node:assert/strict';
import { accuse } from './support/court.ts';
import { placeRegistry } from './support/committee.ts';
import { evidenceOf, openEquivocation, other } from './support/equivocation.ts';
import { offenceOf } from './support/judges.ts';
import { certifyVerdict } from './support/registry.ts';

const { connection, viem, judge, fresh } = await openEquivocation();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

describe('the judge of equivocation', () => {
  it('strikes exactly the seats that signed both, whichever way they are listed', async () => {
    // Up to three of seven are listed as signers, four and more by who is absent.
    for (const [signers, others] of [
      [
        [0, 1, 2],
        [2, 3, 4],
      ],
      [
        [0, 1, 2],
        [2, 3, 4, 5, 6],
      ],
      [
        [0, 1, 2, 3, 4],
        [2, 5, 6],
      ],
      [
        [0, 1, 2, 3],
        [2, 4, 5, 6],
      ],
    ]) {
      const rig = await fresh();
      await judge(rig, { signers: signers!, others: others! });
      assert.deepEqual(await rig.registry.read.struck([rig.epoch]), [0b100n, 0n]);
    }
  });

  it('says which seats of which epoch, and that nothing tripped by it', async () => {
    const rig = await fresh();
    const a = await certifyVerdict(rig, rig.verdict, [0, 3]);
    const b = await certifyVerdict(rig, rig.conflict, [4, 5]);
    const evidence = evidenceOf(rig.verdict, a, rig.conflict, b);
    assert.deepEqual(
      await rig.judge.read.judge([rig.registry.address, evidence]),
      offenceOf(rig.epoch, [1, 2, 6]),
    );
  });

  it('finds nothing that was signed for another registry than it is asked about', async () => {
    const rig = await fresh();
    const foreign = await placeRegistry(connection, rig.committee.address);
    const certificate = await certifyVerdict(rig, rig.verdict);
    const conflicting = await certifyVerdict(rig, rig.conflict);
    const evidence = evidenceOf(rig.verdict, certificate, rig.conflict, conflicting);
    await reverts(
      rig.judge.read.judge([foreign.address, evidence]),
      rig.judge,
      'SignatureInvalid',
      [await foreign.read.digest([rig.verdict])],
    );
  });

  it('asks no quorum: one seat that signed twice is enough', async () => {
    const rig = await fresh();
    await judge(rig, { signers: [6], others: [6] });
    assert.deepEqual(await rig.registry.read.struck([rig.epoch]), [0b1000000n, 0n]);
  });

  it('adds to what was struck before', async () => {
    const rig = await fresh();
    await judge(rig, { signers: [0], others: [0] });
    await judge(rig, { signers: [5], others: [5] });
    assert.deepEqual(await rig.registry.read.struck([rig.epoch]), [0b100001n, 0n]);
  });

  for (const [field, value] of [
    ['rung', 2],
    ['life', 1],
    ['height', 1n],
    ['claimsRoot', other],
  ] as const)
    it(`finds a different ${field} under one key`, async () => {
      const rig = await fresh();
      await judge(rig, { second: { ...rig.verdict, [field]: value } });
      assert.deepEqual(await rig.registry.read.struck([rig.epoch]), [0b100n, 0n]);
    });

  for (const [field, value] of [
    ['observedChainId', 1n],
    ['coverageId', other],
    ['ruleId', other],
    ['blockHash', other],
    ['subject', other],
  ] as const)
    it(`finds nothing wrong with verdicts of another ${field}`, async () => {
      const rig = await fresh();
      const second = { ...rig.verdict, [field]: value };
      await reverts(judge(rig, { second }), rig.judge, 'KeysDiffer', [
        await rig.registry.read.keyDigest([rig.verdict]),
        await rig.registry.read.keyDigest([second]),
      ]);
    });

  it('finds nothing wrong with one verdict signed by different seats', async () => {
    const rig = await fresh();
    const digest = await rig.registry.read.digest([rig.verdict]);
    await reverts(judge(rig, { second: rig.verdict }), rig.judge, 'VerdictsEqual', [digest]);
  });

  it('does not compare seats of different epochs', async () => {
    const rig = await fresh();
    const second = { ...rig.verdict, epoch: rig.epoch + 1n };
    await reverts(judge(rig, { second }), rig.judge, 'EpochsDiffer', [rig.epoch, rig.epoch + 1n]);
  });

  it('knows only epochs that were opened', async () => {
    const rig = await fresh();
    const [first, second] = [
      { ...rig.verdict, epoch: 99n },
      { ...rig.conflict, epoch: 99n },
    ];
    await reverts(judge(rig, { first, second }), rig.judge, 'EpochUnknown', [99n]);
  });

  it('strikes nobody who signed one of the two', async () => {
    const rig = await fresh();
    await reverts(judge(rig, { signers: [0, 1], others: [2, 3] }), rig.judge, 'NoOffender', [
      rig.epoch,
    ]);
  });

  it('believes signatures, not lists', async () => {
    const rig = await fresh();
    const honest = await certifyVerdict(rig, rig.verdict, [0]);
    const forged = {
      ...(await certifyVerdict(rig, rig.conflict, [0, 1, 2, 3, 4, 5])),
      seats: [0b11n],
    };
    await reverts(
      accuse(rig, 0n, evidenceOf(rig.verdict, honest, rig.conflict, forged)),
      rig.judge,
      'SignatureInvalid',
      [await rig.registry.read.digest([rig.conflict])],
    );
  });
});
