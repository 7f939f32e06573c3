import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { nonSequiturEvidence, type Vouched } from '../../../protocol/evidence.ts';
import { incidentHash } from '../../../protocol/incident.ts';
import type { Rule } from '../../../protocol/types.ts';
import { claimsRoot } from '../../../protocol/verdict.ts';
import {
  landedOffenceOf,
  landPrices,
  offenceOf,
  openJudges,
  type Rig,
  signedBy,
  signPrices,
} from '../support/judges.ts';
import { ANCHOR, HIGH, LOW, verdictAt, word } from '../support/prover.ts';
import { errorOf } from '../support/revert.ts';

const { viem, fresh } = await openJudges();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

const evidenceOf = (
  rig: Rig,
  vouched: Vouched,
  prices: readonly bigint[],
  rule = rig.rule,
): readonly [Hex, Hex] => [
  rig.registry.address,
  nonSequiturEvidence(rig.registry.address, vouched, rule, prices.map(word)),
];

const hear = (rig: Rig, ...args: [Vouched, readonly bigint[], Rule?]) =>
  rig.nonSequitur.read.judge(evidenceOf(rig, ...args));

describe('the judge of what does not follow', () => {
  for (const [what, ruled, prices] of [
    ['with its anchor', ({ rule }) => rule, [HIGH, ANCHOR]],
    ['of a block and one before', ({ lookback }) => lookback, [ANCHOR, HIGH]],
    ['that no longer fires', ({ held }) => held, [HIGH, ANCHOR, LOW, ANCHOR]],
    ['that has not yet fired', ({ held }) => held, [LOW, ANCHOR, HIGH, ANCHOR]],
  ] as readonly (readonly [string, (rig: Rig) => Rule, readonly bigint[]])[])
    it(`convicts by values ${what} on which the rule is clear`, async () => {
      const rig = await fresh();
      const rule = ruled(rig);
      const height = await rig.client.getBlockNumber();
      const signed = await signPrices(rig, height, prices, { rule });
      assert.deepEqual(await hear(rig, signed, prices, rule), offenceOf(rig.epoch, [1, 4]));
    });

  it('convicts by values on which the predicate faults, also who tripped by them', async () => {
    const rig = await fresh();
    const { faulting: rule } = rig;
    const height = await rig.client.getBlockNumber();
    const signed = await signPrices(rig, height, [HIGH], { rule });
    assert.deepEqual(await hear(rig, signed, [HIGH], rule), offenceOf(rig.epoch, [1, 4]));
    const lie = await landPrices(rig, height, [HIGH], { rule, absent: [0] });
    assert.deepEqual(await hear(rig, lie, [HIGH], rule), landedOffenceOf(lie));
  });

  // FeedBound takes 1,000 to 1,600.
  for (const [price, gas, convicts] of [
    [LOW, 800, false],
    [HIGH, 800, true],
    [LOW, 100, true],
  ] as const)
    it(`convicts ${convicts ? 'who signed' : 'nobody'} by a price of ${price} where the rule has ${gas} gas`, async () => {
      const rig = await fresh();
      const rule = { ...rig.lookback, gas };
      const height = await rig.client.getBlockNumber();
      const signed = await signPrices(rig, height, [price, ANCHOR], { rule });
      const call = hear(rig, signed, [price, ANCHOR], rule);
      if (convicts) assert.deepEqual(await call, offenceOf(rig.epoch, [1, 4]));
      else await reverts(call, rig.nonSequitur, 'RuleFires', []);
    });

  it('convicts who tripped by it', async () => {
    const rig = await fresh();
    const height = await rig.client.getBlockNumber();
    const lie = await landPrices(rig, height, [HIGH, ANCHOR], { absent: [0] });
    assert.deepEqual(await hear(rig, lie, [HIGH, ANCHOR]), landedOffenceOf(lie));
  });

  it('convicts nobody by values on which the rule fires', async () => {
    const rig = await fresh();
    const prices = [LOW, ANCHOR];
    const height = await rig.client.getBlockNumber();
    for (const vouched of [
      await signPrices(rig, height, prices),
      await landPrices(rig, height, prices),
    ])
      await reverts(hear(rig, vouched, prices), rig.nonSequitur, 'RuleFires', []);
  });

  it('looks at no block: one that was reorged away convicts as well', async () => {
    const rig = await fresh();
    const verdict = await verdictAt(rig, await rig.client.getBlockNumber(), [HIGH, ANCHOR]);
    const dropped = { ...verdict, blockHash: word(1), height: 10n ** 6n };
    const certificate = await signedBy(rig, dropped, [3]);
    const lie = { kind: 'certificate', certificate } as const;
    assert.deepEqual(await hear(rig, lie, [HIGH, ANCHOR]), offenceOf(rig.epoch, [3]));
  });

  it('takes no values but those that were claimed', async () => {
    const rig = await fresh();
    const height = await rig.client.getBlockNumber();
    const shown = claimsRoot([HIGH, ANCHOR].map(word));
    const signed = await signPrices(rig, height, [LOW, ANCHOR]);
    const digest = await rig.registry.read.digest([
      { ...signed.certificate.verdict, claimsRoot: shown },
    ]);
    await reverts(hear(rig, signed, [HIGH, ANCHOR]), rig.nonSequitur, 'SignatureInvalid', [digest]);
    const landed = await landPrices(rig, height, [LOW, ANCHOR]);
    const { previous, record } = landed.landed;
    await reverts(hear(rig, landed, [HIGH, ANCHOR]), rig.nonSequitur, 'IncidentsUnknown', [
      rig.id,
      incidentHash(previous, { ...record, digest }),
    ]);
  });

  for (const count of [0, 1, 3])
    it(`leaves ${count} values of a rule of two to the judge of false claims`, async () => {
      const rig = await fresh();
      const prices = Array.from({ length: count }, () => HIGH);
      const signed = await signPrices(rig, await rig.client.getBlockNumber(), prices);
      await reverts(hear(rig, signed, prices), rig.nonSequitur, 'ClaimCount', [BigInt(count), 2n]);
    });

  it('hears nothing of opinions, and of code that is not the rule’s', async () => {
    const rig = await fresh();
    const { nonSequitur, rule, predicate } = rig;
    const height = await rig.client.getBlockNumber();
    const opinion = { ...rig.rule, class: 'B' } as const;
    const signed = await signPrices(rig, height, [HIGH, ANCHOR], { rule: opinion });
    await reverts(hear(rig, signed, [HIGH, ANCHOR], opinion), nonSequitur, 'ClassRefused', [2]);
    const other: Rule = { ...rule, codeHash: word(1) };
    const pinned = await signPrices(rig, height, [HIGH, ANCHOR], { rule: other });
    await reverts(hear(rig, pinned, [HIGH, ANCHOR], other), nonSequitur, 'CodeMismatch', [
      predicate.address,
      word(1),
      rule.codeHash,
    ]);
  });

  it('cannot be starved into another answer', async () => {
    const rig = await fresh();
    const { nonSequitur, client } = rig;
    const height = await client.getBlockNumber();
    const answers = async (prices: readonly bigint[]) => {
      const args = evidenceOf(rig, await signPrices(rig, height, prices), prices);
      const seen = new Set<string>();
      for (let gas = 40_000n; gas <= 400_000n; gas += 4_000n)
        seen.add(
          await client
            .readContract({ ...nonSequitur, functionName: 'judge', args, gas } as never)
            .then(() => 'convicts')
            .catch((error: unknown) => nameOf(error)),
        );
      return [...seen];
    };
    /** What ran out before it came to the predicate fails in many ways. */
    const nameOf = async (error: unknown) => {
      const { name } = await errorOf(Promise.reject(error), nonSequitur).catch(() => ({
        name: 'none',
      }));
      return name === 'RuleFires' || name === 'GasShort' ? name : 'out of gas';
    };
    const convicted = await answers([HIGH, ANCHOR]);
    assert.deepEqual(
      convicted.filter((answer) => answer !== 'out of gas'),
      ['GasShort', 'convicts'],
    );
    const firing = await answers([LOW, ANCHOR]);
    assert.deepEqual(
      firing.filter((answer) => answer !== 'out of gas'),
      ['GasShort', 'RuleFires'],
    );
  });
});
