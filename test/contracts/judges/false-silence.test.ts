import assert from 'node:assert/strict';
import { concatHex, type Hex, zeroHash } from 'viem';
import { falseSilenceEvidence } from '../../../protocol/evidence.ts';
import type { Leaf } from '../../../protocol/roll-call.ts';
import { anchorSlot } from '../../../protocol/storage.ts';
import type { Rule, Verdict } from '../../../protocol/types.ts';
import { ruleId } from '../../../protocol/verdict.ts';
import { offenceOf, openJudges, type Rig, signedBy } from '../support/judges.ts';
import { HIGH, LOW, proofOf, proofsOn, word, write } from '../support/prover.ts';
import { asOwner } from '../support/registry.ts';
import { rollCallOf } from '../support/roll-calls.ts';

const { viem, networkHelpers, fresh } = await openJudges();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;
const [CLEAR, FIRING, FAULTED] = [0, 1, 2];
const STATES = ['clear', 'firing', 'faulted'] as const;
const SIGNERS = [1, 4];

/** A leaf for each rule, all in one state but for those named. */
const leavesOf = (rig: Rig, state: number): Leaf[] =>
  [rig.rule, rig.lookback, rig.held, rig.faulting, rig.opinion].map((rule) => ({
    ruleId: ruleId(rule),
    state,
  }));

/** What a hearing is tried with. */
type Attempt = Readonly<{
  rule?: Rule;
  leaves?: readonly Leaf[];
  shown?: readonly Leaf[];
  place?: number;
  changes?: Partial<Verdict>;
  proof?: Hex;
}>;

/** Hears of a roll call at a height whose leaves all say the same, but for what a test wants otherwise. */
const hear = async (rig: Rig, height: bigint, state: number, attempt: Attempt = {}) => {
  const { rule = rig.rule, leaves = leavesOf(rig, state), shown = leaves, changes } = attempt;
  const { place = shown.findIndex((leaf) => leaf.ruleId === ruleId(rule)) } = attempt;
  const verdict = await rollCallOf(rig, height, leaves, changes);
  const certificate = await signedBy(rig, verdict, SIGNERS);
  const proof = attempt.proof ?? (await proofOf(rig, rig.id, rule, height));
  const { address } = rig.registry;
  return rig.falseSilence.read.judge([
    address,
    falseSilenceEvidence(address, certificate, shown, place, rule, proof),
  ]);
};

/** A block with this price, and one more. */
const settle = async (rig: Rig, price: bigint) => {
  const height = await write(rig, price);
  await networkHelpers.mine();
  return height;
};

