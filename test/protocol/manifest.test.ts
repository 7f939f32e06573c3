import assert from 'node:assert/strict';
import { stringToBytes, stringToHex } from 'viem';
import {
  canonicalManifest,
  type Manifest,
  manifestSchema,
  parseManifest,
  rulesOf,
} from '../../protocol/manifest.ts';
import { evmRule } from '../../protocol/verdict.ts';
import { detector, manifest, problemOf, rule, sentinel, slots, zero } from './manifests.ts';

const parsed = (value: unknown): Manifest => manifestSchema.parse(value);

describe('manifest', () => {
  it('is taken as it is, and gives its rules in their order', () => {
    assert.equal(problemOf(manifest), null);
    const [found] = rulesOf(parsed(manifest));
    assert.ok(found);
    const { name: _name, kind: _kind, ...expected } = rule;
    assert.deepEqual(found, { ...expected, class: 'A', startBlock: 0n });
    const evm = evmRule(found);
    assert.equal(evm.lookback, 1);
    assert.equal(evm.family, `0x${Buffer.from('share-price').toString('hex').padEnd(64, '0')}`);
  });

  it('a sentinel is class B, looks back over its samples and may bring its code along', () => {
    const [found] = rulesOf(parsed({ ...manifest, rules: [sentinel] }));
    assert.deepEqual(found, {
      class: 'B',
      rung: 2,
      life: 3_600,
      family: 'outflow',
      detector: 'balance-watch@1.0.0',
      code: zero(20),
      codeHash: sentinel.codeHash,
      gas: 100_000,
      reference: { kind: 'lookback', blocks: 4 },
      hold: 0,
      startBlock: 0n,
      slots: [],
      params: '0x',
    });
    const { bytecode: _bytecode, ...rest } = sentinel;
    const placed = { ...rest, code: rule.code, samples: 1 };
    const [deployed] = rulesOf(parsed({ ...manifest, rules: [placed] }));
    assert.equal(deployed?.code, rule.code);
    assert.deepEqual(deployed?.reference, { kind: 'none' });
  });

  it('a detector has no code, and its parameters as canonical JSON', () => {
    const [found] = rulesOf(parsed({ ...manifest, rules: [detector] }));
    assert.deepEqual(found, {
      class: 'C',
      rung: 1,
      life: 3_600,
      family: 'outflow',
      detector: 'outflow@1.0.0',
      code: zero(20),
      codeHash: zero(32),
      gas: 0,
      reference: { kind: 'lookback', blocks: 96 },
      hold: 0,
      startBlock: 7n,
      slots: [],
      params: stringToHex(`{"isStrict":true,"maxOutflowBps":1500,"token":"0x${'11'.repeat(20)}"}`),
    });
  });

  it('every bound itself is taken', () => {
    for (const changes of [
      {
        life: 86_400,
        hold: 95,
        gas: 200_000,
        slots: slots(6),
        params: `0x${'00'.repeat(1_024)}`,
      },
      { gas: 20_000, reference: { kind: 'none' }, hold: 96, family: 'x'.repeat(32) },
      { slots: slots(13) },
      { slots: slots(16), reference: { kind: 'none' } },
    ])
      assert.equal(problemOf({ ...manifest, rules: [{ ...rule, ...changes }] }), null);
    for (const shape of [
      { ...sentinel, life: 21_600, samples: 32 },
      { ...detector, class: 'B', rung: 2, life: 21_600, lookback: 96 },
      { ...detector, life: 86_400, startBlock: 0, lookback: 0, parameters: {} },
    ])
      assert.equal(problemOf({ ...manifest, rules: [shape] }), null);
  });

  it('has one text whatever order its keys came in, as RFC 8785 says', () => {
    const reversed = Object.fromEntries(Object.entries(manifest).reverse());
    const text = canonicalManifest(parsed(reversed));
    assert.equal(text, canonicalManifest(parsed(manifest)));
    assert.ok(text.startsWith('{"name":"A vault","rules":[{"code":"0x'));
    assert.deepEqual(parseManifest(text), { ok: true, value: manifest });
    assert.deepEqual(parseManifest(stringToBytes(text)), { ok: true, value: manifest });
  });

  it('the chain’s bytes count only in that one text', () => {
    const text = canonicalManifest(parsed(manifest));
    for (const [code, source] of [
      ['NOT_JSON', ''],
      ['NOT_JSON', `${text},`],
      ['NOT_JSON', Uint8Array.of(...stringToBytes(text), 0xff)],
      ['NOT_JSON', Uint8Array.of(0xef, 0xbb, 0xbf, ...stringToBytes(text))],
      ['INVALID', '{}'],
      ['INVALID', 'null'],
      ['NOT_CANONICAL', JSON.stringify(manifest)],
      ['NOT_CANONICAL', ` ${text}`],
      ['NOT_CANONICAL', text.replace('"rung":3', '"rung":3.0')],
      ['NOT_CANONICAL', text.replace('"version":1', '"version":1,"version":1')],
      ['OVERSIZE', ' '.repeat(24_577)],
    ] as const)
      assert.deepEqual(parseManifest(source), { ok: false, code });
  });
});
