import assert from 'node:assert/strict';
import { verify } from '../../../protocol/bls.ts';
import { loadFast } from '../../../protocol/bls-fast.ts';
import { rollCallOf, STATES } from '../../../protocol/roll-call.ts';
import { keyDigest, verdictDigest } from '../../../protocol/verdict.ts';
import { createAttester, verdictOf } from '../../../node/attest/attester.ts';
import type { AttesterDeps, AttestOutcome } from '../../../node/attest/attester.ts';
import type { Committee } from '../../../protocol/types.ts';
import { openDatabase } from '../../../node/store/database.ts';
import { openProtection } from '../../../node/store/protection.ts';
import { committeeOf, domain, findingAt, hash, secretsOf } from '../gossip/support/committee.ts';
import { collect, withFolder } from '../store/support.ts';

const secrets = secretsOf(4);
const { hash: hashPoint } = await loadFast();
const committee = committeeOf(secrets);
const rosters = (epoch: bigint): Committee | null =>
  epoch === 1n ? committee : epoch === 2n ? committeeOf(secrets.slice(1), undefined, 2n) : null;

const withAttester = (
  work: (parts: {
    attester: ReturnType<typeof createAttester>;
    outcomes: AttestOutcome[];
    protection: Awaited<ReturnType<typeof openProtection>>;
  }) => Promise<void>,
  { secretKeys = [secrets[0]!], committeeOf = rosters }: Partial<AttesterDeps> = {},
) =>
  withFolder(async (folder) => {
    const database = await openDatabase(folder);
    const protection = await openProtection(database, domain);
    await protection.start(9n);
    const outcomes: AttestOutcome[] = [];
    const attester = createAttester({
      domain,
      secretKeys,
      hash: hashPoint,
      protection,
      committeeOf,
      onOutcome: (outcome) => outcomes.push(outcome),
    });
    try {
      await work({ attester, outcomes, protection });
    } finally {
      await database.close();
    }
  });

describe('attester', () => {
  it('signs the one verdict of a finding with the key of its seat', () =>
    withAttester(async ({ attester }) => {
      const finding = findingAt(10n, [hash('value')]);
      const attestation = await attester.attest(finding);
      assert.ok(attestation);
      assert.deepEqual([attestation.verdict, attestation.seat], [verdictOf(finding), 0]);
      assert.ok(
        verify(
          committee.seats[0]!.key,
          verdictDigest(domain, attestation.verdict),
          attestation.signature,
        ),
      );
    }));

  it('says the same finding again in the same bytes, and no other about the same block', () =>
    withAttester(async ({ attester, outcomes }) => {
      const first = await attester.attest(findingAt(10n, [hash('value')]));
      assert.deepEqual(await attester.attest(findingAt(10n, [hash('value')])), first);
      assert.equal(await attester.attest(findingAt(10n, [hash('another value')])), null);
      assert.deepEqual(outcomes, ['attested', 'again', 'conflict']);
    }));

  describe('of a watcher whose key is rotated', () => {
    const next = secretsOf(1, 'next')[0]!;
    const later = committeeOf([...secrets.slice(1), next], undefined, 2n);
    const both = {
      secretKeys: [secrets[0]!, next],
      committeeOf: (epoch: bigint) => (epoch === 1n ? committee : epoch === 2n ? later : null),
    };

    it('signs with the former key in the roster that seats it, and with the new one from the next on', () =>
      withAttester(async ({ attester }) => {
        for (const [height, epoch, seat, { seats }] of [
          [10n, 1n, 0, committee],
          [11n, 2n, 3, later],
          [12n, 1n, 0, committee],
        ] as const) {
          const attestation = (await attester.attest(findingAt(height, [], epoch)))!;
          const digest = verdictDigest(domain, attestation.verdict);
          assert.equal(attestation.seat, seat);
          assert.ok(verify(seats[seat]!.key, digest, attestation.signature));
          assert.equal(attester.seatOf(epoch === 1n ? committee : later), seat);
        }
      }, both));

    it('has one record for both keys: what one has signed the other does not contradict', () =>
      withAttester(async ({ attester, outcomes }) => {
        assert.ok(await attester.attest(findingAt(10n, [hash('value')], 1n)));
        assert.equal(await attester.attest(findingAt(10n, [hash('value')], 2n)), null);
        assert.equal(await attester.attest(findingAt(10n, [hash('another')], 2n)), null);
        assert.deepEqual(outcomes, ['attested', 'conflict', 'conflict']);
      }, both));
  });

  it('signs a roll call under the same record: one of a coverage and a block', () =>
    withAttester(async ({ attester, outcomes, protection }) => {
      const { block, epoch, covered } = findingAt(10n);
      const { coverageId, ruleId } = covered;
      const leaves = [{ ruleId, state: STATES.clear }];
      const roll = { block, epoch, coverageId, ruleIds: [ruleId], leaves };
      const attestation = await attester.answer(roll);
      assert.deepEqual(attestation?.verdict, rollCallOf(roll));
      assert.deepEqual(await attester.answer(roll), attestation);
      const other = { ...roll, leaves: [{ ruleId, state: STATES.firing }] };
      assert.equal(await attester.answer(other), null);
      assert.deepEqual(outcomes, ['attested', 'again', 'conflict']);
      assert.equal((await collect(protection.records(0n))).length, 1);
      assert.deepEqual(await attester.resume(10n), [attestation]);
    }));

  it('abstains without a roster and without a seat, and leaves no record of it', () =>
    withAttester(async ({ attester, outcomes, protection }) => {
      assert.equal(await attester.attest(findingAt(10n, [], 3n)), null);
      assert.equal(await attester.attest(findingAt(10n, [], 2n)), null);
      assert.deepEqual(outcomes, ['no-committee', 'no-seat']);
      assert.deepEqual(await collect(protection.records(0n)), []);
    }));

  it('has the record on disk before the signature exists: no record, no signature', () =>
    withAttester(async ({ protection }) => {
      const broken = { ...protection, record: () => Promise.reject(new Error('disk full')) };
      const attester = createAttester({
        domain,
        secretKeys: [secrets[0]!],
        hash: hashPoint,
        protection: broken,
        committeeOf: rosters,
      });
      await assert.rejects(attester.attest(findingAt(10n)), /disk full/);
    }));

  it('signs again after a restart what it may not have published, within the window', () =>
    withAttester(async ({ attester, protection }) => {
      const said = [
        await attester.attest(findingAt(10n)),
        await attester.attest(findingAt(11n)),
        await attester.attest(findingAt(12n)),
      ];
      const restarted = createAttester({
        domain,
        secretKeys: [secrets[0]!],
        hash: hashPoint,
        protection,
        committeeOf: rosters,
      });
      assert.deepEqual(await restarted.resume(11n), said.slice(1));
    }));

  it('does not say again what its record no longer bears out', () =>
    withAttester(async ({ attester, protection }) => {
      const attestation = (await attester.attest(findingAt(10n)))!;
      const key = keyDigest(domain, attestation.verdict);
      const [stored] = await collect(protection.records(0n));
      const forged = {
        ...protection,
        records: async function* () {
          yield {
            ...stored!,
            keyDigest: key,
            payload: stored!.payload.replace(/.{4}$/, 'ffff') as `0x${string}`,
          };
        },
      };
      const restarted = createAttester({
        domain,
        secretKeys: [secrets[0]!],
        hash: hashPoint,
        protection: forged,
        committeeOf: rosters,
      });
      assert.deepEqual(await restarted.resume(0n), []);
    }));
});
