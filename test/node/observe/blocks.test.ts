import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { createBlocks } from '../../../node/observe/blocks.ts';
import { createProviders } from '../../../node/lib/rpc.ts';
import { type Anvil, startAnvil } from '../anvil.ts';
import { type Proxy, startProxy } from './proxy.ts';
import { until } from './support.ts';

type Step = Awaited<
  ReturnType<ReturnType<ReturnType<typeof createBlocks>['steps']>['next']>
>['value'];

describe('blocks', () => {
  let anvil: Anvil;
  let proxies: Proxy[];
  let stops: (() => Promise<void>)[];

  beforeEach(async () => {
    anvil = await startAnvil(['--no-mining', '--slots-in-an-epoch', '2']);
    proxies = [];
    stops = [];
  });

  afterEach(async () => {
    for (const stop of stops) await stop();
    for (const proxy of proxies) await proxy.stop();
    await anvil.stop();
  });

  const provider = async () => {
    const proxy = await startProxy(anvil.url);
    proxies.push(proxy);
    return proxy;
  };

  const mine = (blocks: number) => anvil.test.mine({ blocks });
  const reorg = (depth: number) =>
    anvil.test.request({ method: 'anvil_reorg', params: [depth, []] } as never) as Promise<unknown>;
  const hashAt = async (blockNumber: bigint) => (await anvil.client.getBlock({ blockNumber })).hash;
  const head = () => anvil.client.getBlockNumber({ cacheTime: 0 });

  /** Follows the chain and keeps its own copy of it by applying each step. */
  const follow = (
    urls: readonly string[],
    attach: (hash: Hex) => Promise<void> = async () => {},
    pollMs = 20,
  ) => {
    const stopping = new AbortController();
    const faults: string[] = [];
    const steps: Step[] = [];
    const copy = new Map<bigint, Hex>();
    let error: unknown = null;
    const blocks = createBlocks(
      createProviders(urls, { timeoutMs: 500 }),
      31_337n,
      pollMs,
      (code) => faults.push(code),
    );
    const done = (async () => {
      for await (const step of blocks.steps(({ hash }) => attach(hash), stopping.signal)) {
        steps.push(step);
        if (step.kind === 'block') {
          const before = copy.get(step.block.height - 1n);
          if (before !== undefined)
            assert.equal(step.block.parentHash, before, 'a block follows its parent');
          assert.ok(!copy.has(step.block.height), 'no height comes out twice');
          copy.set(step.block.height, step.block.hash);
        }
        if (step.kind === 'reorg') for (const { height } of step.dropped) copy.delete(height);
      }
    })().catch((reason: unknown) => {
      error = reason;
    });
    stops.push(async () => {
      stopping.abort();
      await done;
      if (error !== null) throw error;
    });
    const reach = async () => {
      const hash = await hashAt(await head());
      await until(() => error !== null || [...copy.values()].at(-1) === hash);
    };
    const matches = async () => {
      for (const [height, hash] of copy) assert.equal(hash, await hashAt(height));
    };
    return { blocks, steps, faults, copy, reach, matches };
  };

  it('come out once each, however many are mined between two looks', async () => {
    await mine(5);
    const { reach, copy, matches, faults } = follow([(await provider()).url]);
    await reach();
    for (const count of [1, 7, 150, 2]) {
      await mine(count);
      await reach();
    }
    assert.deepEqual(
      [...copy.keys()],
      Array.from({ length: 161 }, (_, index) => BigInt(index + 5)),
    );
    await matches();
    assert.deepEqual(faults, []);
  });

  for (const depth of [1, 3, 10])
    it(`that are replaced ${depth} deep are dropped before their replacements come out`, async () => {
      await mine(20);
      const { reach, steps, matches, copy } = follow([(await provider()).url]);
      await reach();
      await mine(4);
      await reach();
      await reorg(depth);
      await mine(1);
      await reach();
      const reorgs = steps.filter((step) => step?.kind === 'reorg');
      assert.equal(reorgs.length, 1);
      assert.equal(reorgs[0]?.dropped.length, depth);
      assert.equal(reorgs[0]?.common?.height, 24n - BigInt(depth));
      assert.equal(copy.get(25n), await hashAt(25n));
      await matches();
    });

  it('are followed across a start: a reorg may reach further back than the first block seen', async () => {
    await mine(10);
    const { reach, matches } = follow([(await provider()).url]);
    await reach();
    await reorg(3);
    await mine(1);
    await reach();
    await matches();
  });

  it('are not missed while no provider answers, nor those of a reorg meanwhile', async () => {
    const proxy = await provider();
    await mine(3);
    const { reach, matches, copy, faults } = follow([proxy.url]);
    await reach();
    proxy.isDown = true;
    await mine(4);
    await reorg(5);
    await mine(80);
    await until(() => faults.includes('PROVIDER_UNREACHABLE'));
    proxy.isDown = false;
    await reach();
    await matches();
    assert.equal(copy.size, 87 - 2);
  });

  it('wait for the slowest provider', async () => {
    const [quick, slow] = [await provider(), await provider()];
    await mine(3);
    const { reach, copy } = follow([quick.url, slow.url]);
    await reach();
    const old = await anvil.client.request({
      method: 'eth_getBlockByNumber',
      params: ['latest', false],
    });
    slow.tamper = ({ params, method }, result) => {
      if (method !== 'eth_getBlockByNumber') return result;
      return params[0] === 'latest'
        ? old
        : BigInt(params[0] === 'finalized' ? 0 : String(params[0])) > 3n
          ? null
          : result;
    };
    await mine(3);
    const asked = slow.requests;
    await until(() => slow.requests > asked + 3);
    assert.equal(Math.max(...[...copy.keys()].map(Number)), 3);
    slow.tamper = (_, result) => result;
    await reach();
    assert.equal(copy.size, 4);
  });

  it('do not move while providers name different blocks at one height', async () => {
    const [first, second] = [await provider(), await provider()];
    await mine(3);
    const { reach, copy, faults } = follow([first.url, second.url]);
    await reach();
    const other = await startAnvil(['--no-mining', '--timestamp', '1']);
    try {
      await other.test.mine({ blocks: 4 });
      const fork = await other.client.request({
        method: 'eth_getBlockByNumber',
        params: ['latest', false],
      });
      second.tamper = ({ method }, result) => (method === 'eth_getBlockByNumber' ? fork : result);
      await mine(1);
      await until(() => faults.includes('PROVIDERS_DISAGREE'));
      assert.equal(copy.size, 1);
      second.tamper = (_, result) => result;
      await reach();
    } finally {
      await other.stop();
    }
  });

  for (const [lie, code, tamper] of [
    [
      'another state root under the same hash',
      'HEADER_HASH',
      (block: object) => ({ ...block, stateRoot: `0x${'11'.repeat(32)}` }),
    ],
    ['another number', 'HEADER_HASH', (block: object) => ({ ...block, number: '0x2' })],
    ['a field of another type', 'HEADER_INVALID', (block: object) => ({ ...block, timestamp: 12 })],
    [
      'a header without its parent',
      'HEADER_INVALID',
      (block: object) => ({ ...block, parentHash: undefined }),
    ],
    ['text', 'HEADER_INVALID', () => 'latest'],
    ['a list', 'HEADER_INVALID', () => []],
  ] as const)
    it(`are refused when a provider gives ${lie}`, async () => {
      const proxy = await provider();
      await mine(3);
      proxy.tamper = ({ method }, result) =>
        method.startsWith('eth_getBlock') ? tamper(result as object) : result;
      const { faults, copy, reach } = follow([proxy.url]);
      await until(() => faults.includes(code));
      assert.equal(copy.size, 0);
      proxy.tamper = (_, result) => result;
      await reach();
    });

  it('are refused when an answer is larger than any block, or is not JSON', async () => {
    const proxy = await provider();
    await mine(1);
    const { faults, reach } = follow([proxy.url]);
    await reach();
    for (const garble of [
      () => `"${'0'.repeat(17 * 1024 * 1024)}"`,
      () => '<html>',
      () => '',
      () => '[]',
      () => '[null]',
    ]) {
      proxy.garble = garble;
      const before = faults.length;
      await until(() => faults.length > before);
    }
    assert.deepEqual([...new Set(faults)], ['PROVIDER_UNREACHABLE']);
    proxy.garble = (text) => text;
    await mine(1);
    await reach();
  });

  it('do not hang on a block that is gone before its state was read', async () => {
    const proxy = await provider();
    await mine(3);
    let first = true;
    const providers = createProviders([anvil.url]);
    const { reach, copy, matches, faults } = follow([proxy.url], async (hash) => {
      if (first && hash === (await hashAt(4n).catch(() => null))) {
        first = false;
        await reorg(1);
        await mine(1);
      }
      const state = ['0x' + '00'.repeat(20), '0x0', { blockHash: hash }];
      await providers.agreed('eth_getStorageAt', state, (answer) => answer);
    });
    await reach();
    await mine(1);
    await until(() => faults.includes('PROVIDER_REFUSED'));
    await reach();
    await matches();
    assert.equal(copy.size, 3);
  });

  it('are final once the chain says so', async () => {
    await mine(10);
    const { steps } = follow([(await provider()).url]);
    const finals = () => steps.flatMap((step) => (step?.kind === 'final' ? [step.height] : []));
    await until(() => finals().length === 1);
    await mine(5);
    await until(() => finals().length === 2);
    assert.deepEqual(finals(), [6n, 11n]);
  });

  for (const [what, blocks] of [
    ['longer', 200],
    ['shorter', 30],
  ] as const)
    it(`start again at the head of a ${what} chain that left ours before all that is remembered`, async () => {
      const { test } = anvil;
      const proxy = await provider();
      await mine(20);
      const id = await test.snapshot();
      await mine(150);
      const { reach, steps, copy, matches } = follow([proxy.url]);
      await reach();
      await mine(3);
      await reach();
      proxy.isDown = true;
      await test.revert({ id });
      // Other timestamps make other blocks.
      await test.increaseTime({ seconds: 1_000 });
      await mine(blocks);
      proxy.isDown = false;
      await reach();
      const reorgs = steps.filter((step) => step?.kind === 'reorg');
      assert.deepEqual(
        reorgs.map(({ common }) => common),
        [null],
      );
      assert.deepEqual([...copy.keys()], [20n + BigInt(blocks)]);
      await mine(2);
      await reach();
      await matches();
      assert.equal(copy.size, 3);
    });

  it('lead back by parent hashes to any ancestor', async () => {
    await mine(200);
    const { blocks } = follow([(await provider()).url]);
    const tip = await blocks.byHash(await hashAt(200n));
    for (const back of [0, 1, 63, 64, 65, 150, 200])
      assert.equal((await blocks.ancestor(tip, back))?.hash, await hashAt(200n - BigInt(back)));
    assert.equal(await blocks.ancestor(tip, 201), null);
  });
});
