import assert from 'node:assert/strict';
import { numberToHex } from 'viem';
import { readHeader } from '../../../node/observe/header.ts';
import { Fault } from '../../../protocol/fault.ts';
import { createProviders } from '../../../node/lib/rpc.ts';
import { startAnvil } from '../anvil.ts';
import { type Chase, createChase } from './chase.ts';
import { until } from './support.ts';

/** A header that hashes to its name whatever it says. */
function forged(header: object): object {
  try {
    readHeader(31_337n, header);
  } catch (error) {
    if (error instanceof Fault) return { ...header, hash: error.data.found };
  }
  return header;
}

describe('blocks', () => {
  let chase: Chase;
  beforeEach(async () => {
    chase = await createChase();
  });
  afterEach(() => chase.end());

  const latest = () =>
    chase.anvil.client.request({ method: 'eth_getBlockByNumber', params: ['latest', false] });

  it('come out once each, however many are mined between two looks', async () => {
    await chase.mine(5);
    const { reach, copy, matches, faults } = chase.follow([(await chase.provider()).url]);
    await reach();
    for (const count of [1, 7, 96, 2]) {
      await chase.mine(count);
      await reach();
    }
    assert.deepEqual(
      [...copy.keys()],
      Array.from({ length: 107 }, (_, index) => BigInt(index + 5)),
    );
    await matches();
    assert.deepEqual(faults, []);
  });

  for (const depth of [1, 3, 10])
    it(`that are replaced ${depth} deep are dropped before their replacements come out`, async () => {
      await chase.mine(20);
      const { reach, steps, matches, copy } = chase.follow([(await chase.provider()).url]);
      await reach();
      await chase.mine(4);
      await reach();
      await chase.reorg(depth);
      await chase.mine(1);
      await reach();
      const reorgs = steps.filter((step) => step.kind === 'reorg');
      assert.equal(reorgs.length, 1);
      assert.equal(reorgs[0]?.dropped.length, depth);
      assert.equal(reorgs[0]?.common?.height, 24n - BigInt(depth));
      assert.equal(copy.get(25n), await chase.hashAt(25n));
      await matches();
    });

  it('are followed across a start: a reorg may reach further back than the first block seen', async () => {
    await chase.mine(10);
    const { reach, matches } = chase.follow([(await chase.provider()).url]);
    await reach();
    await chase.reorg(3);
    await chase.mine(1);
    await reach();
    await matches();
  });

  it('are not missed while no provider answers, nor those of a reorg meanwhile', async () => {
    const proxy = await chase.provider();
    await chase.mine(3);
    const { reach, matches, copy, faults } = chase.follow([proxy.url]);
    await reach();
    proxy.isDown = true;
    await chase.mine(4);
    await chase.reorg(5);
    await chase.mine(80);
    await until(() => faults.includes('PROVIDER_UNREACHABLE'));
    proxy.isDown = false;
    await reach();
    await matches();
    assert.equal(copy.size, 87 - 2);
  });

  it('start again at the head after a gap of which providers may have forgotten the states', async () => {
    const proxy = await chase.provider();
    await chase.mine(3);
    const { reach, steps, matches, copy } = chase.follow([proxy.url]);
    await reach();
    proxy.isDown = true;
    await chase.mine(97);
    proxy.isDown = false;
    await reach();
    assert.deepEqual([...copy.keys()], [100n]);
    assert.equal(steps.find((step) => step.kind === 'reorg')?.common, null);
    await chase.mine(2);
    await reach();
    await matches();
  });

  for (const height of [10n, 10n ** 6n])
    it(`are refused where a header of height ${height} names a parent of height 3`, async () => {
      const proxy = await chase.provider();
      await chase.mine(3);
      const { reach, copy, faults } = chase.follow([proxy.url]);
      await reach();
      const parentHash = await chase.hashAt(3n);
      const invented = forged({ ...(await latest()), parentHash, number: numberToHex(height) });
      proxy.tamper = ({ method, params }, result) =>
        method === 'eth_getBlockByNumber' && params[0] === 'latest' ? invented : result;
      await until(() => faults.includes('HEIGHT_OTHER'));
      assert.deepEqual([...copy.keys()], [3n]);
      proxy.tamper = (_, result) => result;
      await chase.mine(1);
      await reach();
      assert.deepEqual([...copy.keys()], [3n, 4n]);
    });

  it('are not started again for a provider that lags further behind than a start reaches', async () => {
    const proxy = await chase.provider();
    await chase.mine(10);
    const old = await latest();
    await chase.mine(90);
    const { reach, steps, matches } = chase.follow([proxy.url]);
    await reach();
    proxy.tamper = ({ method, params }, result) =>
      method === 'eth_getBlockByNumber' && params[0] === 'latest' ? old : result;
    const asked = proxy.requests;
    await until(() => proxy.requests > asked + 6);
    proxy.tamper = (_, result) => result;
    await chase.mine(1);
    await reach();
    assert.ok(!steps.some(({ kind }) => kind === 'reorg'));
    await matches();
  });

  it('wait for the slowest provider', async () => {
    const [quick, slow] = [await chase.provider(), await chase.provider()];
    await chase.mine(3);
    const { reach, copy } = chase.follow([quick.url, slow.url]);
    await reach();
    const old = await chase.anvil.client.request({
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
    await chase.mine(3);
    const asked = slow.requests;
    await until(() => slow.requests > asked + 3);
    assert.equal(Math.max(...[...copy.keys()].map(Number)), 3);
    slow.tamper = (_, result) => result;
    await reach();
    assert.equal(copy.size, 4);
  });

  it('do not move while providers name different blocks at one height', async () => {
    const [first, second] = [await chase.provider(), await chase.provider()];
    await chase.mine(3);
    const { reach, copy, faults } = chase.follow([first.url, second.url]);
    await reach();
    const other = await startAnvil(['--no-mining', '--timestamp', '1']);
    try {
      await other.test.mine({ blocks: 4 });
      const fork = await other.client.request({
        method: 'eth_getBlockByNumber',
        params: ['latest', false],
      });
      second.tamper = ({ method }, result) => (method === 'eth_getBlockByNumber' ? fork : result);
      await chase.mine(1);
      await until(() => faults.includes('PROVIDERS_DISAGREE'));
      assert.equal(copy.size, 1);
      second.tamper = (_, result) => result;
      await reach();
    } finally {
      await other.stop();
    }
  });

  it('do not hang on a block that is gone before its state was read', async () => {
    const proxy = await chase.provider();
    await chase.mine(3);
    let first = true;
    const providers = createProviders([chase.anvil.url]);
    const { reach, copy, matches, faults } = chase.follow([proxy.url], async (hash) => {
      if (first && hash === (await chase.hashAt(4n).catch(() => null))) {
        first = false;
        await chase.reorg(1);
        await chase.mine(1);
      }
      const state = ['0x' + '00'.repeat(20), '0x0', { blockHash: hash }];
      await providers.agreed('eth_getStorageAt', state, (answer) => answer);
    });
    await reach();
    await chase.mine(1);
    await until(() => faults.includes('PROVIDER_REFUSED'));
    await reach();
    await matches();
    assert.equal(copy.size, 3);
  });

  it('are final once the chain says so', async () => {
    await chase.mine(10);
    const { steps } = chase.follow([(await chase.provider()).url]);
    const finals = () => steps.flatMap((step) => (step.kind === 'final' ? [step.height] : []));
    await until(() => finals().length === 1);
    await chase.mine(40);
    await until(() => finals().length === 2);
    assert.deepEqual(finals(), [6n, 46n]);
  });

  for (const [what, blocks] of [
    ['longer', 200],
    ['shorter', 30],
  ] as const)
    it(`start again at the head of a ${what} chain that left ours before all that is remembered`, async () => {
      const { test } = chase.anvil;
      const proxy = await chase.provider();
      await chase.mine(20);
      const id = await test.snapshot();
      await chase.mine(150);
      const { reach, steps, copy, matches } = chase.follow([proxy.url]);
      await reach();
      await chase.mine(3);
      await reach();
      proxy.isDown = true;
      await test.revert({ id });
      // Other timestamps make other blocks.
      await test.increaseTime({ seconds: 1_000 });
      await chase.mine(blocks);
      proxy.isDown = false;
      await reach();
      const reorgs = steps.filter((step) => step.kind === 'reorg');
      assert.deepEqual(
        reorgs.map(({ common }) => common),
        [null],
      );
      assert.deepEqual([...copy.keys()], [20n + BigInt(blocks)]);
      await chase.mine(2);
      await reach();
      await matches();
      assert.equal(copy.size, 3);
    });

  it('lead back by parent hashes to any ancestor', async () => {
    await chase.mine(200);
    const { blocks } = chase.follow([(await chase.provider()).url]);
    const tip = await blocks.byHash(await chase.hashAt(200n));
    for (const back of [0, 1, 63, 64, 65, 150, 200])
      assert.equal(
        (await blocks.ancestor(tip, back))?.hash,
        await chase.hashAt(200n - BigInt(back)),
      );
    assert.equal(await blocks.ancestor(tip, 201), null);
  });
});
