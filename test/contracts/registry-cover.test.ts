import assert from 'node:assert/strict';
import {
  concatHex,
  getAddress,
  type Hex,
  numberToHex,
  parseEventLogs,
  zeroAddress,
  zeroHash,
} from 'viem';
import type { Rule } from '../../protocol/types.ts';
import { coverageId, evmRule, ruleId } from '../../protocol/verdict.ts';
import { openRegistry } from './support/coverage.ts';
import {
  asOwner,
  cover,
  coverArmed,
  familyOf,
  FUNDS,
  MANIFEST,
  notOwner,
  type Rig,
  trip,
} from './support/registry.ts';

const { viem, networkHelpers, bare: fresh } = await openRegistry();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
/** Covers the target of a rig with its rule; no value unless given. */
const covering = (
  { registry, target, rule, guardian }: Rig,
  { of = target.address, account = guardian.account, manifest = MANIFEST, value = 0n } = {},
) => registry.write.cover([of, [evmRule(rule)], manifest], { account, value });

describe('covering a target', () => {
  it('puts every rule in shadow and its manifest in the event, byte for byte', async () => {
    const rig = await fresh();
    const held: Rule = { ...rig.rule, reference: { kind: 'lookback', blocks: 5 }, hold: 3 };
    const rules: Rule[] = [rig.rule, held];
    const id = await cover(rig, rules);
    const expected = coverageId({
      homeChainId: rig.chainId,
      registry: rig.registry.address,
      targetChainId: rig.chainId,
      hub: rig.hub.address,
      target: rig.target.address,
      nonce: 0n,
    });
    assert.equal(id, expected);
    const logs = parseEventLogs({
      abi: rig.registry.abi,
      eventName: 'Covered',
      logs: await rig.client.getLogs({ address: rig.registry.address, fromBlock: 0n }),
    });
    assert.deepEqual(logs[0]?.args, {
      coverageId: id,
      target: getAddress(rig.target.address),
      owner: getAddress(rig.guardian.account.address),
      nonce: 0n,
      ruleIds: rules.map(ruleId),
      manifest: MANIFEST,
    });
    const { timestamp } = await rig.client.getBlock();
    for (const rule of rules)
      assert.deepEqual(await rig.registry.read.ruleState([id, ruleId(rule)]), {
        lastHeight: 0,
        armedAt: 0,
        armableAt: Number(timestamp),
        life: 3600,
        rung: rule.rung,
        class: 1,
        phase: 1,
        reach: rule === held ? 8 : 0,
        anchored: rule.reference.kind === 'anchor',
        family: familyOf(rule),
        thin: false,
      });
  });

  it('keeps the escrow that came with it and starts its incidents at no zero', async () => {
    const rig = await fresh();
    const id = await cover(rig, [rig.rule]);
    const covered = await rig.registry.read.coverage([id]);
    assert.equal(covered.escrow, FUNDS);
    assert.notEqual(covered.incidents, zeroHash);
    assert.equal(covered.owner, getAddress(rig.guardian.account.address));
  });

  it('tells what escrow came with it, in whole gwei', async () => {
    const rig = await fresh();
    const unit = 10n ** 9n;
    const odd = covering(rig, { value: unit + 1n });
    await reverts(odd, rig.registry, 'EscrowNotWhole', [unit + 1n, unit]);
    const funded = await covering(rig, { value: 3n * unit });
    const id = await rig.registry.read.coverageOf([rig.target.address]);
    await emitWithArgs(Promise.resolve(funded), rig.registry, 'Funded', [id, 3n * unit]);
  });

  it('computes rule ids as the protocol library does', async () => {
    const rig = await fresh();
    const probes = await viem.deployContract('Probes');
    const rule: Rule = {
      ...rig.rule,
      reference: { kind: 'lookback', blocks: 5 },
      hold: 3,
      params: '0x',
    };
    assert.equal(await probes.read.ruleId([evmRule(rule)]), ruleId(rule));
  });

  it('is refused to all but the guardian of the target', async () => {
    const rig = await fresh();
    const call = covering(rig, { account: rig.stranger.account });
    await reverts(call, rig.registry, 'NotGuardian', notOwner(rig));
  });

  it('needs a target with code that obeys the hub of this registry', async () => {
    const rig = await fresh();
    const empty = getAddress(rig.stranger.account.address);
    const nowhere = covering(rig, { of: empty });
    await reverts(nowhere, rig.registry, 'TargetWithoutCode', [empty]);
    const other = await viem.deployContract('GuardedSample', [
      zeroAddress,
      rig.guardian.account.address,
    ]);
    const elsewhere = covering(rig, { of: other.address });
    await reverts(elsewhere, rig.registry, 'TargetObeysAnotherHub', [
      getAddress(other.address),
      zeroAddress,
    ]);
  });

  it('takes a word that is no address for none', async () => {
    const rig = await fresh();
    // Answers 32 bytes of ones, whatever it is asked.
    const ones = concatHex(['0x7f', numberToHex(2n ** 256n - 1n), '0x5f5260205ff3']);
    const target = getAddress('0x00000000000000000000000000000000000c0dE5');
    await networkHelpers.setCode(target, ones);
    const args: [Hex, Hex] = [target, zeroAddress];
    await reverts(covering(rig, { of: target }), rig.registry, 'TargetObeysAnotherHub', args);
  });

  it('is refused to targets that do not say whom they obey', async () => {
    const rig = await fresh();
    const dumb = rig.predicate.address;
    await reverts(covering(rig, { of: dumb }), rig.registry, 'TargetObeysAnotherHub', [
      getAddress(dumb),
      zeroAddress,
    ]);
  });

  it('enrols the target at the hub', async () => {
    const rig = await fresh();
    await emitWithArgs(covering(rig), rig.hub, 'Enrolled', [getAddress(rig.target.address)]);
  });

  it('is for one live coverage a target', async () => {
    const rig = await fresh();
    const id = await cover(rig, [rig.rule]);
    await reverts(cover(rig, [rig.rule]), rig.registry, 'TargetAlreadyCovered', [
      getAddress(rig.target.address),
      id,
    ]);
    await rig.registry.write.retire([id], asOwner(rig));
    assert.notEqual(await cover(rig, [rig.rule]), id);
  });

  it('passes to a new guardian, who ends what the former one left', async () => {
    const rig = await fresh();
    const former = await coverArmed(rig);
    await trip(rig, former);
    assert.equal(await rig.target.read.rung(), 3);
    await rig.target.write.appoint([rig.stranger.account.address]);
    const hash = covering(rig, { account: rig.stranger.account });
    await emitWithArgs(hash, rig.registry, 'Retired', [former]);
    assert.equal(await rig.target.read.rung(), 0);
    assert.equal((await rig.registry.read.coverage([former])).retired, true);
    await reverts(rig.registry.write.end([former], asOwner(rig)), rig.registry, 'CoverageRetired', [
      former,
    ]);
    const { escrow } = await rig.registry.read.coverage([former]);
    await rig.registry.write.defund([former, escrow], asOwner(rig));
  });

  for (const count of [0, 17])
    it(`does not take ${count} rules`, async () => {
      const rig = await fresh();
      const rules = Array.from({ length: count }, (_, i) => ({ ...rig.rule, life: i + 1 }));
      await reverts(cover(rig, rules), rig.registry, 'RuleCount', [BigInt(count), 16n]);
    });

  it('takes sixteen rules', async () => {
    const rig = await fresh();
    await cover(
      rig,
      Array.from({ length: 16 }, (_, i) => ({ ...rig.rule, life: 300 + i })),
    );
  });

  it('does not take the same rule twice', async () => {
    const rig = await fresh();
    await reverts(cover(rig, [rig.rule, rig.rule]), rig.registry, 'RuleDuplicate', [
      ruleId(rig.rule),
    ]);
  });

  for (const size of [0, 24_577])
    it(`does not take a manifest of ${size} bytes`, async () => {
      const rig = await fresh();
      const call = covering(rig, { manifest: `0x${'7b'.repeat(size)}` });
      await reverts(call, rig.registry, 'ManifestLength', [BigInt(size), 24_576n]);
    });

  it('takes a manifest of 24,576 bytes', async () => {
    await covering(await fresh(), { manifest: `0x${'7b'.repeat(24_576)}` });
  });

  it('holds no more escrow than it can count', async () => {
    const rig = await fresh();
    const much = 2n ** 48n * 10n ** 9n;
    await networkHelpers.setBalance(rig.guardian.account.address, 2n * much);
    await reverts(cover(rig, [rig.rule], { value: much }), rig.registry, 'EscrowFull', [0n, much]);
  });
});
