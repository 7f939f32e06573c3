import assert from 'node:assert/strict';
import { getAddress, keccak256, numberToHex, stringToHex } from 'viem';
import type { Rule } from '../../protocol/types.ts';
import { evmRule } from '../../protocol/verdict.ts';
import { depthBuilds } from '../vectors/solc-builds.ts';
import { detector, openRegistry, sentinel } from './support/coverage.ts';
import { cover, MANIFEST } from './support/registry.ts';

const { viem, networkHelpers, bare: fresh } = await openRegistry();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

const SCANNED = getAddress('0x00000000000000000000000000000000000c0de5');
const slots = (rule: Rule, count: number) =>
  Array.from({ length: count }, () => rule.slots[0] as Rule['slots'][number]);
/** So many slots, in turn of each of so many accounts. */
const spread = (count: number, accounts: number): Rule['slots'] =>
  Array.from({ length: count }, (_, index) => ({
    account: numberToHex(1 + (index % accounts), { size: 20 }),
    slot: numberToHex(index, { size: 32 }),
  }));

describe('a rule', () => {
  const refused: readonly [string, (rule: Rule) => Partial<Rule>, string][] = [
    ['of rung 0', () => ({ rung: 0 }), 'rung'],
    ['of rung 4', () => ({ rung: 4 }), 'rung'],
    ['of class B above rung 2', () => ({ ...detector, class: 'B', rung: 3 }), 'rung'],
    ['of class C above rung 1', () => ({ ...detector, class: 'C', rung: 2 }), 'rung'],
    ['living less than five minutes', () => ({ life: 299 }), 'life'],
    ['living longer than rung 3 may', () => ({ life: 86_401 }), 'life'],
    ['living longer than rung 2 may', () => ({ rung: 2, life: 21_601 }), 'life'],
    ['without a family', () => ({ family: '' }), 'family'],
    ['without a detector', () => ({ detector: '' }), 'detector'],
    ['with a long detector', () => ({ detector: 'x'.repeat(65) }), 'detector'],
    ['of class A without code', ({ slots }) => ({ ...detector, slots }), 'code'],
    [
      'of code that is nowhere',
      () => ({ code: '0x000000000000000000000000000000000000dEaD' }),
      'code',
    ],
    [
      'of class B with gas and no code',
      () => ({ ...detector, class: 'B', rung: 2, gas: 20_000 }),
      'gas',
    ],
    ['with too little gas', () => ({ gas: 19_999 }), 'gas'],
    ['with too much gas', () => ({ gas: 200_001 }), 'gas'],
    ['of class A without slots', () => ({ slots: [] }), 'slots'],
    ['with 17 slots', (rule) => ({ slots: slots(rule, 17) }), 'slots'],
    ['with 14 slots at two blocks', (rule) => ({ slots: slots(rule, 14) }), 'slots'],
    ['with seven slots at four blocks', (rule) => ({ slots: slots(rule, 7), hold: 1 }), 'slots'],
    ['with eight slots of seven accounts', () => ({ slots: spread(8, 7) }), 'slots'],
    [
      'with 15 accounts at one block',
      () => ({ slots: spread(15, 15), reference: { kind: 'none' } }),
      'slots',
    ],
    ['looking back no blocks', () => ({ reference: { kind: 'lookback', blocks: 0 } }), 'lookback'],
    ['looking back 97 blocks', () => ({ reference: { kind: 'lookback', blocks: 97 } }), 'lookback'],
    [
      'reaching beyond 96 blocks by its hold',
      () => ({ reference: { kind: 'lookback', blocks: 90 }, hold: 7 }),
      'hold',
    ],
    ['of class A that folds', () => ({ startBlock: 1n }), 'startBlock'],
    ['of a sentinel that folds', () => ({ ...sentinel, startBlock: 1n }), 'startBlock'],
    ['of a sentinel with parameters', () => ({ ...sentinel, params: '0x00' }), 'params'],
    ['of a sentinel with slots', (rule) => ({ ...sentinel, slots: rule.slots }), 'slots'],
    ['of a sentinel that must hold', () => ({ ...sentinel, hold: 1 }), 'hold'],
    [
      'of a sentinel that compares with an anchor',
      () => ({ ...sentinel, reference: { kind: 'anchor' } }),
      'reference',
    ],
    [
      'of a sentinel with more than 32 samples',
      () => ({ ...sentinel, reference: { kind: 'lookback', blocks: 32 } }),
      'lookback',
    ],
    ['of a sentinel with too little gas', () => ({ ...sentinel, gas: 19_999 }), 'gas'],
    ['of a sentinel with too much gas', () => ({ ...sentinel, gas: 200_001 }), 'gas'],
    [
      'of a sentinel that is nowhere',
      () => ({ ...sentinel, code: '0x000000000000000000000000000000000000dEaD' }),
      'code',
    ],
    [
      'of class C with code',
      (rule) => ({ ...detector, class: 'C', rung: 1, code: rule.code }),
      'code',
    ],
    [
      'of class C with a code hash',
      (rule) => ({ ...detector, class: 'C', rung: 1, codeHash: rule.codeHash }),
      'codeHash',
    ],
    [
      'of class C that compares with an anchor',
      () => ({ ...detector, class: 'C', rung: 1, reference: { kind: 'anchor' } }),
      'reference',
    ],
    ['of class C that must hold', () => ({ ...detector, class: 'C', rung: 1, hold: 1 }), 'hold'],
    [
      'of a detector with slots',
      (rule) => ({ ...detector, class: 'B', rung: 2, slots: rule.slots }),
      'slots',
    ],
    [
      'of a detector that looks back 97 blocks',
      () => ({ ...detector, class: 'B', rung: 2, reference: { kind: 'lookback', blocks: 97 } }),
      'lookback',
    ],
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
    const call = rig.registry.write.cover([rig.target.address, [bad], MANIFEST], {
      account: rig.guardian.account,
    });
    await reverts(call, rig.registry, 'RuleInvalid', [0n, 'lookback']);
  });

  it('of no class is refused', async () => {
    const rig = await fresh();
    const bad = { ...evmRule(rig.rule), class: 0 };
    const call = rig.registry.write.cover([rig.target.address, [bad], MANIFEST], {
      account: rig.guardian.account,
    });
    await reverts(call, rig.registry, 'RuleInvalid', [0n, 'class']);
  });

  const accepted: readonly [string, (rule: Rule) => Partial<Rule>][] = [
    ['of class B at rung 2', () => ({ ...detector, class: 'B', rung: 2, life: 21_600 })],
    ['of class C at rung 1', () => ({ ...detector, class: 'C', rung: 1, life: 86_400 })],
    ['with 13 slots at two blocks', (rule) => ({ slots: slots(rule, 13) })],
    ['with six slots at four', (rule) => ({ slots: slots(rule, 6), hold: 1 })],
    ['with three accounts at four', () => ({ slots: spread(3, 3), hold: 1 })],
    ['with seven slots of seven accounts at two', () => ({ slots: spread(7, 7) })],
    ['with 16 slots at one', (rule) => ({ slots: slots(rule, 16), reference: { kind: 'none' } })],
    ['with 14 accounts at one', () => ({ slots: spread(14, 14), reference: { kind: 'none' } })],
    ['reaching 96 blocks', () => ({ reference: { kind: 'lookback', blocks: 90 }, hold: 6 })],
    [
      'of class B that folds and reads no slots',
      () => ({ ...detector, class: 'B', rung: 1, startBlock: 7n }),
    ],
    ['of class C with parameters', () => ({ ...detector, class: 'C', rung: 1, params: '0x7b7d' })],
    [
      'of a detector that looks back 96 blocks',
      () => ({ ...detector, class: 'B', rung: 2, reference: { kind: 'lookback', blocks: 96 } }),
    ],
    ['of a sentinel that is not deployed', () => sentinel],
    [
      'of a sentinel with 32 samples',
      () => ({ ...sentinel, reference: { kind: 'lookback', blocks: 31 } }),
    ],
    ['with 200,000 gas', () => ({ gas: 200_000 })],
  ];
  for (const [name, change] of accepted)
    it(`${name} is taken`, async () => {
      const rig = await fresh();
      await cover(rig, [{ ...rig.rule, ...change(rig.rule) }]);
    });

  it('is bound to the hash of its code', async () => {
    const rig = await fresh();
    const wrong = keccak256(stringToHex('other code'));
    await reverts(
      cover(rig, [{ ...rig.rule, codeHash: wrong }]),
      rig.registry,
      'CodeHashMismatch',
      [rig.rule.code, wrong, rig.rule.codeHash],
    );
  });

  it('whose predicate could read a clock is refused, every time', async () => {
    const rig = await fresh();
    // NUMBER, twice: the first is what is named.
    const code = '0x5f4343' as const;
    await networkHelpers.setCode(SCANNED, code);
    const bad = { ...rig.rule, code: SCANNED, codeHash: keccak256(code) };
    for (let i = 0; i < 2; ++i)
      await reverts(cover(rig, [bad]), rig.registry, 'PredicateImpure', [SCANNED, 1n, 0x43]);
  });

  it('whose predicate is larger than a scan reads is refused', async () => {
    const rig = await fresh();
    const code = `0x${'5b'.repeat(8193)}` as const;
    await networkHelpers.setCode(SCANNED, code);
    const bad = { ...rig.rule, code: SCANNED, codeHash: keccak256(code) };
    await reverts(cover(rig, [bad]), rig.registry, 'PredicateSize', [SCANNED, 8193n, 8192n]);
  });

  it('may name a sentinel as people compile and deploy them', async () => {
    const rig = await fresh();
    for (const { code } of depthBuilds) {
      await networkHelpers.setCode(SCANNED, code);
      const id = await cover(rig, [
        { ...rig.rule, ...sentinel, code: SCANNED, codeHash: keccak256(code) },
      ]);
      await rig.registry.write.retire([id], { account: rig.guardian.account });
    }
  });

  it('whose sentinel could read a price of gas is refused, every time', async () => {
    const rig = await fresh();
    const code = '0x5f433a' as const;
    await networkHelpers.setCode(SCANNED, code);
    const bad = { ...rig.rule, ...sentinel, code: SCANNED, codeHash: keccak256(code) };
    for (let i = 0; i < 2; ++i)
      await reverts(cover(rig, [bad]), rig.registry, 'SentinelImpure', [SCANNED, 2n, 0x3a]);
  });

  it('whose sentinel was found fit is scanned again as a predicate', async () => {
    const rig = await fresh();
    const code = '0x5f43' as const;
    await networkHelpers.setCode(SCANNED, code);
    const own = { code: SCANNED, codeHash: keccak256(code) };
    const id = await cover(rig, [{ ...rig.rule, ...sentinel, ...own }]);
    await rig.registry.write.retire([id], { account: rig.guardian.account });
    const bad = { ...rig.rule, ...own };
    await reverts(cover(rig, [bad]), rig.registry, 'PredicateImpure', [SCANNED, 1n, 0x43]);
  });

  it('whose sentinel is pinned by a hash must be deployed as that', async () => {
    const rig = await fresh();
    await networkHelpers.setCode(SCANNED, '0x5f43');
    const bad = { ...rig.rule, ...sentinel, code: SCANNED };
    await reverts(cover(rig, [bad]), rig.registry, 'CodeHashMismatch', [
      SCANNED,
      bad.codeHash,
      keccak256('0x5f43'),
    ]);
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
