import assert from 'node:assert/strict';
import type { ChainState } from '../../../node/lib/pipeline.ts';
import { type Proxy, startProxy } from './proxy.ts';
import { createWorld, watch } from './support.ts';

type Watched = ReturnType<typeof watch>;

/** A world, the providers that stand before it, and those who watch it through them. */
export async function createLookout() {
  const world = await createWorld();
  let restore: () => Promise<void>;
  let proxies: Proxy[] = [];
  let watched: Watched[] = [];
  return {
    world,
    provider: async (): Promise<Proxy> => {
      const proxy = await startProxy(world.anvil.url);
      proxies.push(proxy);
      return proxy;
    },
    /** Watches through these providers, or the chain itself. */
    start: (...urls: readonly string[]): Watched => {
      const one = watch(urls.length === 0 ? [world.anvil.url] : urls, world.deployment);
      watched.push(one);
      return one;
    },
    /** The state at the newest block, once it has come out. */
    catchUp: async (one: Watched): Promise<ChainState> => {
      const { hash } = await world.anvil.client.getBlock();
      await one.reach(hash);
      assert.equal(one.failure(), null);
      return one.tip()!.state;
    },
    begin: async () => {
      restore = await world.remember();
    },
    end: async () => {
      for (const one of watched) await one.stop();
      for (const proxy of proxies) await proxy.stop();
      [proxies, watched] = [[], []];
      await restore();
    },
  };
}

/** A lookout under test. */
export type Lookout = Awaited<ReturnType<typeof createLookout>>;
