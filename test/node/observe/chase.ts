import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { createProviders } from '../../../node/lib/rpc.ts';
import { type ChainStep, createBlocks } from '../../../node/observe/blocks.ts';
import { startAnvil } from '../anvil.ts';
import { type Proxy, startProxy } from './proxy.ts';
import { until } from './support.ts';

/** A chain that mines when it is told, and followers that keep a copy of it of their own. */
export async function createChase() {
  const anvil = await startAnvil(['--no-mining', '--slots-in-an-epoch', '2']);
  const proxies: Proxy[] = [];
  const stops: (() => Promise<void>)[] = [];
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
    const steps: ChainStep<void>[] = [];
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

  return {
    anvil,
    provider: async (): Promise<Proxy> => {
      const proxy = await startProxy(anvil.url);
      proxies.push(proxy);
      return proxy;
    },
    mine: (blocks: number) => anvil.test.mine({ blocks }),
    reorg: (depth: number) =>
      anvil.test.request({
        method: 'anvil_reorg',
        params: [depth, []],
      } as never) as Promise<unknown>,
    hashAt,
    follow,
    end: async () => {
      for (const stop of stops) await stop();
      for (const proxy of proxies) await proxy.stop();
      await anvil.stop();
    },
  };
}

/** A chase under test. */
export type Chase = Awaited<ReturnType<typeof createChase>>;
