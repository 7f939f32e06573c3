import assert from 'node:assert/strict';
import { getAddress, parseEventLogs } from 'viem';
import { incidentHash } from '../../protocol/incident.ts';
import type { Rule } from '../../protocol/types.ts';
import { ruleId } from '../../protocol/verdict.ts';
import { settings } from './support/committee.ts';
import {
  ANCHOR,
  deployPriced,
  LOW,
  openProver,
  prove,
  verdictAt,
  word,
  write,
} from './support/prover.ts';
import { certifyVerdict, coverArmed, submit } from './support/registry.ts';

const { connection, viem, networkHelpers, fresh } = await openProver();
const { time } = networkHelpers;
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;
const DAY = 86_400n;

describe('a prover', () => {
  it('is the one that its registry names, and finds the committee through it', async () => {
    const { prover, registry, committee } = await fresh();
    assert.equal(await prover.read.REGISTRY(), getAddress(registry.address));
    assert.equal(await prover.read.COMMITTEE(), getAddress(committee.address));
    const other = viem.deployContract('Prover', [registry.address]);
    await reverts(other, prover, 'WiredElsewhere', [getAddress(registry.address)]);
  });

  it('alone may say that something is proven', async () => {
    const rig = await fresh();
    const { registry, stranger } = rig;
    const verdict = await verdictAt(rig, await write(rig, LOW), [LOW, ANCHOR]);
    const caller = getAddress(stranger.account.address);
    const { account } = stranger;
    const call = registry.write.tripProven([verdict, 1n, caller, 0n, 0n], { account });
    await reverts(call, registry, 'NotProver', [caller]);
  });
});

describe('a trip by proof', () => {
  it('is recorded as the verdict that watchers would have signed, by its prover', async () => {
    const rig = await fresh();
    const { registry, hub, target, client, submitter, id, rule } = rig;
    const height = await write(rig, LOW);
    const hash = await prove(rig);
    const verdict = await verdictAt(rig, height, [LOW, ANCHOR]);
    const digest = await registry.read.digest([verdict]);
    const { logs, blockNumber } = await client.getTransactionReceipt({ hash });
    const { timestamp: trippedAt } = await client.getBlock({ blockNumber });
    const end = trippedAt + BigInt(rule.life);
    const prover = getAddress(submitter.account.address);
    const signers = [BigInt(prover), 0n] as const;
    const [incident, ...more] = parseEventLogs({ abi: registry.abi, logs });
    assert.deepEqual(more, []);
    const { refund, ...args } = incident!.args as { refund: bigint };
    const record = { digest, signers, signed: 0n, total: 0n, rung: 3, end };
    const told = { ...record, coverageId: id, verdict, submitter: prover };
    assert.deepEqual([incident!.eventName, args], ['Incident', told]);
    assert.ok(refund > 0n);
    const { incidents } = await registry.read.coverage([id]);
    assert.equal(incidents, incidentHash(id, { ...record, trippedAt }));
    const { lastHeight } = await registry.read.ruleState([id, ruleId(rule)]);
    assert.equal(BigInt(lastHeight), height);
    assert.equal((await hub.read.tripOf([target.address, 3])).end, end);
    assert.equal(await target.read.rung(), 3);
  });

  for (const [what, options] of [
    ['opened its last epoch too long ago', {}],
    ['is too thin for more than rung 1', { weights: [100] }],
    ['has never opened an epoch', { isOpen: false }],
  ] as const)
    it(`needs no committee: the one there ${what}`, async () => {
      const rig = await deployPriced(connection, options);
      await time.increase(settings.rosterLife + 1n);
      const height = await write(rig, LOW);
      const verdict = await verdictAt(rig, height, [LOW, ANCHOR]);
      await assert.rejects(submit(rig, verdict));
      const { logs } = await rig.client.getTransactionReceipt({ hash: await prove(rig) });
      const found = parseEventLogs({ abi: rig.registry.abi, eventName: 'Incident', logs });
      assert.deepEqual(found[0]?.args.verdict, verdict);
      assert.equal(await rig.target.read.rung(), 3);
    });

  for (const [name, prices] of [
    ['lookback', [LOW, ANCHOR]],
    ['held', [LOW, ANCHOR, LOW, ANCHOR]],
  ] as const)
    it(`claims the values of each block that a ${name} rule looks at`, async () => {
      const rig = await fresh();
      const height = await write(rig, LOW);
      if (name === 'held') await networkHelpers.mine(2);
      const at = name === 'held' ? height + 2n : height;
      const { logs } = await rig.client.getTransactionReceipt({
        hash: await prove(rig, { rule: rig[name] }),
      });
      const [incident] = parseEventLogs({ abi: rig.registry.abi, eventName: 'Incident', logs });
      assert.deepEqual(incident!.args.verdict, await verdictAt(rig, at, prices, rig[name]));
    });

  for (const [what, account] of [
    ['a slot that is empty', null],
    ['an account that there is not', '0x00000000000000000000000000000000000000ff'],
  ] as const)
    it(`shows that nothing is in ${what}`, async () => {
      const rig = await fresh();
      const slots = [{ account: account ?? rig.slot.account, slot: word(99) }];
      const rule: Rule = { ...rig.rule, slots };
      const target = await viem.deployContract('GuardedSample', [
        rig.hub.address,
        rig.guardian.account.address,
      ]);
      const id = await coverArmed(rig, [rule], { of: target.address });
      await prove(rig, { id, rule });
      assert.equal(await target.read.rung(), 3);
    });

  it('takes a block 32 blocks old', async () => {
    const rig = await fresh();
    const height = await write(rig, LOW);
    await networkHelpers.mine(31);
    await prove(rig, { height });
    assert.equal(await rig.target.read.rung(), 3);
  });

  it('spends the replay slot that a certificate of its block spends', async () => {
    const rig = await fresh();
    const height = await write(rig, LOW);
    const verdict = await verdictAt(rig, height, [LOW, ANCHOR]);
    const before = await networkHelpers.takeSnapshot();
    await prove(rig);
    await reverts(submit(rig, verdict), rig.registry, 'VerdictStale', [height, height]);
    await before.restore();
    await submit(rig, verdict);
    await reverts(prove(rig, { height }), rig.registry, 'VerdictStale', [height, height]);
  });

  it('is given an hour where a quorum is given nothing, by a block after the last stop', async () => {
    const rig = await fresh();
    const target = await viem.deployContract('GuardedSample', [
      rig.hub.address,
      rig.guardian.account.address,
    ]);
    const rule: Rule = { ...rig.rule, life: Number(DAY) };
    const id = await coverArmed(rig, [rule], { of: target.address });
    await write(rig, LOW);
    await prove(rig, { id, rule });
    const { end } = await rig.hub.read.tripOf([target.address, 3]);
    await time.increaseTo(end + 1n);
    const height = await write(rig, LOW - 1n);
    const verdict = { ...(await verdictAt(rig, height, [LOW - 1n, ANCHOR], rule)), coverageId: id };
    const certificate = await certifyVerdict(rig, verdict);
    const cooling = rig.registry.write.submit([verdict, certificate]);
    await reverts(cooling, rig.hub, 'CoolingDown', [target.address, 3, end + 3600n]);
    await prove(rig, { id, rule });
    const stop = await rig.hub.read.tripOf([target.address, 3]);
    assert.equal(stop.end - stop.first, 3600n);
  });
});