describe('a roll call', () => {
  for (const [price, found] of [
    [HIGH, CLEAR],
    [LOW, FIRING],
  ] as const)
    for (const said of [CLEAR, FIRING, FAULTED])
      it(`that says ${STATES[said]} of a rule that was ${STATES[found]} convicts ${said === found ? 'nobody' : 'who signed it'}`, async () => {
        const rig = await fresh();
        const height = await settle(rig, price);
        for (const rule of [rig.rule, rig.lookback]) {
          const call = hear(rig, height, said, { rule });
          if (said === found) await reverts(call, rig.falseSilence, 'LeafStands', [said]);
          else assert.deepEqual(await call, offenceOf(rig.epoch, SIGNERS));
        }
      });

  for (const said of [CLEAR, FIRING, FAULTED])
    it(`that says ${STATES[said]} of a rule that faulted convicts ${said === FAULTED ? 'nobody' : 'who signed it'}`, async () => {
      const rig = await fresh();
      const call = hear(rig, await settle(rig, LOW), said, { rule: rig.faulting });
      if (said === FAULTED) await reverts(call, rig.falseSilence, 'LeafStands', [said]);
      else assert.deepEqual(await call, offenceOf(rig.epoch, SIGNERS));
    });

  // FeedBound takes 1,000 to 1,600.
  for (const [gas, said, convicts] of [
    [16_000, FAULTED, true],
    [7_000, FAULTED, false],
    [7_000, FIRING, false],
    [800, FAULTED, false],
    [800, FIRING, false],
    [800, CLEAR, true],
    [100, FIRING, true],
    [100, CLEAR, true],
  ] as const)
    it(`that says ${STATES[said]} of a firing rule with ${gas} gas convicts ${convicts ? 'who signed it' : 'nobody'}`, async () => {
      const rig = await fresh();
      const height = await settle(rig, LOW);
      const rule = { ...rig.lookback, gas };
      const leaves = [{ ruleId: ruleId(rule), state: said }];
      const call = hear(rig, height, said, { rule, leaves });
      if (convicts) assert.deepEqual(await call, offenceOf(rig.epoch, SIGNERS));
      else await reverts(call, rig.falseSilence, 'LeafStands', [said]);
    });

  it('that says that a rule holds which has not held as long convicts', async () => {
    const rig = await fresh();
    await settle(rig, HIGH);
    await networkHelpers.mine(3);
    const height = await settle(rig, LOW);
    const offence = await hear(rig, height, FIRING, { rule: rig.held });
    assert.deepEqual(offence, offenceOf(rig.epoch, SIGNERS));
    const honest = hear(rig, height, CLEAR, { rule: rig.held });
    await reverts(honest, rig.falseSilence, 'LeafStands', [CLEAR]);
  });

  it('is judged leaf by leaf, also where a rule is named twice', async () => {
    const rig = await fresh();
    const height = await settle(rig, LOW);
    const [leaf] = leavesOf(rig, FIRING);
    const leaves = [leaf!, { ...leaf!, state: CLEAR }];
    const offence = await hear(rig, height, FIRING, { leaves, place: 1 });
    assert.deepEqual(offence, offenceOf(rig.epoch, SIGNERS));
    const honest = hear(rig, height, FIRING, { leaves, place: 0 });
    await reverts(honest, rig.falseSilence, 'LeafStands', [FIRING]);
  });

  it('says nothing of a rule by another’s leaf, or by none', async () => {
    const rig = await fresh();
    const height = await settle(rig, LOW);
    const { falseSilence, rule, lookback } = rig;
    await reverts(hear(rig, height, CLEAR, { place: 1 }), falseSilence, 'LeafOfAnotherRule', [
      1n,
      ruleId(rule),
      ruleId(lookback),
    ]);
    await reverts(hear(rig, height, CLEAR, { place: 5 }), falseSilence, 'LeafUnknown', [5n, 5n]);
    await reverts(hear(rig, height, CLEAR, { leaves: [], place: 0 }), falseSilence, 'LeafUnknown', [
      0n,
      0n,
    ]);
  });

  it('is shown as it was signed', async () => {
    const rig = await fresh();
    const height = await settle(rig, LOW);
    const shown = leavesOf(rig, CLEAR);
    const digest = await rig.registry.read.digest([await rollCallOf(rig, height, shown)]);
    const call = hear(rig, height, FIRING, { shown });
    await reverts(call, rig.falseSilence, 'SignatureInvalid', [digest]);
  });

  for (const [what, changes] of [
    ['of another chain', { observedChainId: 1n }],
    ['that is a rule’s verdict', { ruleId: word(1) }],
    ['with another subject', { subject: zeroHash }],
    ['with a rung', { rung: 1 }],
    ['with a life', { life: 1 }],
  ] as const)
    it(`${what} is none`, async () => {
      const rig = await fresh();
      const height = await settle(rig, LOW);
      const digest = await rig.registry.read.digest([
        await rollCallOf(rig, height, leavesOf(rig, CLEAR)),
      ]);
      const call = hear(rig, height, CLEAR, { changes });
      await reverts(call, rig.falseSilence, 'SignatureInvalid', [digest]);
    });

  it('of a block that was reorged away, or of an epoch that was never opened, is not judged', async () => {
    const rig = await fresh();
    const height = await settle(rig, LOW);
    const { falseSilence, client } = rig;
    const { hash } = await client.getBlock({ blockNumber: height });
    const dropped = hear(rig, height, CLEAR, { changes: { blockHash: word(1) } });
    await reverts(dropped, falseSilence, 'BlockNotCanonical', [height, word(1), hash]);
    const unopened = hear(rig, height, CLEAR, { changes: { epoch: 99n } });
    await reverts(unopened, falseSilence, 'EpochUnknown', [99n]);
  });

  it('is judged by no opinion', async () => {
    const rig = await fresh();
    const height = await settle(rig, LOW);
    const call = hear(rig, height, CLEAR, { rule: rig.opinion, proof: '0x' });
    await reverts(call, rig.falseSilence, 'ClassRefused', [2]);
  });

  it('is judged by the anchor of its block', async () => {
    const rig = await fresh();
    const { registry, id, rule, client } = rig;
    const height = await settle(rig, LOW);
    const blockHash = await registry.read.anchor([id, ruleId(rule)]);
    const { number: anchor } = await client.getBlock({ blockHash });
    await registry.write.disarm([id, ruleId(rule)], asOwner(rig));
    const { proofAt, proofsOf } = proofsOn(rig);
    const slot = anchorSlot(id, ruleId(rule));
    const proof = concatHex([
      await proofAt(height, [{ account: registry.address, slot }]),
      ...(await proofsOf(rule, height, anchor)),
    ]);
    assert.deepEqual(await hear(rig, height, CLEAR, { proof }), offenceOf(rig.epoch, SIGNERS));
    const honest = hear(rig, height, FIRING, { proof });
    await reverts(honest, rig.falseSilence, 'LeafStands', [FIRING]);
  });
});
