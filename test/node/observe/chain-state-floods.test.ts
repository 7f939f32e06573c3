import assert from 'node:assert/strict';
import { concatHex, encodeFunctionData, type Hex, numberToHex, parseGwei } from 'viem';
import { createProviders } from '../../../node/lib/rpc.ts';
import { createChainStates } from '../../../node/observe/chain-state.ts';
import { readHeader } from '../../../node/observe/header.ts';
import { registryAbi } from '../../../protocol/abi.ts';
import { createLookout, type Lookout } from './lookout.ts';
import type { World } from './support.ts';

/** Makes a log of every word it is sent, with the word as its topic. */
const LOUD_BYTECODE = '0x705f5b80355f5fa1602001368110600157005f526011600ff3';
const COVERAGES = 20;

describe('chain state, where a block looks as if it changed much,', () => {
  let lookout: Lookout;
  let world: World;
  before(async () => {
    lookout = await createLookout();
    ({ world } = lookout);
  });
  after(() => world.stop());
  beforeEach(() => lookout.begin());
  afterEach(() => lookout.end());

  /** A watched chain with coverages of two rules each, whose second is armed with an anchor. */
  const covered = async () => {
    const price = world.ruleShape('price', 'share-price-fall', [1, 2]);
    const feed = world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'anchor' } });
    const ids: Hex[] = [];
    for (let index = 0; index < COVERAGES; index++) ids.push(await world.cover([price, feed]));
    await world.arm(ids[0]!, feed);
    const proxy = await lookout.provider();
    const one = lookout.start(proxy.url);
    const state = await lookout.catchUp(one);
    assert.equal(state.rules.length, 2 * COVERAGES);
    const asked = async () => {
      const before = proxy.calls.length;
      const { rules } = await lookout.catchUp(one);
      const reads = proxy.calls
        .slice(before)
        .filter(({ method }) => method === 'eth_call' || method === 'eth_getCode');
      return { rules, reads: reads.length };
    };
    return { ids, feed, one, state, asked };
  };

  const send = (to: Hex, data: Hex, value = 0n) =>
    world.anvil.wallet.sendTransaction({ to, data, value, gas: 1_000_000n });

  const mined = async (hash: Promise<Hex>) =>
    world.anvil.client.waitForTransactionReceipt({ hash: await hash });

  const placeLoud = async (): Promise<Hex> => {
    const placed = await mined(world.anvil.wallet.sendTransaction({ data: LOUD_BYTECODE }));
    return placed.contractAddress!;
  };

  const fund = (coverageId: Hex) =>
    send(
      world.domain.registry,
      encodeFunctionData({ abi: registryAbi, functionName: 'fund', args: [coverageId] }),
      parseGwei('7'),
    );

  const escrows = (rules: readonly { coverageId: Hex; escrow: bigint }[]) =>
    new Map(rules.map(({ coverageId, escrow }) => [coverageId, escrow]));

  it('reads only the coverage that the block names, in one request', async () => {
    const { ids, asked, state } = await covered();
    await mined(fund(ids[7]!));
    const { rules, reads } = await asked();
    assert.equal(reads, 1);
    const expected = escrows(state.rules).set(ids[7]!, parseGwei('7'));
    assert.deepEqual(escrows(rules), expected);
  });

  it('reads every coverage that a block pretends to name in a few requests, and finds them as they were', async () => {
    const { ids, asked, state } = await covered();
    const loud = await placeLoud();
    assert.equal((await asked()).reads, 0);
    await world.request('evm_setAutomine', false);
    await fund(ids[7]!);
    await send(loud, concatHex(ids));
    await world.mine(1);
    const { rules, reads } = await asked();
    // Four questions a coverage, 64 a request.
    assert.equal(reads, 2);
    const paid = ({ escrow, coverageId }: (typeof rules)[number]) =>
      coverageId === ids[7] ? parseGwei('7') : escrow;
    assert.deepEqual(
      rules,
      state.rules.map((rule) => ({ ...rule, escrow: paid(rule) })),
    );
  });

  it('asks nothing of a block whose logs are of others', async () => {
    const { ids, asked } = await covered();
    const loud = await placeLoud();
    await mined(send(loud, concatHex(ids)));
    assert.equal((await asked()).reads, 0);
  });

  it('is the same for a node that starts late as for one that read only what changed', async () => {
    const { ids, feed, one } = await covered();
    await mined(fund(ids[3]!));
    await world.arm(ids[4]!, feed);
    await world.retire(ids[5]!);
    await mined(fund(ids[4]!));
    const { block, ...seen } = await lookout.catchUp(one);
    assert.equal(seen.rules.length, 2 * COVERAGES - 2);
    const late = await lookout.catchUp(lookout.start());
    assert.deepEqual({ ...late }, { block, ...seen });
  });

  it('does not count up to a height that a provider invented', async () => {
    const proxy = await lookout.provider();
    const newest = await world.request('eth_getBlockByNumber', 'latest', false);
    const invented = { ...readHeader(31_337n, newest), height: 10n ** 12n, hash: word(0xbad) };
    const states = createChainStates(createProviders([proxy.url]), world.deployment, {
      onIgnored: () => undefined,
      onMissing: () => undefined,
    });
    // Of what comes after its head it says that there are no logs, where others refuse.
    proxy.garble = (text) => text.replace(/"error":\{[^}]*\}/g, '"result":[]');
    await assert.rejects(states.at(invented), { code: 'BLOCK_REPLACED' });
  });
});

const word = (value: number): Hex => numberToHex(value, { size: 32 });
