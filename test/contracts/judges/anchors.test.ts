import assert from 'node:assert/strict';
import { concatHex, type Hex, zeroHash } from 'viem';
import type { Ask } from '../../../node/lib/rpc.ts';
import { trueClaims } from '../../../node/observe/true-claims.ts';
import { falseClaimEvidence } from '../../../protocol/evidence.ts';
import { anchorSlot } from '../../../protocol/storage.ts';
import type { Verdict } from '../../../protocol/types.ts';
import { claimsRoot, evmRule, ruleId } from '../../../protocol/verdict.ts';
import {
  landedOffenceOf,
  landPrices,
  offenceOf,
  openJudges,
  type Rig,
  signPrices,
} from '../support/judges.ts';
import { ANCHOR, HIGH, LOW, proofOf, proofsOn, word, write } from '../support/prover.ts';
import { arm, asOwner, MANIFEST } from '../support/registry.ts';

const { viem, networkHelpers, fresh } = await openJudges();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

/** A block at which the price is HIGH, and the block that the rule is anchored to by then. */
const before = async (rig: Rig) => {
  const height = await write(rig, HIGH);
  await networkHelpers.mine();
  const blockHash = await rig.registry.read.anchor([rig.id, ruleId(rig.rule)]);
  return { height, anchor: (await rig.client.getBlock({ blockHash })).number };
};

/** A proof of the rule's values; and the same behind one of the anchor that the registry kept at the block. */
const proofsOf = async (rig: Rig, height: bigint, anchor: bigint) => {
  const { proofAt, proofsOf: all } = proofsOn(rig);
  const values = concatHex(await all(rig.rule, height, anchor));
  const slot = anchorSlot(rig.id, ruleId(rig.rule));
  const kept = await proofAt(height, [{ account: rig.registry.address, slot }]);
  return { values, anchored: concatHex([kept, values]) };
};

const disarm = (rig: Rig) => rig.registry.write.disarm([rig.id, ruleId(rig.rule)], asOwner(rig));

/** What an owner may do after a verdict. */
const AFTER: readonly (readonly [string, (rig: Rig) => Promise<unknown>])[] = [
  ['disarmed', disarm],
  [
    'armed anew',
    async (rig) => {
      await disarm(rig);
      await write(rig, LOW);
      await arm(rig, rig.id, rig.rule);
    },
  ],
  [
    'dropped',
    async (rig) => {
      const { registry, id, rule, lookback, held, faulting, opinion } = rig;
      const former = [rule, lookback, held, faulting, opinion].map(ruleId);
      const rules = [evmRule(lookback)];
      await registry.write.amend([id, former, rules, MANIFEST], asOwner(rig));
    },
  ],
];

/** What a node proves of a verdict, by what the registry keeps now. */
const provenBy = async ({ client, registry, rule }: Rig, verdict: Verdict): Promise<Hex> => {
  const ask: Ask = async (method, params, parse) =>
    parse(await client.request({ method, params } as never));
  const found = await trueClaims(ask, registry.address, { rule }, verdict);
  return found!.proof;
};

