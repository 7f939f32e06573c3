import assert from 'node:assert/strict';
import { concatHex, encodeAbiParameters, encodeFunctionData, type Hex, keccak256 } from 'viem';
import { createPredicates } from '../../../node/detect/predicates.ts';
import type { Evaluation, Fact } from '../../../node/lib/pipeline.ts';
import { predicateAbi, sharePriceFallBytecode } from '../../../protocol/abi.ts';
import { type Anvil, startAnvil } from '../anvil.ts';
import { word } from '../observe/support.ts';

const ZERO = word(0);
const TRUE_AND_SEVEN: Hex = '0x60015f52600760205260405ff3';

/** A fact whose predicate is `code`. */
const factOf = (
  code: Hex,
  evaluations: readonly Evaluation[],
  gas = 100_000,
  params: Hex = '0x',
): Fact => ({
  block: {
    chainId: 1n,
    height: 9n,
    hash: word(9),
    parentHash: word(8),
    timestamp: 100n,
    stateRoot: ZERO,
  },
  epoch: 1n,
  covered: {
    coverageId: word(1),
    ruleId: word(2),
    name: 'rule',
    target: '0x00000000000000000000000000000000000000aa',
    rule: {
      class: 'A',
      rung: 3,
      life: 600,
      family: 'family',
      detector: 'rule@1.0.0',
      code: '0x00000000000000000000000000000000000000bb',
      codeHash: keccak256(code),
      gas,
      reference: { kind: 'lookback', blocks: 1 },
      hold: 0,
      startBlock: 0n,
      slots: [],
      params,
    },
    phase: 'armed',
    armedAt: 1n,
    notBefore: 0n,
    escrow: 0n,
    kind: 'predicate',
    bytecode: null,
    lastHeight: 0n,
    anchor: null,
  },
  evaluations,
});

const evaluation = (at: readonly number[], before: readonly number[]): Evaluation => ({
  at: at.map(word),
  before: before.map(word),
});

