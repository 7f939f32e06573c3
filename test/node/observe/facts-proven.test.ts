import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { createPredicates } from '../../../node/detect/predicates.ts';
import { createProviders } from '../../../node/lib/rpc.ts';
import { createBlocks } from '../../../node/observe/blocks.ts';
import type { Observer } from '../../../node/observe/observer.ts';
import type { Anchors } from '../../../node/store/anchors.ts';
import { provenSlots, provenValues } from '../../../node/observe/prove.ts';
import type { AccountAnswer } from '../../../protocol/block-proof.ts';
import type { Verdict } from '../../../protocol/types.ts';
import type { Proxy } from './proxy.ts';
import { createReading, type Reading } from './reading.ts';
import { type World, word } from './support.ts';

describe('facts that fire', () => {
  let reading: Reading;
  let world: World;
  let observer: Observer;
  let anchors: Anchors;
  let proxy: Proxy;
  let second: Proxy;

  before(async () => {
    reading = await createReading();
    ({ world } = reading);
  });
  after(() => world.stop());
  beforeEach(async () => {
    const begun = await reading.begin();
    ({ observer, anchors } = begun);
    [proxy, second] = begun.providers;
  });
  afterEach(() => reading.end());

  const fired = async () => {
    await reading.armed(world.ruleShape('price', 'share-price-fall', [1, 2]));
    await reading.block({ 1: 1000n, 2: 10n });
    await reading.block({ 1: 900n });
    const { facts } = await reading.read();
    return facts[0]!;
  };

  it('are proven slot by slot against the state roots of both blocks', async () => {
    const fact = await fired();
    const found = await createPredicates({ codeOf: observer.codeOf }).detect(fact);
    assert.ok(found !== null && 'values' in found);
    assert.deepEqual(found.values, [word(900), word(10), word(1000), word(10)]);
    assert.equal(found.measure, 1000n);
    assert.equal(await observer.prove(fact), null);
    assert.equal(proxy.calls.filter(({ method }) => method === 'eth_getProof').length, 2);
  });

  it('are not proven when every provider told the same lie about a slot', async () => {
    for (const liar of [proxy, second])
      liar.tamper = ({ method, params }, result) =>
        method === 'eth_call' && params.length === 3
          ? (result as Hex).replace(word(900).slice(2), word(4).slice(2))
          : result;
    const fact = await fired();
    assert.equal(fact.evaluations[0]?.at[0], word(4));
    assert.equal((await observer.prove(fact))?.code, 'PROOF_DIFFERS');
  });

  it('are not proven when every provider told the same lie about the anchor', async () => {
    const anchored = world.ruleShape('feed', 'feed-bound', [3], {
      reference: { kind: 'anchor' },
    });
    await world.write(3, 700n);
    const { hash: other } = await world.anvil.client.getBlock();
    await world.write(3, 100n);
    await reading.armed(anchored);
    const { parentHash: anchor } = await world.anvil.client.getBlock();
    for (const liar of [proxy, second])
      liar.tamper = ({ method }, result) =>
        method === 'eth_call' ? (result as Hex).replace(anchor.slice(2), other.slice(2)) : result;
    await reading.block({ 3: 101n });
    const [lied] = (await reading.read()).facts;
    assert.deepEqual(lied?.evaluations, [{ at: [word(101)], before: [word(700)] }]);
    assert.equal((await observer.prove(lied))?.code, 'PROOF_DIFFERS');
  });

  it('are proven with the anchor that the registry holds', async () => {
    await reading.armed(
      world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'anchor' } }),
    );
    await reading.block({ 3: 101n });
    const [fact] = (await reading.read()).facts;
    assert.equal(await observer.prove(fact!), null);
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
      assert.equal((await observer.prove(fact))?.code, code);
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
    assert.equal((await observer.prove(fact))?.code, 'PROOF_INVALID');
  });

  it('are shown to a court and a prover by any one provider, and signed by the proof of all', async () => {
    const { block, covered, evaluations } = await fired();
    second.tamper = ({ method }, result) => (method === 'eth_getProof' ? null : result);
    const { height, hash: blockHash } = block;
    const shown = await observer.proofOf(covered.rule, height, null);
    assert.deepEqual(shown.evaluations, evaluations);
    const said = { ...covered, height, blockHash } as unknown as Verdict;
    const truth = await observer.trueClaims(covered, said);
    assert.deepEqual([truth?.evaluations, truth?.proof], [evaluations, shown.proof]);
    const fact = { block, epoch: 1n, covered, evaluations };
    assert.equal((await observer.prove(fact))?.code, 'PROOF_INVALID');
    proxy.tamper = second.tamper;
    await assert.rejects(observer.proofOf(covered.rule, height, null), { code: 'PROOF_INVALID' });
  });

  it('are shown with the anchor whose state no provider has any more, by what was stored and is so', async () => {
    const reference = { kind: 'anchor' } as const;
    await reading.block({ 1: 1000n, 2: 10n });
    await reading.armed(world.ruleShape('price', 'share-price-fall', [1, 2], { reference }));
    await reading.block({ 1: 900n });
    const { block, covered, evaluations } = (await reading.read()).facts[0]!;
    const { rule, ruleId, anchor } = covered;
    const prove = () => observer.proofOf(rule, block.height, anchor);
    const shown = await prove();
    assert.deepEqual(shown.evaluations, evaluations);
    const forgets: Proxy['tamper'] = ({ method, params }, result) =>
      method === 'eth_getProof' && (params[2] as { blockHash: Hex }).blockHash === anchor
        ? null
        : result;
    for (const provider of [proxy, second]) provider.tamper = forgets;
    assert.deepEqual(await prove(), shown);
    // As an earlier version has left it, and as nothing should.
    const { values } = evaluations.map(({ before }) => ({ values: before }))[0]!;
    const answer = (await anchors.answers(ruleId, anchor!))![world.slots] as AccountAnswer;
    const [top] = answer.accountProof;
    for (const answers of [
      new Map(),
      new Map([[world.slots, { ...answer, accountProof: [top!] }]]),
    ]) {
      await anchors.put(ruleId, anchor!, { values, answers });
      await assert.rejects(prove(), { code: 'PROOF_INVALID' });
      proxy.tamper = (_, result) => result;
      assert.deepEqual(await prove(), shown);
      proxy.tamper = forgets;
    }
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

  it('are shown by the nodes on their way alone, in order, whatever a provider sends beside them', async () => {
    const { block, covered } = await fired();
    const { slots } = covered.rule;
    const ask = createProviders([proxy.url], {}).agreed;
    const honest = await provenSlots(ask, block, slots);
    const garble = ([root, ...rest]: readonly Hex[]): readonly Hex[] => [
      root!,
      ...rest.toReversed(),
      `0x${'5a'.repeat(40)}`,
    ];
    proxy.tamper = ({ method }, result) => {
      if (method !== 'eth_getProof') return result;
      const { accountProof, storageProof, ...others } = result as AccountAnswer;
      return {
        ...others,
        accountProof: garble(accountProof),
        storageProof: storageProof.map((each) => ({ ...each, proof: garble(each.proof) })),
      };
    };
    assert.deepEqual(await provenSlots(ask, block, slots), honest);
    const [answer] = honest.answers.values();
    assert.ok(answer!.accountProof.length > 1);
  });
});
