import assert from 'node:assert/strict';
import type { Evaluation } from '../../../node/lib/pipeline.ts';
import { type Proxy, startProxy } from './proxy.ts';
import { createWorld, type World, watch } from './support.ts';

/** A world whose facts are read by one observer through two providers. */
export async function createReading() {
  const world = await createWorld();
  let restore: () => Promise<void>;
  let providers: readonly [Proxy, Proxy];
  let one: ReturnType<typeof watch>;

  const newest = async () => {
    const { hash } = await world.anvil.client.getBlock();
    await one.reach(hash);
    assert.equal(one.failure(), null);
    return one.tip()!.state;
  };

  const read = async () => one.observer.facts(await newest());

  return {
    world,
    begin: async () => {
      restore = await world.remember();
      providers = [await startProxy(world.anvil.url), await startProxy(world.anvil.url)];
      one = watch(
        providers.map(({ url }) => url),
        world.deployment,
      );
      return { providers, observer: one.observer, anchors: one.anchors };
    },
    end: async () => {
      await one.stop();
      for (const provider of providers) await provider.stop();
      await restore();
    },
    /** Covers and arms one rule, then lets the test mine by hand. */
    armed: async (shape: ReturnType<World['ruleShape']>) => {
      const coverageId = await world.cover([shape]);
      await world.arm(coverageId, shape);
      await world.request('evm_setAutomine', false);
    },
    block: async (writes: Readonly<Record<number, bigint>> = {}) => {
      for (const [slot, value] of Object.entries(writes)) await world.write(Number(slot), value);
      await world.mine(1);
    },
    /** The state at the newest block, once it has come out. */
    newest,
    read,
    /** The first fact's evaluations, and why there are no others. */
    values: async (): Promise<
      Readonly<{ evaluations: readonly Evaluation[] | undefined; codes: readonly string[] }>
    > => {
      const { facts, abstentions } = await read();
      return { evaluations: facts[0]?.evaluations, codes: abstentions.map(({ code }) => code) };
    },
  };
}

/** A reading under test. */
export type Reading = Awaited<ReturnType<typeof createReading>>;
