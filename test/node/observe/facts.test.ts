import assert from 'node:assert/strict';
import { type Hex, toFunctionSelector } from 'viem';
import { createDetector } from '../../../node/detect/detector.ts';
import { createProviders } from '../../../node/lib/rpc.ts';
import { createBlocks } from '../../../node/observe/blocks.ts';
import { provenValues } from '../../../node/observe/prove.ts';
import { type Call, type Proxy, startProxy } from './proxy.ts';
import { createWorld, type World, watch, word } from './support.ts';

const ANCHOR = toFunctionSelector('anchor(bytes32,bytes32)');
type Watched = ReturnType<typeof watch>;

describe('facts', () => {
  let world: World;
  let restore: () => Promise<void>;
  let proxy: Proxy;
  let second: Proxy;
  let one: Watched;

  before(async () => {
    world = await createWorld();
  });

  after(() => world.stop());

  beforeEach(async () => {
    restore = await world.remember();
    proxy = await startProxy(world.anvil.url);
    second = await startProxy(world.anvil.url);
    one = watch([proxy.url, second.url], world.deployment);
  });

  afterEach(async () => {
    await one.stop();
    await proxy.stop();
    await second.stop();
    await restore();
  });

  /** Covers and arms one rule, then lets the test mine by hand. */
  const armed = async (shape: ReturnType<World['ruleShape']>) => {
    const coverageId = await world.cover([shape]);
    await world.arm(coverageId, shape);
    await world.request('evm_setAutomine', false);
  };

  const block = async (writes: Readonly<Record<number, bigint>> = {}) => {
    for (const [slot, value] of Object.entries(writes)) await world.write(Number(slot), value);
    await world.mine(1);
  };

  const read = async () => {
    const { hash } = await world.anvil.client.getBlock();
    await one.reach(hash);
    assert.equal(one.failure(), null);
    return one.observer.facts(one.tip()!.state);
  };

  const values = async () => {
    const { facts, abstentions } = await read();
    return { evaluations: facts[0]?.evaluations, codes: abstentions.map(({ code }) => code) };
  };

  it('hold the slots at the block and at the block the rule looks back to', async () => {
    await armed(
      world.ruleShape('price', 'share-price-fall', [1, 2], {
        reference: { kind: 'lookback', blocks: 2 },
      }),
    );
    await block({ 1: 100n, 2: 10n });
    await block({ 1: 90n });
    await block({ 2: 11n });
    const { evaluations } = await values();
    assert.deepEqual(evaluations, [{ at: [word(90), word(11)], before: [word(100), word(10)] }]);
  });

  it('ask again at the block the rule holds from', async () => {
    await armed(world.ruleShape('feed', 'feed-bound', [3], { hold: 2 }));
    for (const value of [1n, 2n, 3n, 4n, 5n]) await block({ 3: value });
    const { evaluations } = await values();
    assert.deepEqual(evaluations, [
      { at: [word(5)], before: [word(4)] },
      { at: [word(3)], before: [word(2)] },
    ]);
  });

  it('compare with the anchor, which is read and proven once', async () => {
    await world.write(3, 700n);
    await armed(world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'anchor' } }));
    await block({ 3: 701n });
    assert.deepEqual((await values()).evaluations, [{ at: [word(701)], before: [word(700)] }]);
    const proofs = () => proxy.calls.filter(({ method }) => method === 'eth_getProof').length;
    const before = proofs();
    assert.ok(before > 0);
    await block({ 3: 702n });
    assert.deepEqual((await values()).evaluations, [{ at: [word(702)], before: [word(700)] }]);
    assert.equal(proofs(), before);
  });

  it('are read in one request for all rules, and no slot twice', async () => {
    const price = world.ruleShape('price', 'share-price-fall', [1, 2]);
    const feed = world.ruleShape('feed', 'feed-bound', [1]);
    const coverageId = await world.cover([price, feed]);
    await world.arm(coverageId, price);
    await world.request('evm_setAutomine', false);
    await block({ 1: 5n });
    await read();
    await block({ 1: 6n });
    const { hash } = await world.anvil.client.getBlock();
    await one.reach(hash);
    const [calls, requests] = [proxy.calls.length, proxy.requests];
    const { facts } = await one.observer.facts(one.tip()!.state);
    assert.equal(facts.length, 2);
    const asked = proxy.calls.slice(calls).filter(({ method }) => method === 'eth_getStorageAt');
    // The values of the block before are already known.
    assert.equal(asked.length, 2);
    assert.deepEqual(new Set(asked.map(({ params }) => params[1])), new Set([word(1), word(2)]));
    assert.ok(asked.every(({ params }) => (params[2] as { blockHash: Hex }).blockHash === hash));
    assert.ok(proxy.requests - requests <= 2, 'one batch, and perhaps a look for a new head');
  });

  it('look back along the branch of their block after a reorg', async () => {
    await armed(
      world.ruleShape('price', 'share-price-fall', [1, 2], {
        reference: { kind: 'lookback', blocks: 3 },
      }),
    );
    await block({ 1: 100n, 2: 10n });
    await block({ 1: 50n });
    await block({ 1: 49n });
    await block({ 1: 48n });
    assert.deepEqual((await values()).evaluations?.[0]?.before, [word(100), word(10)]);
    await world.reorg(3);
    await block();
    const { evaluations, codes } = await values();
    assert.deepEqual(codes, []);
    assert.deepEqual(evaluations, [{ at: [word(100), word(10)], before: [word(100), word(10)] }]);
  });

  it('are an abstention before the rule could have held since it was armed', async () => {
    await armed(world.ruleShape('feed', 'feed-bound', [3], { hold: 3 }));
    assert.deepEqual((await values()).codes, ['BEFORE_ARMING']);
    // Three blocks of hold and one of lookback.
    await world.mine(3);
    assert.deepEqual((await values()).codes, ['BEFORE_ARMING']);
    await world.mine(1);
    assert.deepEqual((await values()).codes, []);
  });

  it('are an abstention where the chain is shorter than the rule looks back', async () => {
    await world.cover([
      world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'lookback', blocks: 96 } }),
    ]);
    assert.deepEqual((await values()).codes, ['REFERENCE_MISSING']);
  });

  it('are an abstention for a shadow rule that has no anchor yet', async () => {
    await world.cover([
      world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'anchor' } }),
    ]);
    assert.deepEqual((await values()).codes, ['REFERENCE_MISSING']);
  });

  it('are an abstention for a class that this node cannot judge', async () => {
    const zero = { code: word(0).slice(0, 42) as Hex, codeHash: word(0), gas: 0 };
    await world.cover([world.ruleShape('feed', 'opinion', [3], { class: 'C', rung: 1, ...zero })]);
    assert.deepEqual((await values()).codes, ['DETECTOR_UNKNOWN']);
  });

  for (const [what, answer, code] of [
    ['another value', word(7), 'PROVIDERS_DISAGREE'],
    ['a short value', '0x07', 'SLOT_INVALID'],
    ['half a digit', `0x${'0'.repeat(63)}`, 'SLOT_INVALID'],
    ['a number', 7, 'SLOT_INVALID'],
    ['nothing', null, 'SLOT_INVALID'],
  ] as const)
    it(`are an abstention when one provider gives ${what} for a slot`, async () => {
      await armed(world.ruleShape('feed', 'feed-bound', [3]));
      await block({ 3: 5n });
      second.tamper = ({ method }, result) => (method === 'eth_getStorageAt' ? answer : result);
      assert.deepEqual(await values(), { evaluations: undefined, codes: [code] });
      second.tamper = (_, result) => result;
      assert.deepEqual((await values()).codes, [], 'what failed is asked again');
    });

  it('are an abstention while a provider is down', async () => {
    await armed(world.ruleShape('feed', 'feed-bound', [3]));
    await block({ 3: 5n });
    const { hash } = await world.anvil.client.getBlock();
    await one.reach(hash);
    second.isDown = true;
    const { abstentions } = await one.observer.facts(one.tip()!.state);
    assert.deepEqual(
      abstentions.map(({ code }) => code),
      ['PROVIDER_UNREACHABLE'],
    );
  });

  describe('that fire', () => {
    const fired = async () => {
      await armed(world.ruleShape('price', 'share-price-fall', [1, 2]));
      await block({ 1: 1000n, 2: 10n });
      await block({ 1: 900n });
      const { facts } = await read();
      return facts[0]!;
    };

    it('are proven slot by slot against the state roots of both blocks', async () => {
      const fact = await fired();
      const found = await createDetector({ codeOf: one.observer.codeOf }).detect(fact);
      assert.ok(found !== null && 'values' in found);
      assert.deepEqual(found.values, [word(900), word(10), word(1000), word(10)]);
      assert.equal(found.measure, 1000n);
      assert.equal(await one.observer.prove(fact), null);
      assert.equal(proxy.calls.filter(({ method }) => method === 'eth_getProof').length, 2);
    });

    it('are not proven when every provider told the same lie about a slot', async () => {
      for (const liar of [proxy, second])
        liar.tamper = ({ method, params }, result) =>
          method === 'eth_getStorageAt' && params[1] === word(1) ? word(4) : result;
      const fact = await fired();
      assert.equal(fact.evaluations[0]?.at[0], word(4));
      assert.equal((await one.observer.prove(fact))?.code, 'PROOF_DIFFERS');
    });

    it('are not proven when every provider told the same lie about the anchor', async () => {
      const anchored = world.ruleShape('feed', 'feed-bound', [3], {
        reference: { kind: 'anchor' },
      });
      await world.write(3, 700n);
      const { hash: other } = await world.anvil.client.getBlock();
      await world.write(3, 100n);
      await armed(anchored);
      const isAnchor = ({ method, params }: Call) =>
        method === 'eth_call' && (params[0] as { data: Hex }).data.startsWith(ANCHOR);
      for (const liar of [proxy, second])
        liar.tamper = (call, result) => (isAnchor(call) ? other : result);
      await block({ 3: 101n });
      const [lied] = (await read()).facts;
      assert.deepEqual(lied?.evaluations, [{ at: [word(101)], before: [word(700)] }]);
      assert.equal((await one.observer.prove(lied))?.code, 'PROOF_DIFFERS');
    });

    it('are proven with the anchor that the registry holds', async () => {
      await armed(world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'anchor' } }));
      await block({ 3: 101n });
      const [fact] = (await read()).facts;
      assert.equal(await one.observer.prove(fact!), null);
    });

    type Proof = {
      accountProof: Hex[];
      storageProof: { key: string; value: string; proof: Hex[] }[];
    };
    const forgeries: readonly (readonly [string, string, (proof: Proof) => unknown])[] = [
      [
        'an account proof that is cut short',
        'PROOF_INVALID',
        (proof) => ({ ...proof, accountProof: proof.accountProof.slice(0, -1) }),
      ],
      ['no account proof', 'PROOF_INVALID', (proof) => ({ ...proof, accountProof: [] })],
      [
        'storage proofs in another order',
        'PROOF_INVALID',
        (proof) => ({ ...proof, storageProof: proof.storageProof.toReversed() }),
      ],
      [
        'a storage proof that is cut short',
        'PROOF_INVALID',
        (proof) => ({
          ...proof,
          storageProof: proof.storageProof.map((one) => ({
            ...one,
            proof: one.proof.slice(0, -1),
          })),
        }),
      ],
      [
        'a changed leaf',
        'PROOF_INVALID',
        (proof) => ({
          ...proof,
          storageProof: proof.storageProof.map((one) => ({
            ...one,
            proof: one.proof.map((node) => `${node.slice(0, -2)}63` as Hex),
          })),
        }),
      ],
      [
        'nodes longer than any node',
        'PROOF_INVALID',
        (proof) => ({
          ...proof,
          accountProof: proof.accountProof.map((node) => `${node}${'00'.repeat(2000)}` as Hex),
        }),
      ],
      [
        'a thousand nodes',
        'PROOF_INVALID',
        (proof) => ({
          ...proof,
          accountProof: Array.from({ length: 1000 }, () => proof.accountProof[0]),
        }),
      ],
      [
        'fewer proofs than asked',
        'PROOF_INVALID',
        (proof) => ({ ...proof, storageProof: proof.storageProof.slice(1) }),
      ],
      ['text', 'PROOF_INVALID', () => '0x'],
    ];
    for (const [lie, code, forge] of forgeries)
      it(`are not proven by ${lie}`, async () => {
        const fact = await fired();
        for (const liar of [proxy, second])
          liar.tamper = ({ method }, result) =>
            method === 'eth_getProof' ? forge(result as Proof) : result;
        assert.equal((await one.observer.prove(fact))?.code, code);
      });

    it('are not proven with the proof of another block', async () => {
      const fact = await fired();
      const later = fact.block.hash;
      const earlier = fact.block.parentHash;
      const swapped = await world.request('eth_getProof', world.slots, [word(1), word(2)], {
        blockHash: earlier,
      });
      for (const liar of [proxy, second])
        liar.tamper = ({ method, params }, result) =>
          method === 'eth_getProof' && (params[2] as { blockHash: Hex }).blockHash === later
            ? swapped
            : result;
      assert.equal((await one.observer.prove(fact))?.code, 'PROOF_INVALID');
    });
  });

  it('are proven for what is not there: an empty slot, an account without storage, and no account', async () => {
    await world.write(1, 5n);
    await world.mine(1);
    const providers = createProviders([proxy.url]);
    const block = await createBlocks(providers, 31_337n, 20, () => {}).byHash(
      (await world.anvil.client.getBlock()).hash,
    );
    const nobody: Hex = '0x00000000000000000000000000000000000dead0';
    const slots = [
      { account: world.slots, slot: word(1) },
      { account: world.slots, slot: word(99) },
      { account: world.anvil.wallet.account.address.toLowerCase() as Hex, slot: word(1) },
      { account: nobody, slot: word(1) },
    ];
    assert.deepEqual(await provenValues(providers, block, slots), [
      word(5),
      word(0),
      word(0),
      word(0),
    ]);
  });
});
