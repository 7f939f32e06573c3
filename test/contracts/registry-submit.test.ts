import assert from 'node:assert/strict';
import fc from 'fast-check';
import { keccak256, parseEventLogs, toHex } from 'viem';
import { incidentHash } from '../../protocol/incident.ts';
import { keyDigest, ruleId, verdictDigest } from '../../protocol/verdict.ts';
import { keysFrom } from './support/bls.ts';
import { placeRegistry } from './support/committee.ts';
import { openRegistry } from './support/coverage.ts';
import { refusesEach, type Wrong } from './support/refusals.ts';
import { certify } from './support/roster.ts';
import { asOwner, certifyVerdict, submit, verdictOf } from './support/registry.ts';

const opened = await openRegistry();
const { connection, viem, rungs: fresh } = opened;
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;
const other = keccak256(toHex('another'));

describe('submitting a verdict', () => {
  it('trips the target for the life of the rule', async () => {
    const rig = await fresh();
    await submit(rig, await verdictOf(rig, rig.id));
    assert.equal(await rig.target.read.rung(), 3);
    assert.equal(await rig.hub.read.rungOf([rig.target.address]), 3);
    const { first, end } = await rig.hub.read.tripOf([rig.target.address, 3]);
    assert.equal(end - first, 3600n);
    await reverts(rig.target.write.deposit(), rig.target, 'Stopped', [3, 3]);
    await rig.target.write.repay();
  });

  it('tells who signed, with what stake, until when, for whom and for how much', async () => {
    const rig = await fresh();
    const verdict = await verdictOf(rig, rig.id);
    const hash = await submit(rig, verdict, [6]);
    const { logs } = await rig.client.getTransactionReceipt({ hash });
    const [incident] = parseEventLogs({ abi: rig.registry.abi, eventName: 'Incident', logs });
    assert.ok(incident);
    const { args } = incident;
    assert.deepEqual(args.verdict, verdict);
    assert.equal(args.coverageId, rig.id);
    assert.equal(args.rung, 3);
    assert.equal(args.digest, await rig.registry.read.digest([verdict]));
    assert.deepEqual([args.signers, args.signed, args.total], [[0b111111n, 0n], 88n, 100n]);
    assert.equal(args.end, (await rig.hub.read.tripOf([rig.target.address, 3])).end);
    assert.equal(args.submitter.toLowerCase(), rig.submitter.account.address);
    assert.ok(args.refund > 0n);
  });

  it('emits one event and moves the replay slot and the incidents on', async () => {
    const rig = await fresh();
    const before = await rig.registry.read.coverage([rig.id]);
    const verdict = await verdictOf(rig, rig.id);
    const { logs } = await rig.client.getTransactionReceipt({ hash: await submit(rig, verdict) });
    assert.equal(logs.length, 1);
    const after = await rig.registry.read.coverage([rig.id]);
    const [incident] = parseEventLogs({ abi: rig.registry.abi, eventName: 'Incident', logs });
    assert.equal(before.incidents, rig.id);
    const { timestamp: trippedAt } = await rig.client.getBlock();
    assert.equal(after.incidents, incidentHash(rig.id, { ...incident!.args, trippedAt }));
    const { lastHeight } = await rig.registry.read.ruleState([rig.id, verdict.ruleId]);
    assert.equal(BigInt(lastHeight), verdict.height);
  });

  it('takes a certificate from anyone, also one that lists its signers', async () => {
    const rig = await fresh();
    const verdict = await verdictOf(rig, rig.id, {}, rig.light);
    const certificate = await certifyVerdict(rig, verdict, [3, 4, 5, 6]);
    assert.equal(certificate.listsSigners, true);
    await rig.registry.write.submit([verdict, certificate], { account: rig.stranger.account });
    assert.equal(await rig.target.read.rung(), 1);
  });

  it('refuses a verdict that says less than its rule, whatever its class', async () => {
    const rig = await fresh();
    for (const [rung, rule, max] of [
      [1, rig.replayed, 2],
      [2, rig.rule, 3],
    ] as const)
      await reverts(
        submit(rig, await verdictOf(rig, rig.id, { rung }, rule)),
        rig.registry,
        'RungRefused',
        [rung, max],
      );
  });
});

