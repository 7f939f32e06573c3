import assert from 'node:assert/strict';
import { type Hex, keccak256, padHex, slice, stringToHex } from 'viem';
import { manySlots, SLOTS } from '../../../node/observe/many-slots.ts';
import { createWorld, type World, word } from './support.ts';

const address = (number: number): Hex => padHex(`0x${number.toString(16)}`, { size: 20 });
const DELEGATED: Hex = '0x00000000000000000000000000000000000de1e6';
const GATHERER = slice(keccak256(stringToHex('tocsin many slots')), 12);

describe('many slots in one call', () => {
  let world: World;
  let filled: readonly { account: Hex; slot: Hex }[];
  before(async () => {
    world = await createWorld();
    for (const number of [1, 2, 3]) await world.write(number, BigInt(number) * 7n);
    for (const account of [DELEGATED, GATHERER, address(4)])
      await world.request('anvil_setStorageAt', account, word(5), word(55));
    await world.request('anvil_setCode', DELEGATED, `0xef0100${world.slots.slice(2)}`);
    await world.mine();
    filled = [1, 2, 3].map((number) => ({ account: world.slots, slot: word(number) }));
  });
  after(() => world.stop());

  const alone = ({ account, slot }: { account: Hex; slot: Hex }) =>
    world.request('eth_getStorageAt', account, slot, 'latest');
  const together = async (slots: readonly { account: Hex; slot: Hex }[]) => {
    const { call, over, read } = manySlots(slots);
    return read(await world.request('eth_call', call, 'latest', over));
  };

  for (const [what, more] of [
    ['an account without code', () => [{ account: address(0xabcdef), slot: word(5) }]],
    ['an account that EIP-7702 delegates', () => [{ account: DELEGATED, slot: word(5) }]],
    ["the place of the call's own program", () => [{ account: GATHERER, slot: word(5) }]],
    ['a slot that is asked for twice', () => [filled[1]!, filled[1]!]],
    [
      'the contract that all rules belong to',
      () => [{ account: world.domain.registry, slot: word(0) }],
    ],
  ] as const)
    it(`are read as one by one, with ${what} among them`, async () => {
      const slots = [filled[0]!, ...more(), filled[2]!];
      assert.deepEqual(await together(slots), await Promise.all(slots.map(alone)));
    });

  it('leave out what a precompile answers instead, and nothing else', async () => {
    const precompiles = [...Array(0x11).keys(), 0xff].map((index) => address(index + 1));
    // To the modular exponentiation: lengths of base, exponent and modulus.
    const lengths = [word(0), word(1), word(2)];
    const odd = precompiles.flatMap((account) => lengths.map((slot) => ({ account, slot })));
    const values = await together([filled[0]!, ...odd, filled[2]!]);
    assert.deepEqual([values[0], values.at(-1)], [word(7), word(21)]);
    assert.deepEqual(new Set(values.slice(1, -1)), new Set([null]));
  });

  it('are as many as are allowed, each of another account', async () => {
    const slots = Array.from({ length: SLOTS - 1 }, (_, index) => ({
      account: address(0x10_000 + index),
      slot: word(index),
    }));
    const values = await together([...slots, filled[2]!]);
    assert.deepEqual(new Set(values.slice(0, -1)), new Set([word(0)]));
    assert.equal(values.at(-1), word(21));
  });

  it('are as many as are allowed, all of one account', async () => {
    const account = world.slots;
    const slots = Array.from({ length: SLOTS }, (_, index) => ({ account, slot: word(index) }));
    assert.deepEqual((await together(slots)).slice(0, 4), [0, 7, 14, 21].map(word));
  });

  for (const [what, answer] of [
    ['nothing', null],
    ['no bytes', '0x'],
    ['a word too few', padHex('0x', { size: 96 })],
    ['half a digit', `0x${'0'.repeat(3 * 64 + 63)}`],
  ] as const)
    it(`are invalid when a provider gives ${what}`, () => {
      assert.throws(() => manySlots(filled).read(answer), { code: 'SLOTS_INVALID' });
    });
});
