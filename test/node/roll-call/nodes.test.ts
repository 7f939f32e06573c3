import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { NodeConfig } from '../../../node/lib/config.ts';
import { startNode } from '../../../node/node.ts';
import { compiledByItsAuthor, deployed, sentinelRule } from '../observe/opinions.ts';
import { createWorld, type World } from '../observe/support.ts';
import { freePort } from '../anvil.ts';
import { tocsin } from '../cli/tocsin.ts';
import { eventually } from '../gossip/support/eventually.ts';
import { seatConfig } from '../seat-config.ts';
import { withFolder } from '../store/support.ts';
import { attested, pay } from './support.ts';

const [ASSETS, SUPPLY] = [1, 2];

describe('three nodes of four', () => {
  let world: World;
  before(async () => {
    world = await createWorld({ rollCallPeriod: 3n });
    await world.write(SUPPLY, 10n);
    await world.write(ASSETS, 1_000n);
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
        configs.push({ ...config, leastPay: '0' });
      }
      const stopping = new AbortController();
      const nodes: { stopped: Promise<void> }[] = [];
      try {
        for (const config of configs) nodes.push(await startNode(config, stopping.signal));
        await eventually('three of four stand behind one', async () => {
          await world.mine(1);
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
