import assert from 'node:assert/strict';
import { type Hex, keccak256, toHex, zeroHash } from 'viem';
import type { Rule } from '../../protocol/types.ts';
import { ruleId } from '../../protocol/verdict.ts';
import { openRegistry } from './support/coverage.ts';
import { refusesEach, type Wrong } from './support/refusals.ts';
import { arm, asOwner, coverArmed, type Rig, submit, verdictOf } from './support/registry.ts';

const opened = await openRegistry();
const { viem, networkHelpers, bare, shadow, rungs: fresh } = opened;
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;
const other = keccak256(toHex('another'));

describe('the block of a verdict', () => {
  const wrong: readonly Wrong[] = [
    [
      'of the block it would be in',
      async (_, head) => [
        { height: head + 1n, blockHash: other },
        'VerdictFuture',
        [head + 1n, head + 1n],
      ],
    ],
    [
      'of a block far off',
      async (_, head) => [
        { height: 2n ** 64n - 1n, blockHash: other },
        'VerdictFuture',
        [2n ** 64n - 1n, head + 1n],
      ],
    ],
    [
      'of a block that was reorged away',
      async (rig, head) => [
        { blockHash: other },
        'BlockHashMismatch',
        [head, other, (await rig.client.getBlock()).hash],
      ],
    ],
    [
      'of no block',
      async (rig, head) => [
        { blockHash: zeroHash },
        'BlockHashMismatch',
        [head, zeroHash, (await rig.client.getBlock()).hash],
      ],
    ],
  ];
  refusesEach(opened, wrong);

  it('takes a verdict 32 blocks old and no older', async () => {
    const rig = await fresh();
    const verdict = await verdictOf(rig, rig.id);
    await networkHelpers.mine(31);
    const kept = await networkHelpers.takeSnapshot();
    await submit(rig, verdict);
    await kept.restore();
    await networkHelpers.mine(1);
    await reverts(submit(rig, verdict), rig.registry, 'VerdictTooOld', [
      verdict.height,
      verdict.height + 1n,
    ]);
  });

  it('of a rule in shadow is refused, and cannot be used once the rule is armed', async () => {
    const rig = await shadow();
    const verdict = await verdictOf(rig, rig.id);
    await reverts(submit(rig, verdict), rig.registry, 'RuleNotArmed', [verdict.ruleId, 1]);
    await arm(rig, rig.id, rig.rule);
    const armedAt = BigInt((await rig.registry.read.ruleState([rig.id, verdict.ruleId])).armedAt);
    await reverts(submit(rig, verdict), rig.registry, 'VerdictBeforeArming', [
      verdict.height,
      armedAt,
    ]);
    await networkHelpers.mine();
    await submit(rig, await verdictOf(rig, rig.id, { height: armedAt }));
  });
});

describe('the replay slot of a rule', () => {
  it('counts each height once', async () => {
    const rig = await fresh();
    const verdict = await verdictOf(rig, rig.id);
    await submit(rig, verdict);
    await reverts(submit(rig, verdict), rig.registry, 'VerdictStale', [
      verdict.height,
      verdict.height,
    ]);
  });

  it('keeps the replay slots of rules apart', async () => {
    const rig = await fresh();
    const newest = await verdictOf(rig, rig.id);
    await submit(rig, newest);
    await submit(rig, { ...(await verdictOf(rig, rig.id, { height: newest.height }, rig.light)) });
  });

  it('is refused a second time, and so is an older one', async () => {
    const rig = await fresh();
    const older = await verdictOf(rig, rig.id);
    await networkHelpers.mine();
    const verdict = await verdictOf(rig, rig.id);
    await submit(rig, verdict);
    await reverts(submit(rig, verdict), rig.registry, 'VerdictStale', [
      verdict.height,
      verdict.height,
    ]);
    await reverts(submit(rig, older), rig.registry, 'VerdictStale', [older.height, verdict.height]);
  });
});

describe('a rule that looks back', () => {
  /** Its hold and the lookback of its reference together. */
  const REACH = 3;
  const deploy = async () => {
    const rig = await bare();
    const rule: Rule = { ...rig.rule, hold: 1, reference: { kind: 'lookback', blocks: 2 } };
    return { ...rig, rule, id: await coverArmed(rig, [rule]) };
  };
  const freshHeld = () => networkHelpers.loadFixture(deploy);
  /** Submits a verdict about a height, in a block that knows it. */
  const submitAt = async (rig: Rig & { id: Hex }, height: bigint) => {
    await networkHelpers.mineUpTo(height);
    return submit(rig, await verdictOf(rig, rig.id, { height }));
  };

  it('trips once the earlier block too is one of those it was armed for', async () => {
    const rig = await freshHeld();
    const armedAt = BigInt((await rig.registry.read.ruleState([rig.id, ruleId(rig.rule)])).armedAt);
    const first = armedAt + BigInt(REACH);
    await reverts(submitAt(rig, first - 1n), rig.registry, 'VerdictBeforeArming', [
      armedAt - 1n,
      armedAt,
    ]);
    await submitAt(rig, first);
    assert.equal(await rig.target.read.rung(), 3);
  });

  it('trips once the earlier block too is after the last that its owner ended', async () => {
    const rig = await freshHeld();
    const armedAt = BigInt((await rig.registry.read.ruleState([rig.id, ruleId(rig.rule)])).armedAt);
    await networkHelpers.mineUpTo(armedAt + 20n);
    await rig.registry.write.end([rig.id], asOwner(rig));
    const { notBefore } = await rig.registry.read.coverage([rig.id]);
    const first = notBefore + 1n + BigInt(REACH);
    await reverts(submitAt(rig, first - 1n), rig.registry, 'VerdictStale', [notBefore, notBefore]);
    await submitAt(rig, first);
    assert.equal(await rig.target.read.rung(), 3);
  });

  it('holds its replay slot to the height it is about, not to the earlier block', async () => {
    const rig = await freshHeld();
    const armedAt = BigInt((await rig.registry.read.ruleState([rig.id, ruleId(rig.rule)])).armedAt);
    const first = armedAt + BigInt(REACH);
    await submitAt(rig, first);
    await networkHelpers.time.increase(3600);
    await submitAt(rig, first + BigInt(REACH));
    const lastHeight = BigInt(
      (await rig.registry.read.ruleState([rig.id, ruleId(rig.rule)])).lastHeight,
    );
    assert.equal(lastHeight, first + BigInt(REACH));
  });

  it('for more blocks than there have been is not taken to have held', async () => {
    const rig = await bare();
    const rule: Rule = { ...rig.rule, hold: 96, reference: { kind: 'none' } };
    const id = await coverArmed(rig, [rule]);
    const verdict = await verdictOf(rig, id, {}, rule);
    assert.ok(verdict.height < 1000n, `${verdict.height}`);
    await reverts(submit(rig, verdict), rig.registry, 'VerdictStale', [0n, 0n]);
  });
});