const wrong: readonly Wrong[] = [
  ['of an unknown coverage', async () => [{ coverageId: other }, 'CoverageUnknown', [other]]],
  ['of an unknown rule', async () => [{ ruleId: other }, 'RuleUnknown', [other]]],
  ['of another chain', async () => [{ observedChainId: 1n }, 'ObservedChainUnsupported', [1n]]],
  ['about a transaction', async () => [{ subject: other }, 'SubjectUnsupported', [other]]],
  ['of rung 0, which is a roll call', async () => [{ rung: 0 }, 'RungRefused', [0, 3]]],
  [
    'of a higher rung than the rule has',
    async (rig) => [{ ruleId: ruleId(rig.light), rung: 2 }, 'RungRefused', [2, 1]],
  ],
  ['of another life', async () => [{ life: 3599 }, 'LifeMismatch', [3599, 3600]]],
  [
    'of an epoch nobody opened',
    async (_, head) => [{ epoch: 99n }, 'RosterNotInForce', [99n, head]],
  ],
  ['of no epoch', async (_, head) => [{ epoch: 0n }, 'RosterNotInForce', [0n, head]]],
];

describe('a verdict', () => {
  refusesEach(opened, wrong);

  it('of a retired coverage is refused', async () => {
    const rig = await fresh();
    const verdict = await verdictOf(rig, rig.id);
    await rig.registry.write.retire([rig.id], asOwner(rig));
    await reverts(submit(rig, verdict), rig.registry, 'CoverageRetired', [rig.id]);
  });

  it('of another coverage, another registry or another chain has another digest', async () => {
    const rig = await fresh();
    const verdict = await verdictOf(rig, rig.id);
    const foreign = await placeRegistry(connection, rig.committee.address);
    const digest = await foreign.read.digest([verdict]);
    const certificate = certify(digest, rig.keys);
    await reverts(
      rig.registry.write.submit([verdict, certificate]),
      rig.registry,
      'SignatureInvalid',
      [await rig.registry.read.digest([verdict])],
    );
    const elsewhere = verdictDigest({ chainId: 1n, registry: rig.registry.address }, verdict);
    await reverts(
      rig.registry.write.submit([verdict, certify(elsewhere, rig.keys)]),
      rig.registry,
      'SignatureInvalid',
      [await rig.registry.read.digest([verdict])],
    );
  });

  it('cannot be bent once it is signed', async () => {
    const rig = await fresh();
    const verdict = await verdictOf(rig, rig.id);
    const certificate = await certifyVerdict(rig, verdict);
    const bent = { ...verdict, claimsRoot: other };
    await reverts(
      rig.registry.write.submit([bent, certificate]),
      rig.registry,
      'SignatureInvalid',
      [await rig.registry.read.digest([bent])],
    );
  });

  it('signed by keys of nobody is refused', async () => {
    const rig = await fresh();
    const verdict = await verdictOf(rig, rig.id);
    const digest = await rig.registry.read.digest([verdict]);
    await reverts(
      rig.registry.write.submit([verdict, certify(digest, keysFrom(7, 100))]),
      rig.registry,
      'SignatureInvalid',
      [digest],
    );
  });

  it('digests and keys are those of the protocol library', async () => {
    const rig = await fresh();
    const domain = { chainId: rig.chainId, registry: rig.registry.address };
    const word = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => toHex(bytes));
    const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const verdicts = fc.record({
      observedChainId: u64,
      coverageId: word,
      ruleId: word,
      blockHash: word,
      subject: word,
      height: u64,
      epoch: u64,
      rung: fc.nat(255),
      life: fc.nat(2 ** 32 - 1),
      claimsRoot: word,
    });
    await fc.assert(
      fc.asyncProperty(verdicts, async (verdict) => {
        assert.equal(await rig.registry.read.digest([verdict]), verdictDigest(domain, verdict));
        assert.equal(await rig.registry.read.keyDigest([verdict]), keyDigest(domain, verdict));
      }),
      { numRuns: 50 },
    );
  });
});
