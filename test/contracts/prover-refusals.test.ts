import assert from 'node:assert/strict';
import { encodeFunctionData } from 'viem';
import type { Rule } from '../../protocol/types.ts';
import { evmRule, ruleId } from '../../protocol/verdict.ts';
import { REENTERED, way } from './support/hostile.ts';
import {
  HIGH,
  LOW,
  openProver,
  proofOf,
  prove,
  proving,
  type Rig,
  write,
} from './support/prover.ts';
import { refusesEach, stateOf } from './support/prover-refusals.ts';
import { arm, asOwner, cover, coverArmed, UNKNOWN } from './support/registry.ts';

const opened = await openProver();
const { viem, networkHelpers, fresh } = opened;
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

describe('a rule', () => {
  refusesEach(opened, [
    [
      'of class B',
      async ({ opinion }) => ({
        rule: opinion,
        proof: '0x',
        by: 'prover',
        error: 'ClassRefused',
        args: [2],
      }),
    ],
    [
      'that does not fire',
      async (rig) => {
        await write(rig, HIGH);
        return { by: 'prover', error: 'NotFiring', args: [0] };
      },
    ],
    [
      'that faults',
      async ({ faulting }) => ({ rule: faulting, by: 'prover', error: 'NotFiring', args: [2] }),
    ],
    [
      'that has not fired for as long as it must hold',
      async (rig) => {
        await networkHelpers.mine();
        return { rule: rig.held, by: 'prover', error: 'NotFiring', args: [0] };
      },
    ],
    [
      'in shadow with an anchor',
      async (rig) => {
        await rig.registry.write.disarm([rig.id, ruleId(rig.rule)], asOwner(rig));
        const args = [rig.id, ruleId(rig.rule)];
        return { by: 'prover', error: 'AnchorUnknown', args };
      },
    ],
    [
      'in shadow',
      async ({ registry, id, lookback, guardian }, height) => {
        await registry.write.disarm([id, ruleId(lookback)], { account: guardian.account });
        const args = [ruleId(lookback), 1];
        return { rule: lookback, height, by: 'registry', error: 'RuleNotArmed', args };
      },
    ],
    [
      'at a height before it was armed',
      async (rig, height) => {
        const { registry, id, lookback } = rig;
        await registry.write.disarm([id, ruleId(lookback)], asOwner(rig));
        await arm(rig, id, lookback);
        const { armedAt } = await registry.read.ruleState([id, ruleId(lookback)]);
        const args = [height - 1n, BigInt(armedAt)];
        return { rule: lookback, height, by: 'registry', error: 'VerdictBeforeArming', args };
      },
    ],
    [
      'with other bytes than were covered',
      async (rig) => {
        const rule: Rule = { ...rig.lookback, life: 7200 };
        return { rule, by: 'registry', error: 'RuleUnknown', args: [ruleId(rule)] };
      },
    ],
    [
      'whose predicate has other code',
      async ({ rule }) => {
        await networkHelpers.setCode(rule.code, '0x00');
        await networkHelpers.mine();
        return { by: 'prover', error: 'CodeMismatch' };
      },
    ],
  ]);
});

describe('a coverage', () => {
  refusesEach(opened, [
    [
      'that there is not',
      async ({ lookback }, height) => ({
        id: UNKNOWN,
        rule: lookback,
        height,
        by: 'registry',
        error: 'CoverageUnknown',
        args: [UNKNOWN],
      }),
    ],
    [
      'that has not this rule',
      async (rig, height) => {
        const target = await viem.deployContract('GuardedSample', [
          rig.hub.address,
          rig.guardian.account.address,
        ]);
        const id = await cover(rig, [rig.rule], { of: target.address });
        const args = [ruleId(rig.lookback)];
        return { id, rule: rig.lookback, height, by: 'registry', error: 'RuleUnknown', args };
      },
    ],
    [
      'that is retired',
      async (rig) => {
        await rig.registry.write.retire([rig.id], asOwner(rig));
        return { by: 'registry', error: 'CoverageRetired', args: [rig.id] };
      },
    ],
    [
      'whose owner has ended what its blocks tripped',
      async (rig, height) => {
        await rig.registry.write.end([rig.id], asOwner(rig));
        const args = [height, height + 1n];
        return { height, by: 'registry', error: 'VerdictStale', args };
      },
    ],
    [
      'that was tripped by the same proof',
      async (rig, height) => {
        await prove(rig);
        return { height, by: 'registry', error: 'VerdictStale', args: [height, height] };
      },
    ],
    [
      'that is tripped for long enough',
      async (rig) => {
        await prove(rig);
        const { end } = await rig.hub.read.tripOf([rig.target.address, 3]);
        const args = [rig.target.address, 3, end];
        return { by: 'hub', error: 'TripStillLong', args };
      },
    ],
  ]);

  it('whose target fails is not tripped, and nobody is paid for it', async () => {
    const rig = await fresh();
    const { hub, registry } = rig;
    const { hostile, id } = await coverHostile(rig);
    await hostile.write.behave([way('revert'), way('honest'), way('honest')]);
    await write(rig, LOW);
    const before = await registry.read.coverage([id]);
    const args = [hostile.address, 3] as const;
    await reverts(prove(rig, { id }), hub, 'TripFailed', [...args]);
    await hostile.write.behave([way('idle'), way('honest'), way('honest')]);
    const idle = [...args, 0] as const;
    await reverts(prove(rig, { id }), hub, 'TripHadNoEffect', [...idle]);
    assert.deepEqual(await registry.read.coverage([id]), before);
    assert.equal(await registry.read.failedAt([id]), 0n);
  });

  it('whose target proves something itself while it is tripped is tripped once', async () => {
    const rig = await fresh();
    const { hostile, id } = await coverHostile(rig);
    const height = await write(rig, LOW);
    const proof = await proofOf(rig, id, rig.rule, height);
    const payload = encodeFunctionData({
      abi: rig.prover.abi,
      functionName: 'trip',
      args: [rig.id, evmRule(rig.rule), height, await proofOf(rig, rig.id, rig.rule, height)],
    });
    await hostile.write.aim([rig.prover.address, payload]);
    await hostile.write.behave([way('reenter'), way('honest'), way('honest')]);
    await prove(rig, { id, height, proof });
    assert.deepEqual(
      [await hostile.read.reentered(), await hostile.read.answer()],
      [false, REENTERED],
    );
    assert.deepEqual([await hostile.read.rung(), await rig.target.read.rung()], [3, 0]);
  });

  it('is tripped with all the gas that it takes, or not at all', async () => {
    const rig = await fresh();
    await write(rig, LOW);
    const before = await stateOf(rig);
    const args = await proving(rig);
    const { account } = rig.submitter;
    for (const gas of [100_000n, 200_000n, 300_000n, 700_000n, 1_300_000n]) {
      await assert.rejects(rig.prover.write.trip(args, { gas, account }));
      assert.deepEqual(await stateOf(rig), before);
    }
    await rig.prover.write.trip(args, { gas: 1_700_000n, account });
    assert.equal(await rig.target.read.rung(), 3);
  });
});

async function coverHostile(rig: Rig) {
  const hostile = await viem.deployContract('HostileTarget', [
    rig.hub.address,
    rig.guardian.account.address,
  ]);
  return { hostile, id: await coverArmed(rig, [rig.rule], { of: hostile.address }) };
}
