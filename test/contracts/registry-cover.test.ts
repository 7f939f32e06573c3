import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress, keccak256, parseEventLogs, stringToHex, zeroAddress, zeroHash } from 'viem';
import type { Rule } from '../../protocol/types.ts';
import { coverageId, evmRule, ruleId } from '../../protocol/verdict.ts';
import { cover, coverArmed, deployRegistry, FUNDS, MANIFEST, trip } from './support/registry.ts';

const connection = await hre.network.create();
const { viem, networkHelpers } = connection;
const deploy = () => deployRegistry(connection);
const fresh = () => networkHelpers.loadFixture(deploy);
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

describe('covering a target', () => {
  it('puts every rule in shadow and its manifest in the event, byte for byte', async () => {
    const rig = await fresh();
    const rules: Rule[] = [rig.rule, { ...rig.rule, rung: 1 }];
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
    for (const rule of rules)
      assert.deepEqual(await rig.registry.read.ruleState([id, ruleId(rule)]), {
        lastHeight: 0n, lastRung: 0, armedAt: 0n, life: 3600, rung: rule.rung, class: 1, phase: 1,
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

  it('computes rule ids as the protocol library does', async () => {
    const rig = await fresh();
    const probes = await viem.deployContract('Probes');
    const rule: Rule = { ...rig.rule, reference: { kind: 'lookback', blocks: 5 }, hold: 3, params: '0x' };
    assert.equal(await probes.read.ruleId([evmRule(rule)]), ruleId(rule));
  });

  it('is refused to all but the guardian of the target', async () => {
    const rig = await fresh();
    const call = rig.registry.write.cover([rig.target.address, [evmRule(rig.rule)], MANIFEST], {
      account: rig.stranger.account,
    });
    await reverts(call, rig.registry, 'NotGuardian', [
      getAddress(rig.stranger.account.address),
      getAddress(rig.guardian.account.address),
    ]);
  });

  it('needs a target with code that obeys the hub of this registry', async () => {
    const rig = await fresh();
    const as = { account: rig.guardian.account };
    const empty = getAddress(rig.stranger.account.address);
    await reverts(rig.registry.write.cover([empty, [evmRule(rig.rule)], MANIFEST], as), rig.registry, 'TargetWithoutCode', [empty]);
    const other = await viem.deployContract('GuardedSample', [zeroAddress, rig.guardian.account.address]);
    await reverts(rig.registry.write.cover([other.address, [evmRule(rig.rule)], MANIFEST], as), rig.registry, 'TargetObeysAnotherHub', [
      getAddress(other.address),
      zeroAddress,
    ]);
  });

  it('is for one live coverage a target', async () => {
    const rig = await fresh();
    const id = await cover(rig, [rig.rule]);
    await reverts(cover(rig, [rig.rule]), rig.registry, 'TargetAlreadyCovered', [getAddress(rig.target.address), id]);
    await rig.registry.write.retire([id], { account: rig.guardian.account });
    assert.notEqual(await cover(rig, [rig.rule]), id);
  });

  it('passes to a new guardian, who ends what the former one left', async () => {
    const rig = await fresh();
    const former = await coverArmed(rig);
    await trip(rig, former);
    assert.equal(await rig.target.read.rung(), 3);
    await rig.target.write.appoint([rig.stranger.account.address]);
    const hash = rig.registry.write.cover([rig.target.address, [evmRule(rig.rule)], MANIFEST], {
      account: rig.stranger.account,
    });
    await emitWithArgs(hash, rig.registry, 'Retired', [former]);
    assert.equal(await rig.target.read.rung(), 0);
    assert.equal((await rig.registry.read.coverage([former])).retired, true);
    await reverts(rig.registry.write.end([former], { account: rig.guardian.account }), rig.registry, 'CoverageRetired', [former]);
    const { escrow } = await rig.registry.read.coverage([former]);
    await rig.registry.write.defund([former, escrow], { account: rig.guardian.account });
  });

  for (const count of [0, 17])
    it(`does not take ${count} rules`, async () => {
      const rig = await fresh();
      const rules = Array.from({ length: count }, (_, i) => ({ ...rig.rule, life: i + 1 }));
      await reverts(cover(rig, rules), rig.registry, 'RuleCount', [BigInt(count), 16n]);
    });

  it('takes sixteen rules', async () => {
    const rig = await fresh();
    await cover(rig, Array.from({ length: 16 }, (_, i) => ({ ...rig.rule, life: i + 1 })));
  });

  it('does not take the same rule twice', async () => {
    const rig = await fresh();
    await reverts(cover(rig, [rig.rule, rig.rule]), rig.registry, 'RuleDuplicate', [ruleId(rig.rule)]);
  });

  for (const size of [0, 24_577])
    it(`does not take a manifest of ${size} bytes`, async () => {
      const rig = await fresh();
      const call = rig.registry.write.cover([rig.target.address, [evmRule(rig.rule)], `0x${'7b'.repeat(size)}`], {
        account: rig.guardian.account,
      });
      await reverts(call, rig.registry, 'ManifestLength', [BigInt(size), 24_576n]);
    });

  it('takes a manifest of 24,576 bytes', async () => {
    const rig = await fresh();
    await rig.registry.write.cover([rig.target.address, [evmRule(rig.rule)], `0x${'7b'.repeat(24_576)}`], {
      account: rig.guardian.account,
    });
  });

  it('holds no more escrow than it can count', async () => {
    const rig = await fresh();
    const much = 2n ** 96n;
    await networkHelpers.setBalance(rig.guardian.account.address, 2n * much);
    await reverts(cover(rig, [rig.rule], { value: much }), rig.registry, 'EscrowFull', [0n, much]);
  });
});

const detector: Partial<Rule> = { code: zeroAddress, codeHash: zeroHash, gas: 0 };
const slots = (rule: Rule, count: number) => Array.from({ length: count }, () => rule.slots[0] as Rule['slots'][number]);

describe('a rule', () => {
  const refused: readonly [string, (rule: Rule) => Partial<Rule>, string][] = [
    ['of rung 0', () => ({ rung: 0 }), 'rung'],
    ['of rung 4', () => ({ rung: 4 }), 'rung'],
    ['of class B above rung 2', () => ({ ...detector, class: 'B', rung: 3 }), 'rung'],
    ['of class C above rung 1', () => ({ ...detector, class: 'C', rung: 2 }), 'rung'],
    ['without a life', () => ({ life: 0 }), 'life'],
    ['living longer than rung 3 may', () => ({ life: 86_401 }), 'life'],
    ['living longer than rung 2 may', () => ({ rung: 2, life: 21_601 }), 'life'],
    ['without a family', () => ({ family: '' }), 'family'],
    ['without a detector', () => ({ detector: '' }), 'detector'],
    ['with a long detector', () => ({ detector: 'x'.repeat(65) }), 'detector'],
    ['of class A without code', () => detector, 'code'],
    ['of code that is nowhere', () => ({ code: '0x000000000000000000000000000000000000dEaD' }), 'code'],
    ['of class B with a code hash and no code', () => ({ ...detector, class: 'B', rung: 2, codeHash: keccak256('0x') }), 'codeHash'],
    ['of class B with gas and no code', () => ({ ...detector, class: 'B', rung: 2, gas: 10_000 }), 'gas'],
    ['with too little gas', () => ({ gas: 9_999 }), 'gas'],
    ['with too much gas', () => ({ gas: 1_000_001 }), 'gas'],
    ['of class A without slots', () => ({ slots: [] }), 'slots'],
    ['with 17 slots', (rule) => ({ slots: slots(rule, 17) }), 'slots'],
    ['looking back no blocks', () => ({ reference: { kind: 'lookback', blocks: 0 } }), 'lookback'],
    ['looking back 7001 blocks', () => ({ reference: { kind: 'lookback', blocks: 7001 } }), 'hold'],
    ['reaching beyond 7000 blocks by its hold', () => ({ reference: { kind: 'lookback', blocks: 6000 }, hold: 1001 }), 'hold'],
    ['of class A that folds', () => ({ startBlock: 1n }), 'startBlock'],
    ['with 1025 bytes of parameters', () => ({ params: `0x${'00'.repeat(1025)}` }), 'params'],
  ];
  for (const [name, change, field] of refused)
    it(`${name} is refused by its ${field}`, async () => {
      const rig = await fresh();
      const bad = { ...rig.rule, ...change(rig.rule) };
      await reverts(cover(rig, [rig.rule, bad]), rig.registry, 'RuleInvalid', [1n, field]);
    });

  it('that looks back blocks without saying so is refused', async () => {
    const rig = await fresh();
    const bad = { ...evmRule(rig.rule), lookback: 5 };
    const call = rig.registry.write.cover([rig.target.address, [bad], MANIFEST], { account: rig.guardian.account });
    await reverts(call, rig.registry, 'RuleInvalid', [0n, 'lookback']);
  });

  it('of no class is refused', async () => {
    const rig = await fresh();
    const bad = { ...evmRule(rig.rule), class: 0 };
    const call = rig.registry.write.cover([rig.target.address, [bad], MANIFEST], { account: rig.guardian.account });
    await reverts(call, rig.registry, 'RuleInvalid', [0n, 'class']);
  });

  const accepted: readonly [string, (rule: Rule) => Partial<Rule>][] = [
    ['of class B at rung 2', () => ({ ...detector, class: 'B', rung: 2, life: 21_600 })],
    ['of class C at rung 1', () => ({ ...detector, class: 'C', rung: 1, life: 86_400 })],
    ['with 16 slots', (rule) => ({ slots: slots(rule, 16) })],
    ['reaching 7000 blocks', () => ({ reference: { kind: 'lookback', blocks: 6000 }, hold: 1000 })],
    ['of class B that folds and reads no slots', () => ({ ...detector, class: 'B', rung: 1, startBlock: 7n, slots: [] })],
    ['with a million gas', () => ({ gas: 1_000_000 })],
  ];
  for (const [name, change] of accepted)
    it(`${name} is taken`, async () => {
      const rig = await fresh();
      await cover(rig, [{ ...rig.rule, ...change(rig.rule) }]);
    });

  it('is bound to the hash of its code', async () => {
    const rig = await fresh();
    const wrong = keccak256(stringToHex('other code'));
    await reverts(cover(rig, [{ ...rig.rule, codeHash: wrong }]), rig.registry, 'CodeHashMismatch', [
      rig.rule.code,
      wrong,
      rig.rule.codeHash,
    ]);
  });

  it('whose predicate could read a clock is refused, every time', async () => {
    const rig = await fresh();
    const impure = await viem.deployContract('Impure');
    const codeHash = keccak256((await rig.client.getCode({ address: impure.address })) ?? '0x');
    const bad = { ...rig.rule, code: impure.address, codeHash };
    for (let i = 0; i < 2; ++i) await viem.assertions.revertWithCustomError(cover(rig, [bad]), rig.registry, 'PredicateImpure');
  });

  it('whose predicate is larger than a scan reads is refused', async () => {
    const rig = await fresh();
    const code = `0x${'5b'.repeat(8193)}` as const;
    const account = getAddress('0x00000000000000000000000000000000000c0de5');
    await networkHelpers.setCode(account, code);
    const bad = { ...rig.rule, code: account, codeHash: keccak256(code) };
    await reverts(cover(rig, [bad]), rig.registry, 'PredicateSize', [account, 8193n, 8192n]);
  });

  it('of class B may use code that no scan has seen', async () => {
    const rig = await fresh();
    const impure = await viem.deployContract('Impure');
    const codeHash = keccak256((await rig.client.getCode({ address: impure.address })) ?? '0x');
    await cover(rig, [{ ...rig.rule, class: 'B', rung: 2, code: impure.address, codeHash }]);
  });

  it('costs its scan once', async () => {
    const rig = await fresh();
    const gas = async () => {
      const args = [rig.target.address, [evmRule(rig.rule)], MANIFEST] as const;
      const used = await rig.registry.estimateGas.cover(args, { account: rig.guardian.account });
      const id = await cover(rig, [rig.rule]);
      await rig.registry.write.retire([id], { account: rig.guardian.account });
      return used;
    };
    const first = await gas();
    const second = await gas();
    assert.ok(second + 50_000n < first, `${first} then ${second}`);
  });
});
