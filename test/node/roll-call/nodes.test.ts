import assert from 'node:assert/strict';
import { join } from 'node:path';
import { isDue } from '../../../protocol/roll-call.ts';
import type { NodeConfig } from '../../../node/lib/config.ts';
import { startNode } from '../../../node/node.ts';
import { compiledByItsAuthor, deployed, sentinelRule } from '../observe/opinions.ts';
import { startProxy } from '../observe/proxy.ts';
import { createWorld, type World } from '../observe/support.ts';
import { freePort } from '../anvil.ts';
import { tocsin } from '../cli/tocsin.ts';
import { eventually } from '../gossip/support/eventually.ts';
import { seatConfig } from '../seat-config.ts';
import { withFolder } from '../store/support.ts';
import { attested, pay } from './support.ts';

const [ASSETS, SUPPLY] = [1, 2];

const textAt = ({ api }: NodeConfig, path: string): Promise<string> =>
  fetch(`http://127.0.0.1:${api!.port}/${path}`).then(
    (response) => response.text(),
    () => '',
  );

/** Mines a block once all nodes have seen the newest: who falls behind is too late for a roll call. */
async function mineBehind(world: World, nodes: readonly NodeConfig[]): Promise<void> {
  const newest = await world.anvil.client.getBlockNumber();
  const told = await Promise.all(nodes.map((node) => textAt(node, 'status')));
  if (told.every((text) => text.includes(`"height":"${newest}"`))) await world.mine(1);
}

/** A chain on which every third block calls a coverage, and a price that is right. */
async function openWorld(): Promise<World> {
  const world = await createWorld({ rollCallPeriod: 3n });
  await world.write(SUPPLY, 10n);
  await world.write(ASSETS, 1_000n);
  return world;
}

describe('three nodes of four', () => {
  let world: World;
  before(async () => {
    world = await openWorld();
  });
  after(() => world.stop());

  it('answer the roll calls of a coverage, and book them: any contract can ask for their stake', () =>
    withFolder(async (folder) => {
      const { anvil, network } = world;
      // One rule that is clear, and one that fires at each block; one in shadow has no leaf.
      const price = world.ruleShape('price', 'share-price-fall', [ASSETS, SUPPLY]);
      const shadow = world.ruleShape('price', 'shadow', [ASSETS, SUPPLY]);
      const nomad = sentinelRule('nomad', await compiledByItsAuthor('NomadTrap'), { samples: 2 });
      const trap = await deployed(world, nomad);
      const coverageId = await world.cover([price, shadow, trap]);
      await world.arm(coverageId, price);
      await world.arm(coverageId, trap);
      await pay(anvil, network, coverageId);
      const configs: NodeConfig[] = [];
      for (let seat = 0; seat < 3; seat++) {
        const peers = configs.map(({ listen }) => listen);
        const at = join(folder, String(seat));
        const config = await seatConfig(world, at, { api: await freePort(), seat, peers });
        configs.push(config);
      }
      const stopping = new AbortController();
      const nodes: { stopped: Promise<void> }[] = [];
      try {
        for (const config of configs) nodes.push(await startNode(config, stopping.signal));
        await eventually('three of four stand behind one', async () => {
          await mineBehind(world, configs);
          const [signed, total] = await attested(anvil, network, coverageId);
          return signed === 1_200n && total === 1_600n;
        });
        const [, , age] = await attested(anvil, network, coverageId);
        assert.ok(age < 32n, `${age}`);
        const on = ['--deployment', configs[0]!.deployment, '--rpc', anvil.url];
        const { stdout } = await tocsin(['cover', 'show', coverageId, ...on]);
        assert.match(
          stdout,
          /^attested +1200 of 1600 of weight signed a roll call \d+ blocks ago$/m,
        );
      } finally {
        stopping.abort();
        await Promise.all(nodes.map(({ stopped }) => stopped));
      }
    }));
});

describe('a node that was stopped before it booked what it had signed', () => {
  let world: World;
  before(async () => {
    world = await openWorld();
  });
  after(() => world.stop());

  it('books it once it runs again', () =>
    withFolder(async (folder) => {
      const { anvil, network } = world;
      const price = world.ruleShape('price', 'share-price-fall', [ASSETS, SUPPLY]);
      const coverageId = await world.cover([price]);
      await world.arm(coverageId, price);
      await pay(anvil, network, coverageId);
      const api = await freePort();
      const config = await seatConfig(world, folder, { api });
      const run = async (rpc: readonly string[], act: () => Promise<void>) => {
        const stopping = new AbortController();
        const { stopped } = await startNode({ ...config, rpc: [...rpc] }, stopping.signal);
        try {
          await act();
        } finally {
          stopping.abort();
          await stopped;
        }
      };
      await run(config.rpc, async () => {
        await eventually(
          'it watches',
          async () => !(await textAt(config, 'status')).includes('"head":null'),
        );
        let isCalled = false;
        while (!isCalled) {
          await world.mine(1);
          isCalled = isDue(coverageId, (await anvil.client.getBlock()).hash, 3n);
        }
        await eventually('it has answered', async () =>
          /^tocsin_verdicts_total\{outcome="attested"\} 1$/m.test(await textAt(config, 'metrics')),
        );
      });
      const height = await anvil.client.getBlockNumber();
      const proxy = await startProxy(anvil.url);
      // It answers no other.
      proxy.tamper = ({ method }, result) => (method === 'eth_getProof' ? null : result);
      await run([proxy.url], () =>
        eventually('it is booked', async () => {
          await mineBehind(world, [config]);
          const [signed, , age] = await attested(anvil, network, coverageId);
          return signed === 400n && (await anvil.client.getBlockNumber()) - age === height;
        }),
      );
      await proxy.stop();
    }));
});
