import assert from 'node:assert/strict';
import { parseEventLogs } from 'viem';
import { incidentHash } from '../../protocol/incident.ts';
import type { Rule } from '../../protocol/types.ts';
import { ruleId } from '../../protocol/verdict.ts';
import { openRegistry, sentinel } from './support/coverage.ts';
import { coverArmed, familyOf, type Rig, submit, verdictOf } from './support/registry.ts';

/** 100 less these is more than a half and no more than two thirds. */
const MANY_ABSENT = [0, 1, 6] as const;
const { viem, networkHelpers, bare } = await openRegistry();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

const cover = async (rig: Rig) => {
  const price: Rule = { ...rig.rule, ...sentinel };
  const flow: Rule = { ...price, family: 'flow' };
  const proven: Rule = { ...rig.rule, rung: 2 };
  const id = await coverArmed(rig, [price, flow, { ...price, life: 1800 }, proven]);
  return { ...rig, id, price, flow, proven, kin: { ...price, life: 1800 } };
};
const deploy = async () => cover(await bare());
const fresh = () => networkHelpers.loadFixture(deploy);
type Covered = Awaited<ReturnType<typeof cover>>;

const say = async (rig: Covered, rule: Rule, absent: readonly number[] = []) =>
  submit(rig, await verdictOf(rig, rig.id, {}, rule), absent);
const opinionOf = async ({ hub, target }: Rig) => hub.read.opinionOf([target.address]);

describe('two opinions', () => {
  it('of more than two thirds each and of two families pause, and the incident says so', async () => {
    const rig = await fresh();
    await say(rig, rig.price);
    assert.equal(await rig.target.read.rung(), 2);
    const { incidents } = await rig.registry.read.coverage([rig.id]);
    const hash = await say(rig, rig.flow);
    assert.equal(await rig.target.read.rung(), 3);
    const { logs } = await rig.client.getTransactionReceipt({ hash });
    const [incident] = parseEventLogs({ abi: rig.registry.abi, eventName: 'Incident', logs });
    assert.ok(incident);
    assert.deepEqual([incident.args.verdict.rung, incident.args.rung], [2, 3]);
    const { timestamp: trippedAt } = await rig.client.getBlock();
    assert.equal(
      (await rig.registry.read.coverage([rig.id])).incidents,
      incidentHash(incidents, { ...incident.args, trippedAt }),
    );
  });

  it('of one family do not', async () => {
    const rig = await fresh();
    await say(rig, rig.price);
    const { end } = await rig.hub.read.tripOf([rig.target.address, 2]);
    await reverts(say(rig, rig.kin), rig.hub, 'TripStillLong', [rig.target.address, 2, end]);
    assert.equal(await rig.target.read.rung(), 2);
  });

  it('of which one has no more than two thirds do not, whichever comes first', async () => {
    const rig = await fresh();
    await say(rig, rig.price, MANY_ABSENT);
    assert.equal((await opinionOf(rig)).until, 0);
    await say(rig, rig.flow);
    assert.equal((await opinionOf(rig)).family, familyOf(rig.flow));
    assert.equal(await rig.target.read.rung(), 2);
    const { end } = await rig.hub.read.tripOf([rig.target.address, 2]);
    await reverts(say(rig, rig.price, MANY_ABSENT), rig.hub, 'TripStillLong', [
      rig.target.address,
      2,
      end,
    ]);
  });

  it('pause where a proof holds rung 2 already', async () => {
    const rig = await fresh();
    await say(rig, rig.proven);
    assert.equal((await opinionOf(rig)).until, 0);
    await say(rig, rig.price);
    assert.equal(await rig.target.read.rung(), 2);
    await say(rig, rig.flow);
    assert.equal(await rig.target.read.rung(), 3);
  });
});

describe('a verdict of class B that too few have signed to be an opinion', () => {
  const thinOf = async ({ registry, id }: Covered, rule: Rule): Promise<boolean> =>
    (await registry.read.ruleState([id, ruleId(rule)])).thin;

  it('is said once more of the same block by more than two thirds', async () => {
    const rig = await fresh();
    const verdict = await verdictOf(rig, rig.id, {}, rig.price);
    await submit(rig, verdict, MANY_ABSENT);
    assert.equal(await thinOf(rig, rig.price), true);
    await submit(rig, verdict);
    assert.equal(await thinOf(rig, rig.price), false);
    assert.equal((await opinionOf(rig)).family, familyOf(rig.price));
    const stale: [bigint, bigint] = [verdict.height, verdict.height];
    await reverts(submit(rig, verdict), rig.registry, 'VerdictStale', stale);
  });

  it('is not said once more by as few', async () => {
    const rig = await fresh();
    const verdict = await verdictOf(rig, rig.id, {}, rig.price);
    await submit(rig, verdict, MANY_ABSENT);
    await networkHelpers.time.increase(2000);
    const stale: [bigint, bigint] = [verdict.height, verdict.height];
    await reverts(submit(rig, verdict, MANY_ABSENT), rig.registry, 'VerdictStale', stale);
  });

  it('raises what another family said, when it is said by more', async () => {
    const rig = await fresh();
    await networkHelpers.mine();
    const verdict = await verdictOf(rig, rig.id, {}, rig.price);
    await submit(rig, verdict, MANY_ABSENT);
    await say(rig, rig.flow);
    await submit(rig, verdict);
    assert.equal(await rig.target.read.rung(), 3);
  });

  it('is no such thing of class A', async () => {
    const rig = await fresh();
    const verdict = await verdictOf(rig, rig.id, {}, rig.proven);
    await submit(rig, verdict, MANY_ABSENT);
    assert.equal(await thinOf(rig, rig.proven), false);
    await networkHelpers.time.increase(2000);
    const stale: [bigint, bigint] = [verdict.height, verdict.height];
    await reverts(submit(rig, verdict), rig.registry, 'VerdictStale', stale);
  });
});