describe('a verdict of a rule with an anchor', () => {
  for (const [what, happens] of AFTER) {
    it(`is judged by the anchor of its block, though the rule was ${what} since`, async () => {
      const rig = await fresh();
      const { registry, falseClaim } = rig;
      const { height, anchor } = await before(rig);
      const truth = await signPrices(rig, height, [HIGH, ANCHOR]);
      const lie = await signPrices(rig, height, [LOW, ANCHOR]);
      await happens(rig);
      const { anchored } = await proofsOf(rig, height, anchor);
      assert.equal(await provenBy(rig, lie.certificate.verdict), anchored);
      const hear = (vouched: typeof lie) =>
        falseClaim.read.judge([
          registry.address,
          falseClaimEvidence(registry.address, vouched, rig.rule, anchored),
        ]);
      assert.deepEqual(await hear(lie), offenceOf(rig.epoch, [1, 4]));
      await reverts(hear(truth), falseClaim, 'ClaimsTrue', [claimsRoot([HIGH, ANCHOR].map(word))]);
    });

    it(`is not judged by any other, once the rule was ${what}`, async () => {
      const rig = await fresh();
      const { registry, falseClaim } = rig;
      const { height, anchor } = await before(rig);
      const truth = await signPrices(rig, height, [HIGH, ANCHOR]);
      await happens(rig);
      const { values } = await proofsOf(rig, height, anchor);
      const now = await proofOf(rig, rig.id, rig.rule, height);
      for (const proof of [values, now]) {
        const evidence = falseClaimEvidence(registry.address, truth, rig.rule, proof);
        await assert.rejects(falseClaim.read.judge([registry.address, evidence]));
      }
    });
  }

  it('that tripped is judged though its coverage was retired', async () => {
    const rig = await fresh();
    const { height } = await before(rig);
    const lie = await landPrices(rig, height, [LOW, ANCHOR]);
    await rig.registry.write.retire([rig.id], asOwner(rig));
    const proof = await provenBy(rig, lie.verdict);
    const evidence = falseClaimEvidence(rig.registry.address, lie, rig.rule, proof);
    assert.deepEqual(
      await rig.falseClaim.read.judge([rig.registry.address, evidence]),
      landedOffenceOf(lie),
    );
  });

  it('about the block in which the rule was armed anew is judged by the new anchor', async () => {
    const rig = await fresh();
    const { registry, falseClaim, client } = rig;
    await disarm(rig);
    await write(rig, LOW);
    await arm(rig, rig.id, rig.rule);
    const height = await client.getBlockNumber();
    await networkHelpers.mine();
    const { armedAt } = await registry.read.ruleState([rig.id, ruleId(rig.rule)]);
    assert.equal(BigInt(armedAt), height);
    const [truth, lie] = [
      await signPrices(rig, height, [LOW, LOW]),
      await signPrices(rig, height, [LOW, ANCHOR]),
    ];
    const proof = await proofOf(rig, rig.id, rig.rule, height);
    const hear = (vouched: typeof lie, shown: Hex) =>
      falseClaim.read.judge([
        registry.address,
        falseClaimEvidence(registry.address, vouched, rig.rule, shown),
      ]);
    assert.deepEqual(await hear(lie, proof), offenceOf(rig.epoch, [1, 4]));
    await reverts(hear(truth, proof), falseClaim, 'ClaimsTrue', [claimsRoot([LOW, LOW].map(word))]);
  });

  it('is not taken for one of a dropped block where a provider gives no answer', async () => {
    const rig = await fresh();
    const { height } = await before(rig);
    const { certificate } = await signPrices(rig, height, [LOW, ANCHOR]);
    const { registry, rule } = rig;
    const silent: Ask = () => Promise.reject(new RangeError('no answer'));
    await assert.rejects(trueClaims(silent, registry.address, { rule }, certificate.verdict));
    const dropped: Ask = async (_method, _params, parse) => parse(null);
    const found = await trueClaims(dropped, registry.address, { rule }, certificate.verdict);
    assert.equal(found, null);
  });

  it('at whose block it had none is not judged', async () => {
    const rig = await fresh();
    const { registry, falseClaim } = rig;
    const { anchor } = await before(rig);
    await disarm(rig);
    const height = await write(rig, HIGH);
    const lie = await signPrices(rig, height, [LOW, ANCHOR]);
    await arm(rig, rig.id, rig.rule);
    const { anchored } = await proofsOf(rig, height, anchor);
    const evidence = falseClaimEvidence(registry.address, lie, rig.rule, anchored);
    await reverts(
      falseClaim.read.judge([registry.address, evidence]),
      falseClaim,
      'AnchorUnknown',
      [rig.id, ruleId(rig.rule), height],
    );
    assert.notEqual(await registry.read.anchor([rig.id, ruleId(rig.rule)]), zeroHash);
  });
});
