import assert from 'node:assert/strict';
import { keccak256, stringToBytes, stringToHex } from 'viem';
import {
  canonicalManifest,
  type Manifest,
  manifestSchema,
  parseManifest,
  rulesOf,
} from '../../protocol/manifest.ts';
import { evmRule } from '../../protocol/verdict.ts';

const rule = {
  name: 'vault-drain',
  kind: 'predicate',
  family: 'share-price',
  rung: 3,
  life: 3_600,
  detector: 'share-price-fall@1.0.0',
  code: `0x${'ab'.repeat(20)}`,
  codeHash: `0x${'cd'.repeat(32)}`,
  gas: 100_000,
  reference: { kind: 'lookback', blocks: 1 },
  hold: 0,
  slots: [{ account: `0x${'11'.repeat(20)}`, slot: `0x${'00'.repeat(32)}` }],
  params: '0x',
};
const sentinel = {
  name: 'balance-watch',
  kind: 'sentinel',
  family: 'outflow',
  rung: 2,
  life: 3_600,
  detector: 'balance-watch@1.0.0',
  bytecode: '0x6001',
  codeHash: keccak256('0x6001'),
  gas: 100_000,
  samples: 5,
};
const detector = {
  name: 'outflow',
  kind: 'detector',
  class: 'C',
  family: 'outflow',
  rung: 1,
  life: 3_600,
  detector: 'outflow@1.0.0',
  startBlock: 7,
  lookback: 300,
  parameters: { token: `0x${'11'.repeat(20)}`, maxOutflowBps: 1_500, isStrict: true },
};
const manifest = { version: 1, name: 'A vault', target: `0x${'22'.repeat(20)}`, rules: [rule] };
const slots = (count: number) => Array.from({ length: count }, () => rule.slots[0]);
const zero = (bytes: number) => `0x${'00'.repeat(bytes)}`;

