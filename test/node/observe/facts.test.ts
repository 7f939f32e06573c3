import assert from 'node:assert/strict';
import { type Hex, size } from 'viem';
import type { Observer } from '../../../node/observe/observer.ts';
import type { Call, Proxy } from './proxy.ts';
import { createReading, type Reading } from './reading.ts';
import { type World, word } from './support.ts';

describe('facts', () => {
  let reading: Reading;
  let world: World;
  let observer: Observer;
  let proxy: Proxy;
  let second: Proxy;

  before(async () => {
    reading = await createReading();
    ({ world } = reading);
  });
  after(() => world.stop());
  beforeEach(async () => {
    const begun = await reading.begin();
    observer = begun.observer;
    [proxy, second] = begun.providers;
  });
  afterEach(() => reading.end());

  it('hold the slots at the block and at the block the rule looks back to', async () => {
    await reading.armed(
      world.ruleShape('price', 'share-price-fall', [1, 2], {
        reference: { kind: 'lookback', blocks: 2 },
      }),
    );
    await reading.block({ 1: 100n, 2: 10n });
    await reading.block({ 1: 90n });
    await reading.block({ 2: 11n });
    const { evaluations } = await reading.values();
    assert.deepEqual(evaluations, [{ at: [word(90), word(11)], before: [word(100), word(10)] }]);
  });

  it('ask again at the block the rule holds from', async () => {
    await reading.armed(world.ruleShape('feed', 'feed-bound', [3], { hold: 2 }));
    for (const value of [1n, 2n, 3n, 4n, 5n]) await reading.block({ 3: value });
    const { evaluations } = await reading.values();
    assert.deepEqual(evaluations, [
      { at: [word(5)], before: [word(4)] },
      { at: [word(3)], before: [word(2)] },
    ]);
  });

  it('compare with the anchor, which is read and proven once', async () => {
    await world.write(3, 700n);
    await reading.armed(
      world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'anchor' } }),
    );
    await reading.block({ 3: 701n });
    assert.deepEqual((await reading.values()).evaluations, [
      { at: [word(701)], before: [word(700)] },
    ]);
    const proofs = () => proxy.calls.filter(({ method }) => method === 'eth_getProof').length;
    const before = proofs();
    assert.ok(before > 0);
    await reading.block({ 3: 702n });
    assert.deepEqual((await reading.values()).evaluations, [
      { at: [word(702)], before: [word(700)] },
    ]);
    assert.equal(proofs(), before);
  });

  it('are read in one request for all rules, and no slot twice', async () => {
    const price = world.ruleShape('price', 'share-price-fall', [1, 2]);
    const feed = world.ruleShape('feed', 'feed-bound', [1]);
    const coverageId = await world.cover([price, feed]);
    await world.arm(coverageId, price);
    await world.request('evm_setAutomine', false);
    await reading.block({ 1: 5n });
    await reading.read();
    await reading.block({ 1: 6n });
    const state = await reading.newest();
    const { hash } = state.block;
    const calls = proxy.calls.length;
    const { facts } = await observer.facts(state);
    assert.equal(facts.length, 2);
    // The observer looks for new heads meanwhile.
    const asked = proxy.calls
      .slice(calls)
      .filter(({ method }) => !method.startsWith('eth_getBlock'));
    assert.deepEqual(asked.map(isOfSlots), [true]);
    const [call, block] = asked[0]!.params as [{ data: Hex }, { blockHash: Hex }];
    // The values of the block before are already known.
    assert.ok(call.data.endsWith([1, 2].map((slot) => word(slot).slice(2)).join('')));
    assert.equal(size(call.data), 3 * 32);
    assert.equal(block.blockHash, hash);
  });

  it('look back along the branch of their block after a reorg', async () => {
    await reading.armed(
      world.ruleShape('price', 'share-price-fall', [1, 2], {
        reference: { kind: 'lookback', blocks: 3 },
      }),
    );
    await reading.block({ 1: 100n, 2: 10n });
    await reading.block({ 1: 50n });
    await reading.block({ 1: 49n });
    await reading.block({ 1: 48n });
    assert.deepEqual((await reading.values()).evaluations?.[0]?.before, [word(100), word(10)]);
    await world.reorg(3);
    await reading.block();
    const { evaluations, codes } = await reading.values();
    assert.deepEqual(codes, []);
    assert.deepEqual(evaluations, [{ at: [word(100), word(10)], before: [word(100), word(10)] }]);
  });

  it('are an abstention before the rule could have held since it was armed', async () => {
    await reading.armed(world.ruleShape('feed', 'feed-bound', [3], { hold: 3 }));
    assert.deepEqual((await reading.values()).codes, ['BEFORE_ARMING']);
    // Three blocks of hold and one of lookback.
    await world.mine(3);
    assert.deepEqual((await reading.values()).codes, ['BEFORE_ARMING']);
    await world.mine(1);
    assert.deepEqual((await reading.values()).codes, []);
  });

  it('are an abstention where the chain is shorter than the rule looks back', async () => {
    await world.cover([
      world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'lookback', blocks: 96 } }),
    ]);
    assert.deepEqual((await reading.values()).codes, ['REFERENCE_MISSING']);
  });

  it('are an abstention for a shadow rule that has no anchor yet', async () => {
    await world.cover([
      world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'anchor' } }),
    ]);
    assert.deepEqual((await reading.values()).codes, ['REFERENCE_MISSING']);
  });

  it('are an abstention when one provider gives another value, and are asked for again', async () => {
    await reading.armed(world.ruleShape('feed', 'feed-bound', [3]));
    await reading.block({ 3: 5n });
    await reading.values();
    second.tamper = (call, result) =>
      isOfSlots(call) ? (result as Hex).replace(word(6).slice(2), word(7).slice(2)) : result;
    await reading.block({ 3: 6n });
    const differs = { evaluations: undefined, codes: ['PROVIDERS_DISAGREE'] };
    assert.deepEqual(await reading.values(), differs);
    second.tamper = (_, result) => result;
    assert.deepEqual((await reading.values()).codes, []);
  });

  for (const [what, answer] of [
    ['passes over the code that a call is made with', '0x'],
    ['reads nothing by it', `0x${'00'.repeat(31)}01${'00'.repeat(32)}`],
    ['gives text', 'no'],
  ] as const)
    it(`are read slot by slot where a provider ${what}`, async () => {
      second.tamper = (call, result) => (isOfSlots(call) ? answer : result);
      await reading.armed(world.ruleShape('feed', 'feed-bound', [3]));
      await reading.block({ 3: 5n });
      await reading.block({ 3: 6n });
      assert.deepEqual(await reading.values(), {
        evaluations: [{ at: [word(6)], before: [word(5)] }],
        codes: [],
      });
      const single = proxy.calls.filter(({ method }) => method === 'eth_getStorageAt');
      assert.ok(single.some(({ params }) => params[0] === world.slots && params[1] === word(3)));
    });

  it('are read slot by slot when a provider that could no longer can', async () => {
    await reading.armed(world.ruleShape('feed', 'feed-bound', [3]));
    await reading.block({ 3: 5n });
    await reading.values();
    second.tamper = (call, result) => (isOfSlots(call) ? '0x' : result);
    await reading.block({ 3: 6n });
    assert.deepEqual((await reading.values()).evaluations?.[0]?.at, [word(6)]);
  });

  for (const [what, answer, code] of [
    ['another value', word(7), 'PROVIDERS_DISAGREE'],
    ['a short value', '0x07', 'SLOT_INVALID'],
    ['half a digit', `0x${'0'.repeat(63)}`, 'SLOT_INVALID'],
    ['a number', 7, 'SLOT_INVALID'],
    ['nothing', null, 'SLOT_INVALID'],
  ] as const)
    it(`are an abstention when one provider gives ${what} for a slot`, async () => {
      await reading.armed(world.ruleShape('feed', 'feed-bound', [3]));
      await reading.block({ 3: 5n });
      second.tamper = (call, result) => {
        if (isOfSlots(call)) return '0x';
        return call.method === 'eth_getStorageAt' && call.params[1] === word(3) ? answer : result;
      };
      assert.deepEqual(await reading.values(), { evaluations: undefined, codes: [code] });
      second.tamper = (_, result) => result;
      assert.deepEqual((await reading.values()).codes, [], 'what failed is asked again');
    });

  it('are an abstention while a provider is down', async () => {
    await reading.armed(world.ruleShape('feed', 'feed-bound', [3]));
    await reading.block({ 3: 5n });
    const state = await reading.newest();
    second.isDown = true;
    const { abstentions } = await observer.facts(state);
    assert.deepEqual(
      abstentions.map(({ code }) => code),
      ['PROVIDER_UNREACHABLE'],
    );
  });
});

/** A call that is made over other code than the chain has. */
const isOfSlots = ({ method, params }: Call) => method === 'eth_call' && params.length === 3;
