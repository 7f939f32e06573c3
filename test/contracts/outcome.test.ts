import assert from 'node:assert/strict';
import { getAddress, type Hex, keccak256, numberToHex } from 'viem';
import type { Rule } from '../../protocol/types.ts';
import { evmRule } from '../../protocol/verdict.ts';
import { startWorld, type World } from './support/proven-world.ts';
import { reverts } from './support/revert.ts';

const word = (value: bigint | number): Hex => numberToHex(value, { size: 32 });
const CLEAR = 0;
const FIRING = 1;
const FAULTED = 2;

describe('what a rule says of values', () => {
  let world: World;
  before(async () => {
    world = await startWorld();
  });
  after(() => world.anvil.stop());

  /** A rule of one slot whose predicate is this code. */
  const ruled = async (name: string, code: Hex, changes: Partial<Rule> = {}): Promise<Rule> => {
    const address = `0x${keccak256(new TextEncoder().encode(name)).slice(-40)}` as Hex;
    await world.place(address, code);
    return {
      class: 'A',
      rung: 3,
      life: 600,
      family: 'test',
      detector: 'test@1.0.0',
      code: address,
      codeHash: keccak256(code),
      gas: 50_000,
      reference: { kind: 'none' },
      hold: 0,
      startBlock: 0n,
      slots: [{ account: address, slot: word(1) }],
      params: '0x',
      ...changes,
    };
  };
  const ask = (functionName: string, args: readonly unknown[], gas = 1_000_000n) =>
    world.anvil.client.readContract({
      ...world.harness,
      functionName,
      args,
      gas,
    } as never) as Promise<number>;
  const outcome = (of: Rule, values: readonly Hex[], gas?: bigint) =>
    ask('outcome', [evmRule(of), values], gas);
  const outcomeAt = (of: Rule, values: readonly Hex[], index: number) =>
    ask('outcomeAt', [evmRule(of), values, index]);

  // Returns a bool, or what is said, with 7.
  const answering = (first: string, size = '40'): Hex => `0x${first}5f52600760205260${size}5ff3`;
  for (const [what, code, expected] of [
    ['true', answering('6001'), FIRING],
    ['false', answering('5f'), CLEAR],
    ['a bool of two', answering('6002'), FAULTED],
    ['a bool that is all ones', answering('5f19'), FAULTED],
    ['63 bytes', answering('6001', '3f'), FAULTED],
    ['65 bytes', answering('6001', '41'), FAULTED],
    ['one word', answering('6001', '20'), FAULTED],
    ['nothing', '0x00', FAULTED],
    ['a revert with an answer', '0x60015f52600760205260405ffd', FAULTED],
    ['an invalid instruction', '0xfe', FAULTED],
    ['nothing, ever', '0x5b5f56', FAULTED],
  ] as const)
    it(`is ${['clear', 'firing', 'faulted'][expected]} when its predicate answers ${what}`, async () => {
      assert.equal(await outcome(await ruled(what, code), [word(9)]), expected);
    });

  // The first value, or the first at the reference, as the bool.
  const VALUE: Hex = '0x60a4355f5260405ff3';
  const BEFORE: Hex = '0x60e4355f5260405ff3';
  for (const [newest, earlier, whole] of [
    [FIRING, FIRING, FIRING],
    [FIRING, CLEAR, CLEAR],
    [FIRING, FAULTED, FAULTED],
    [CLEAR, FIRING, CLEAR],
    [CLEAR, FAULTED, CLEAR],
    [FAULTED, CLEAR, FAULTED],
  ] as const)
    it(`is the first that is not firing of ${newest} and, where it holds, ${earlier}`, async () => {
      const holding = await ruled('values', VALUE, { hold: 3 });
      assert.equal(await outcome(holding, [word(newest), word(earlier)]), whole);
      const both = await ruled('before', BEFORE, {
        hold: 3,
        reference: { kind: 'lookback', blocks: 2 },
      });
      const values = [word(7), word(newest), word(8), word(earlier)];
      assert.equal(await outcome(both, values), whole);
      assert.equal(await outcomeAt(both, values, 0), newest);
      assert.equal(await outcomeAt(both, values, 1), earlier);
    });

  it('is asked with all of its gas or not at all, whatever the caller has left', async () => {
    // Hashes 64 kB, 26,700 gas, and fires.
    const heavy = await ruled('heavy', '0x61ffff5f205060015f5260405ff3', { gas: 27_000 });
    const seen = new Set<string>();
    for (let gas = 30_000n; gas < 80_000n; gas += 500n)
      seen.add(
        await outcome(heavy, [word(1)], gas).then(String, (error: unknown) =>
          String(error).includes('GasShort') ? 'GasShort' : 'out of gas',
        ),
      );
    assert.deepEqual([...seen], ['out of gas', 'GasShort', String(FIRING)]);
    assert.equal(await outcome({ ...heavy, gas: 26_000 }, [word(1)]), FAULTED);
  });

  // Hashes 64 kB, 26,700 gas, and fires; the same, and does not.
  const HEAVY: Hex = '0x61ffff5f205060015f5260405ff3';
  const HEAVY_CLEAR: Hex = '0x61ffff5f20505f5f5260405ff3';
  for (const [code, gas, more, less] of [
    [HEAVY, 200_000, FIRING, FAULTED],
    [HEAVY, 216_000, FIRING, FIRING],
    [HEAVY, 27_000, FIRING, FAULTED],
    [HEAVY, 26_000, FIRING, FAULTED],
    [HEAVY, 3_400, FIRING, FAULTED],
    [HEAVY, 3_300, FAULTED, FAULTED],
    [HEAVY_CLEAR, 216_000, CLEAR, CLEAR],
    [HEAVY_CLEAR, 3_400, CLEAR, FAULTED],
    [HEAVY_CLEAR, 3_300, FAULTED, FAULTED],
  ] as const)
    it(`of ${gas} gas is ${more} with up to eight times as much and ${less} with an eighth, where ${code === HEAVY ? 'firing' : 'clear'} takes 26,700`, async () => {
      const heavy = await ruled(code, code, { gas });
      const args = [evmRule(heavy), [word(1)]];
      assert.equal(await ask('outcomeWithMore', args), more);
      assert.equal(await ask('outcomeWithLess', args), less);
    });

  it('is asked with eight times its gas or not at all, where it faults with less', async () => {
    const heavy = await ruled('heavy', HEAVY, { gas: 5_000 });
    const seen = new Set<string>();
    for (let gas = 30_000n; gas < 110_000n; gas += 500n)
      seen.add(
        await ask('outcomeWithMore', [evmRule(heavy), [word(1)]], gas).then(
          String,
          (error: unknown) => (String(error).includes('GasShort') ? 'GasShort' : 'out of gas'),
        ),
      );
    assert.deepEqual([...seen], ['out of gas', 'GasShort', String(FIRING)]);
  });

  it('is refused of code that is not the one the rule has pinned', async () => {
    const one = await ruled('values', VALUE);
    const other = keccak256('0xfe');
    await reverts(
      outcome({ ...one, codeHash: other }, [word(1)]),
      world.harness,
      'CodeMismatch',
      getAddress(one.code),
      other,
      one.codeHash,
    );
  });

  for (const count of [0, 1, 3, 5])
    it(`is refused of ${count} values where there are four`, async () => {
      const one = await ruled('values', VALUE, { hold: 1, reference: { kind: 'anchor' } });
      await reverts(
        outcome(
          one,
          Array.from({ length: count }, () => word(1)),
        ),
        world.harness,
        'ClaimCount',
        BigInt(count),
        4n,
      );
    });
});