describe('a predicate', () => {
  let anvil: Anvil;
  let sharePriceFall: Hex;
  const at: Hex = '0x00000000000000000000000000000000000000bb';
  const params = encodeAbiParameters([{ type: 'uint32' }], [200]);

  before(async () => {
    anvil = await startAnvil();
    const hash = await anvil.wallet.sendTransaction({ data: sharePriceFallBytecode });
    const { contractAddress } = await anvil.client.waitForTransactionReceipt({ hash });
    sharePriceFall = (await anvil.client.getCode({ address: contractAddress! })) ?? '0x';
  });

  after(() => anvil.stop());

  const judge = (
    code: Hex,
    evaluations: readonly Evaluation[],
    gas?: number,
    given: Hex = params,
  ) =>
    createPredicates({ codeOf: () => Promise.resolve(code) }).detect(
      factOf(code, evaluations, gas, given),
    );

  const codeOf = async (...judged: Parameters<typeof judge>) => {
    const found = await judge(...judged);
    return found !== null && 'code' in found ? found.code : found;
  };

  for (const [what, evaluations, measure] of [
    ['fires when it holds', [evaluation([900, 10], [1000, 10])], 1000n],
    ['says nothing when it does not hold', [evaluation([990, 10], [1000, 10])], null],
    [
      'fires when it holds at every block that the rule asks about',
      [evaluation([900, 10], [1000, 10]), evaluation([800, 10], [1000, 10])],
      1000n,
    ],
    [
      'says nothing when it no longer holds',
      [evaluation([1000, 10], [1000, 10]), evaluation([800, 10], [1000, 10])],
      null,
    ],
    [
      'says nothing when it did not hold yet',
      [evaluation([900, 10], [1000, 10]), evaluation([1000, 10], [1000, 10])],
      null,
    ],
  ] as const)
    it(what, async () => {
      const found = await judge(sharePriceFall, evaluations);
      assert.equal(found === null ? null : 'measure' in found && found.measure, measure);
      if (found !== null && 'values' in found)
        assert.deepEqual(
          found.values,
          evaluations.flatMap((one) => [...one.at, ...one.before]),
        );
    });

  for (const [what, code] of [
    ['reverts', '0x5f5ffd'],
    ['meets an invalid opcode', '0xfe'],
    ['never ends', '0x5b5f56'],
    ['answers nothing', '0x00'],
    ['answers one word', '0x60015f5260205ff3'],
    ['answers three words', '0x60015f5260605ff3'],
    ['answers a boolean of two', '0x60025f5260405ff3'],
    ['writes storage', concatHex(['0x60015f55', TRUE_AND_SEVEN])],
    ['has no code', '0x'],
  ] as const)
    it(`that ${what} proves nothing`, async () => {
      assert.equal(await codeOf(code, [evaluation([], [])]), 'FAULTED');
    });

  it('proves nothing for parameters or slots it was not made for', async () => {
    assert.equal(await codeOf(sharePriceFall, [evaluation([1], [1])]), 'FAULTED');
    assert.equal(
      await codeOf(sharePriceFall, [evaluation([1, 1], [1, 1])], 100_000, '0x'),
      'FAULTED',
    );
  });

  it('whose code cannot be had is not judged', async () => {
    const detector = createPredicates({ codeOf: () => Promise.reject(new RangeError('gone')) });
    const found = await detector.detect(
      factOf(sharePriceFall, [evaluation([900, 10], [1000, 10])]),
    );
    assert.ok(found !== null && 'code' in found && found.code === 'CODE_UNAVAILABLE');
  });

  // Hashes 64 kB, 26,700 gas, and fires; the same, and does not.
  const HEAVY: Hex = '0x61ffff5f205060015f5260405ff3';
  const HEAVY_CLEAR: Hex = '0x61ffff5f20505f5f5260405ff3';
  for (const [what, code, gas, expected] of [
    ['fires', TRUE_AND_SEVEN, 100_000, true],
    ['fires with more gas than the rule’s', HEAVY, 20_000, true],
    ['fires with eight times the rule’s gas', HEAVY, 3_400, true],
    ['faults with eight times the rule’s gas', HEAVY, 3_300, false],
    ['is clear with more gas than the rule’s', HEAVY_CLEAR, 20_000, false],
    ['is clear', HEAVY_CLEAR, 100_000, false],
    ['faults with any gas', '0xfe', 100_000, false],
  ] as const)
    it(`that ${what} ${expected ? 'may have fired' : 'cannot have fired'}`, async () => {
      const { mayBe } = createPredicates({ codeOf: () => Promise.resolve(code) });
      const { covered, evaluations } = factOf(code, [evaluation([], [])], gas);
      assert.equal(await mayBe('firing', covered.rule, evaluations), expected);
    });

  for (const [what, code, gas, state, expected] of [
    ['is clear', HEAVY_CLEAR, 100_000, 'clear', true],
    ['is clear with eight times the rule’s gas', HEAVY_CLEAR, 3_400, 'clear', true],
    ['fires', TRUE_AND_SEVEN, 100_000, 'clear', false],
    ['faults with any gas', '0xfe', 100_000, 'clear', false],
    ['faults with any gas', '0xfe', 100_000, 'faulted', true],
    ['faults with an eighth of the rule’s gas', HEAVY, 200_000, 'faulted', true],
    ['fires with an eighth of the rule’s gas', HEAVY, 220_000, 'faulted', false],
  ] as const)
    it(`that ${what} ${expected ? 'may have been' : 'cannot have been'} ${state}`, async () => {
      const { mayBe } = createPredicates({ codeOf: () => Promise.resolve(code) });
      const { covered, evaluations } = factOf(code, [evaluation([], [])], gas);
      assert.equal(await mayBe(state, covered.rule, evaluations), expected);
    });

  it('that must hold may have fired only where it may at both blocks', async () => {
    const { mayBe } = createPredicates({ codeOf: () => Promise.resolve(sharePriceFall) });
    const both = [evaluation([900, 10], [1000, 10]), evaluation([800, 10], [1000, 10])] as const;
    const { rule } = factOf(sharePriceFall, both, 100_000, params).covered;
    assert.equal(await mayBe('firing', rule, both), true);
    for (const other of [evaluation([1000, 10], [1000, 10]), evaluation([1], [1])])
      for (const pair of [
        [both[0], other],
        [other, both[0]],
      ])
        assert.equal(await mayBe('firing', rule, pair), false);
  });

  it('answers as the chain does, to the unit of gas', async () => {
    await anvil.test.setCode({ address: at, bytecode: sharePriceFall });
    // A caller that gives the predicate exactly the gas in its first word, and answers whether it returned.
    const caller: Hex = '0x00000000000000000000000000000000000000cc';
    await anvil.test.setCode({
      address: caller,
      bytecode: '0x602036035f8160208237505f5f915f60bb5f35fa5f5260205ff3',
    });
    const one = evaluation([900, 10], [1000, 10]);
    const input = encodeFunctionData({
      abi: predicateAbi,
      functionName: 'evaluate',
      args: [params, one.at, one.before],
    });
    const onChain = async (gas: number) =>
      BigInt(
        (await anvil.client.call({ to: caller, data: concatHex([word(gas), input]) })).data ??
          '0x0',
      ) === 1n;
    const here = async (gas: number) => (await codeOf(sharePriceFall, [one], gas)) !== 'FAULTED';
    let [low, high] = [0, 100_000];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (await here(middle)) high = middle;
      else low = middle;
    }
    assert.deepEqual([await onChain(low), await onChain(high)], [false, true]);
  });

  it('is not run again for the same input, and is for any other', async () => {
    let runs = 0;
    const detector = createPredicates({
      codeOf: () => Promise.resolve(sharePriceFall),
      onRun: () => runs++,
    });
    const ask = (at: number, gas = 100_000) =>
      detector.detect(factOf(sharePriceFall, [evaluation([at, 10], [1000, 10])], gas, params));
    const first = await ask(900);
    assert.deepEqual([await ask(900), runs], [first, 1]);
    await ask(899);
    await ask(900, 100_001);
    assert.equal(runs, 3);
  });

  it('gives many facts at once the same answers as one by one', async () => {
    const detector = createPredicates({ codeOf: () => Promise.resolve(sharePriceFall) });
    const facts = Array.from({ length: 50 }, (_, index) =>
      factOf(sharePriceFall, [evaluation([1000 - index, 10], [1000, 10])], 100_000, params),
    );
    const together = await Promise.all(facts.map((fact) => detector.detect(fact)));
    for (const [index, fact] of facts.entries())
      assert.deepEqual(together[index], await detector.detect(fact));
    assert.equal(together.filter((found) => found !== null).length, 29);
  });
});
