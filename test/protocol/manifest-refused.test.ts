import assert from 'node:assert/strict';
import { detector, manifest, problemOf, rule, sentinel, slots, zero } from './manifests.ts';

describe('manifest', () => {
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
    ['too long a lookback', detector, { lookback: 97 }, 'lookback: must be 96 or less'],
    [
      'a fraction among its parameters',
      detector,
      { parameters: { share: 0.5 } },
      'parameters.share: must be text, a whole number from 0 on, or true or false',
    ],
    [
      'a number below zero among its parameters',
      detector,
      { parameters: { share: -1 } },
      'parameters.share: must be 0 or more',
    ],
    [
      'a parameter of another name',
      detector,
      { parameters: { 'max-bps': 1 } },
      'parameters: must have names of at most 32 letters and digits, the first one small',
    ],
    [
      '33 parameters',
      detector,
      {
        parameters: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`p${index}`, 1])),
      },
      'parameters: must be at most 32 parameters',
    ],
    [
      'too long a bytecode',
      sentinel,
      { bytecode: `0x${'5b'.repeat(8_193)}` },
      'bytecode: must be at most 8192 bytes',
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
    [
      'nine slots at four blocks',
      { slots: slots(9), hold: 1 },
      'slots: must be 7 accounts and slots or less together, not 1 and 9; blocks looked at: 4',
    ],
    [
      'fifteen accounts',
      {
        reference: { kind: 'none' },
        slots: slots(15).map((slot, index) => ({
          ...slot,
          account: `0x${index.toString(16).padStart(40, '0')}`,
        })),
      },
      'slots: must be 28 accounts and slots or less together, not 15 and 15; blocks looked at: 1',
    ],
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
          reference: { kind: 'none' },
          slots: slots(16),
        })),
      },
      'rules: must take 24576 bytes or less, not 39236; cover by fewer rules',
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

  it('five sentinels are refused, four are not', () => {
    const named = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ ...sentinel, name: `s${index}` }));
    assert.equal(problemOf({ ...manifest, rules: named(4) }), null);
    assert.equal(problemOf({ ...manifest, rules: named(5) }), 'rules: must be at most 4 sentinels');
  });
});