/** The first problem, as `path: message`. */
const problemOf = (value: unknown): string | null => {
  const parsed = manifestSchema.safeParse(value);
  const [issue] = parsed.error?.issues ?? [];
  return issue === undefined ? null : `${issue.path.join('.')}: ${issue.message}`;
};

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
      reference: { kind: 'lookback', blocks: 300 },
      hold: 0,
      startBlock: 7n,
      slots: [],
      params: stringToHex(`{"isStrict":true,"maxOutflowBps":1500,"token":"0x${'11'.repeat(20)}"}`),
    });
  });

  for (const [what, shape, changes, problem] of [
    ['a pause', sentinel, { rung: 3 }, 'rung: must be 2 or less for class B'],
    [
      'no code at all',
      sentinel,
      { bytecode: undefined },
      'code: must be an address, or name bytecode',
    ],
    ['code in two places', sentinel, { code: rule.code }, 'bytecode: must be left out beside code'],
    [
      'code of another hash',
      sentinel,
      { codeHash: zero(32) },
      'codeHash: must be the hash of bytecode',
    ],
    ['no samples', sentinel, { samples: 0 }, 'samples: must be 1 or more'],
    ['33 samples', sentinel, { samples: 33 }, 'samples: must be 32 or less'],
    ['too little gas', sentinel, { gas: 19_999 }, 'gas: must be 20000 or more'],
    ['parameters', sentinel, { params: '0x' }, ': Unrecognized key: "params"'],
    ['a limit in class C', detector, { rung: 2 }, 'rung: must be 1 or less for class C'],
    ['class A', detector, { class: 'A' }, 'class: must be "B" or "C"'],
    ['too long a lookback', detector, { lookback: 7_201 }, 'lookback: must be 7200 or less'],
    [
      'a fraction among its parameters',
      detector,
      { parameters: { share: 0.5 } },
      'parameters.share: must be text, a whole number, or true or false',
    ],
    [
      'too many parameters',
      detector,
      {
        parameters: Object.fromEntries(
          ['a', 'b', 'c', 'd', 'e'].map((key) => [key, 'x'.repeat(250)]),
        ),
      },
      'parameters: must take 1024 bytes or less, not 1286',
    ],
  ] as const)
    it(`a ${shape.kind} with ${what} is refused by name and fix`, () => {
      const prefix = problem.startsWith(':') ? 'rules.0' : 'rules.0.';
      assert.equal(problemOf({ ...manifest, rules: [{ ...shape, ...changes }] }), prefix + problem);
    });

  for (const [what, changes, problem] of [
    ['an unknown kind', { kind: 'oracle' }, 'kind: must be "predicate", "sentinel" or "detector"'],
    [
      'a life past its rung’s longest',
      { rung: 2, life: 21_601 },
      'life: must be 21600 or less for rung 2',
    ],
    ['too short a life', { life: 299 }, 'life: must be 300 or more'],
    ['no rung', { rung: 0 }, 'rung: must be 1 or more'],
    ['a rung that is none', { rung: 4 }, 'rung: must be 3 or less'],
    ['too long a reach', { hold: 96 }, 'hold: must be 95 or less with a lookback of 1'],
    [
      'a lookback of nothing',
      { reference: { kind: 'lookback', blocks: 0 } },
      'reference.blocks: must be 1 or more',
    ],
    [
      'blocks without a lookback',
      { reference: { kind: 'anchor', blocks: 1 } },
      'reference: Unrecognized key: "blocks"',
    ],
    [
      'an unknown reference',
      { reference: { kind: 'mean' } },
      'reference.kind: must be {"kind":"none"}, {"kind":"lookback","blocks":n} or {"kind":"anchor"}',
    ],
    ['no slots', { slots: [] }, 'slots: must name at least one slot'],
    ['seventeen slots', { slots: slots(17) }, 'slots: must be at most 16 slots'],
    ['no predicate', { code: zero(20) }, 'code: must not be zero'],
    ['too little gas', { gas: 19_999 }, 'gas: must be 20000 or more'],
    ['too much gas', { gas: 200_001 }, 'gas: must be 200000 or less'],
    [
      'long parameters',
      { params: `0x${'00'.repeat(1_025)}` },
      'params: must be at most 1024 bytes',
    ],
    [
      'half a byte of parameters',
      { params: '0x0' },
      'params: must be 0x and an even number of lower-case hex digits',
    ],
    [
      'an upper-case address',
      { code: `0x${'AB'.repeat(20)}` },
      'code: must be an address: 0x and 40 lower-case hex digits',
    ],
    ['an address that YAML read as a number', { code: 171 }, 'code: must be an address in quotes'],
    ['a fraction of a second', { life: 1.5 }, 'life: must be a whole number'],
    ['no family', { family: '' }, 'family: must not be empty'],
    ['a long family', { family: 'x'.repeat(33) }, 'family: must be at most 32 characters'],
    [
      'a family that is not ASCII',
      { family: 'prix-élevé' },
      'family: must be printable ASCII without spaces',
    ],
    [
      'a detector without a version',
      { detector: 'x' },
      'detector: must be a name and a version, such as share-price-fall@1.0.0',
    ],
    ['an unknown key', { lifetime: 1 }, ': Unrecognized key: "lifetime"'],
  ] as const)
    it(`a rule with ${what} is refused by name and fix`, () => {
      const prefix = problem.startsWith(':') ? 'rules.0' : 'rules.0.';
      assert.equal(problemOf({ ...manifest, rules: [{ ...rule, ...changes }] }), prefix + problem);
    });

  for (const [what, changes, problem] of [
    ['no rules', { rules: [] }, 'rules: must name at least one rule'],
    [
      'seventeen rules',
      { rules: Array.from({ length: 17 }, (_, index) => ({ ...rule, name: `r${index}` })) },
      'rules: must be at most 16 rules',
    ],
    [
      'more bytes than the event may have',
      {
        rules: Array.from({ length: 16 }, (_, index) => ({
          ...rule,
          name: `r${index}`,
          gas: 20_000,
          slots: slots(16),
        })),
      },
      'rules: must take 24576 bytes or less, not 39476; cover by fewer rules',
    ],
    ['one name twice', { rules: [rule, rule] }, 'rules.1.name: must be used once'],
    ['another version', { version: 2 }, 'version: must be 1'],
    ['a line break in its name', { name: 'a\nb' }, 'name: must be printable ASCII'],
    ['an unknown key', { owner: 'me' }, ': Unrecognized key: "owner"'],
  ] as const)
    it(`a manifest with ${what} is refused by name and fix`, () => {
      assert.equal(problemOf({ ...manifest, ...changes }), problem);
    });

  it('rules of too much gas together are refused, a rule that must hold counting twice', () => {
    const rules = ['a', 'b', 'c'].map((name) => ({ ...rule, name, gas: 200_000, hold: 1 }));
    assert.equal(
      problemOf({ ...manifest, rules }),
      'rules: must take 1000000 gas or less in all, not 1200000; a rule with hold counts twice',
    );
  });

  it('every bound itself is taken', () => {
    for (const changes of [
      {
        life: 86_400,
        hold: 95,
        gas: 200_000,
        slots: slots(16),
        params: `0x${'00'.repeat(1_024)}`,
      },
      { gas: 20_000, reference: { kind: 'none' }, hold: 96, family: 'x'.repeat(32) },
    ])
      assert.equal(problemOf({ ...manifest, rules: [{ ...rule, ...changes }] }), null);
    for (const shape of [
      { ...sentinel, life: 21_600, samples: 32 },
      { ...detector, class: 'B', rung: 2, life: 21_600, lookback: 7_200 },
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
