import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress, keccak256, parseEventLogs, toHex } from 'viem';
import { certifyVerdict, coverArmed, deployRegistry, verdictOf } from './support/registry.ts';

const connection = await hre.network.create();
const { viem, networkHelpers } = connection;
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const other = keccak256(toHex('another'));

/** Two verdicts under one key that claim different values. */
const deploy = async () => {
  const rig = await deployRegistry(connection);
  const id = await coverArmed(rig, [rig.rule, { ...rig.rule, rung: 1 }]);
  const verdict = await verdictOf(rig, id);
  return { ...rig, id, verdict, conflict: { ...verdict, claimsRoot: other } };
};
type Judged = Awaited<ReturnType<typeof deploy>>;
const fresh = () => networkHelpers.loadFixture(deploy);
/** Judges what these seats signed of each. */
const judge = async (
  rig: Judged,
  { signers = [0, 1, 2], others = [2, 3, 4], first = rig.verdict, second = rig.conflict } = {},
) => {
  const absent = (seats: readonly number[]) =>
    [0, 1, 2, 3, 4, 5, 6].filter((seat) => !seats.includes(seat));
  const a = await certifyVerdict(rig, first, absent(signers));
  const b = await certifyVerdict(rig, second, absent(others));
  return rig.judge.write.judge([first, a, second, b], { account: rig.stranger.account });
};

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

  it('says which verdicts and which seats', async () => {
    const rig = await fresh();
    const hash = judge(rig, { others: [1, 2, 6] });
    await emitWithArgs(hash, rig.judge, 'Equivocated', [
      rig.epoch,
      await rig.registry.read.keyDigest([rig.verdict]),
      await rig.registry.read.digest([rig.verdict]),
      await rig.registry.read.digest([rig.conflict]),
      [0b110n, 0n],
    ]);
    await emitWithArgs(hash, rig.registry, 'Struck', [rig.epoch, [0b110n, 0n]]);
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

  for (const field of ['coverageId', 'ruleId', 'blockHash', 'subject'] as const)
    it(`finds nothing wrong with verdicts of another ${field}`, async () => {
      const rig = await fresh();
      const second = { ...rig.verdict, [field]: other };
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
      rig.judge.write.judge([rig.verdict, honest, rig.conflict, forged]),
      rig.judge,
      'SignatureInvalid',
      [await rig.registry.read.digest([rig.conflict])],
    );
  });
});

describe('a struck seat', () => {
  it('counts for nothing in whatever it signed, spoils it for nobody, and stays in the total', async () => {
    const rig = await fresh();
    await judge(rig, { signers: [0, 1, 2], others: [0, 3] });
    assert.deepEqual(await rig.registry.read.struck([rig.epoch]), [1n, 0n]);
    const short = await certifyVerdict(rig, rig.verdict, [1, 6]);
    await reverts(rig.registry.write.submit([rig.verdict, short]), rig.registry, 'QuorumMissed', [
      72n - 16n,
      100n,
      3,
    ]);
    const hash = await rig.registry.write.submit([
      rig.verdict,
      await certifyVerdict(rig, rig.verdict),
    ]);
    assert.equal(await rig.target.read.rung(), 3);
    const { logs } = await rig.client.getTransactionReceipt({ hash });
    const [incident] = parseEventLogs({ abi: rig.registry.abi, eventName: 'Incident', logs });
    const { signers, signed, total } = incident!.args;
    assert.deepEqual([signers, signed, total], [[0b1111110n, 0n], 84n, 100n]);
  });

  it('is struck by the judge alone', async () => {
    const rig = await fresh();
    await reverts(
      rig.registry.write.strike([rig.epoch, [1n, 0n]], { account: rig.stranger.account }),
      rig.registry,
      'NotJudge',
      [getAddress(rig.stranger.account.address)],
    );
  });

  it('is free again in the next epoch', async () => {
    const rig = await fresh();
    await judge(rig, { signers: [0], others: [0] });
    assert.deepEqual(await rig.registry.read.struck([rig.epoch + 1n]), [0n, 0n]);
  });
});
