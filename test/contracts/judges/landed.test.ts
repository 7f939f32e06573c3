import assert from 'node:assert/strict';
import { incidentHash } from '../../../protocol/incident.ts';
import { claimsRoot } from '../../../protocol/verdict.ts';
import { wordsOf } from '../support/court.ts';
import { evidenceOf, hear, openFalseClaims } from '../support/false-claims.ts';
import { landedOffenceOf, landPrices, recordOf, type Rig } from '../support/judges.ts';
import { ANCHOR, HIGH, LOW, prove, verdictAt, word, write } from '../support/prover.ts';

const { viem, calm, fresh } = await openFalseClaims();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

describe('an incident', () => {
  /** A lie and a later incident of another rule. */
  const two = async (rig: Rig) => {
    const lie = await landPrices(rig, await calm(rig), [LOW, ANCHOR]);
    const later = await landPrices(rig, await calm(rig), [LOW, HIGH], { rule: rig.lookback });
    return { lie, later };
  };
  const followedBy = <V extends Awaited<ReturnType<typeof two>>['lie']>(
    lie: V,
    trail: V['landed']['trail'],
  ): V => ({ ...lie, landed: { ...lie.landed, trail } });

  it('is known by those that have followed it', async () => {
    const rig = await fresh();
    const { lie, later } = await two(rig);
    const evidence = await evidenceOf(rig, followedBy(lie, [later.landed.record]));
    assert.deepEqual(await hear(rig, evidence), landedOffenceOf(lie));
    const last = await evidenceOf(rig, later, rig.lookback);
    assert.deepEqual(await hear(rig, last), landedOffenceOf(later));
  });

  it('is known once it was booked, whatever follows', async () => {
    const rig = await fresh();
    const lie = await landPrices(rig, await calm(rig), [LOW, ANCHOR]);
    await rig.book.write.book([rig.id]);
    await landPrices(rig, await calm(rig), [LOW, HIGH], { rule: rig.lookback });
    assert.deepEqual(await hear(rig, await evidenceOf(rig, lie)), landedOffenceOf(lie));
  });

  it('is known by those that followed it before one was booked', async () => {
    const rig = await fresh();
    const { lie, later } = await two(rig);
    await rig.book.write.book([rig.id]);
    await landPrices(rig, await calm(rig), [LOW], { rule: rig.faulting });
    const evidence = await evidenceOf(rig, followedBy(lie, [later.landed.record]));
    assert.deepEqual(await hear(rig, evidence), landedOffenceOf(lie));
  });

  it('is not known by a running hash that was never booked', async () => {
    const rig = await fresh();
    const { lie } = await two(rig);
    const { previous, record } = lie.landed;
    await reverts(hear(rig, await evidenceOf(rig, lie)), rig.falseClaim, 'IncidentsUnknown', [
      rig.id,
      incidentHash(previous, record),
    ]);
  });

  for (const [what, change] of [
    ['other signers', { signers: wordsOf([0]) }],
    ['another weight', { signed: 1n }],
    ['another total', { total: 101n }],
    ['another time', { trippedAt: 1n }],
    ['another end', { end: 1n }],
  ] as const)
    it(`is not known with ${what}, first or later`, async () => {
      const rig = await fresh();
      const { lie, later } = await two(rig);
      const { previous, record } = lie.landed;
      const forged = { ...record, ...change };
      await reverts(
        hear(
          rig,
          await evidenceOf(
            rig,
            followedBy({ ...lie, landed: { ...lie.landed, record: forged } }, [
              later.landed.record,
            ]),
          ),
        ),
        rig.falseClaim,
        'IncidentsUnknown',
        [rig.id, incidentHash(incidentHash(previous, forged), later.landed.record)],
      );
      const trail = [{ ...later.landed.record, ...change }];
      await reverts(
        hear(rig, await evidenceOf(rig, followedBy(lie, trail))),
        rig.falseClaim,
        'IncidentsUnknown',
        [rig.id, incidentHash(incidentHash(previous, record), trail[0]!)],
      );
    });

  it('is not known of another verdict, or after another', async () => {
    const rig = await fresh();
    const lie = await landPrices(rig, await calm(rig), [LOW, ANCHOR]);
    const { previous, record } = lie.landed;
    const verdict = { ...lie.verdict, claimsRoot: claimsRoot([word(7)]) };
    const digest = await rig.registry.read.digest([verdict]);
    for (const [forged, hash] of [
      [{ ...lie, verdict }, incidentHash(previous, { ...record, digest })],
      [{ ...lie, landed: { ...lie.landed, previous: digest } }, incidentHash(digest, record)],
    ] as const)
      await reverts(hear(rig, await evidenceOf(rig, forged)), rig.falseClaim, 'IncidentsUnknown', [
        rig.id,
        hash,
      ]);
  });

  it('by proof is nobody’s word', async () => {
    const rig = await fresh();
    const height = await write(rig, LOW);
    const { incidents: previous } = await rig.registry.read.coverage([rig.id]);
    const record = await recordOf(rig, await prove(rig));
    const verdict = await verdictAt(rig, height, [LOW, ANCHOR]);
    const vouched = { kind: 'incident', verdict, landed: { previous, record, trail: [] } } as const;
    await reverts(hear(rig, await evidenceOf(rig, vouched)), rig.falseClaim, 'NobodySigned', [
      record.digest,
    ]);
  });
});
