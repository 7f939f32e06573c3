import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { NodeConfig } from '../../node/lib/config.ts';
import { startNode } from '../../node/node.ts';
import { breakerHubAbi, registryAbi } from '../../protocol/abi.ts';
import { freePort } from './anvil.ts';
import { eventually } from './gossip/support/eventually.ts';
import { compiledByItsAuthor, deployed, sentinelRule } from './observe/opinions.ts';
import { createWorld, type World } from './observe/support.ts';
import { seatConfig } from './seat-config.ts';
import { withFolder } from './store/support.ts';

type Counts = Readonly<Record<'findings' | 'attested' | 'certificates' | 'trips', number>>;

describe('three nodes of four', () => {
  let world: World;
  before(async () => {
    world = await createWorld();
  });
  after(() => world.stop());

  /** Runs the first three seats until `check` is done. */
  const withSeats = (check: (ports: readonly number[]) => Promise<void>) =>
    withFolder(async (folder) => {
      const configs: NodeConfig[] = [];
      for (let seat = 0; seat < 3; seat++) {
        const peers = configs.map(({ listen }) => listen);
        const at = join(folder, String(seat));
        configs.push(await seatConfig(world, at, { api: await freePort(), seat, peers }));
      }
      const stopping = new AbortController();
      const nodes: { stopped: Promise<void> }[] = [];
      try {
        for (const config of configs) nodes.push(await startNode(config, stopping.signal));
        await check(configs.map(({ api }) => api!.port));
      } finally {
        stopping.abort();
        await Promise.all(nodes.map(({ stopped }) => stopped));
      }
    });

  const countsAt = async (port: number): Promise<Counts> => {
    const response = await fetch(`http://127.0.0.1:${port}/status`);
    return ((await response.json()) as { counts: Counts }).counts;
  };

  it('attest and certify a trap in shadow that fires on an unchanged balance, and trip nothing', async () => {
    const rule = sentinelRule('nomad', await compiledByItsAuthor('NomadTrap'), { samples: 2 });
    const coverageId = await world.cover([await deployed(world, rule)]);
    await withSeats(async (ports) => {
      await eventually('all of them certify several blocks', async () => {
        await world.mine(1);
        const all = await Promise.all(ports.map(countsAt));
        return all.every(({ attested, certificates }) => attested > 3 && certificates > 3);
      });
      for (const port of ports) {
        assert.equal((await countsAt(port)).trips, 0);
        const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        assert.match(metrics, /^tocsin_findings_total [1-9]/m);
        assert.doesNotMatch(metrics, /^tocsin_(submissions|transactions)_total\{/m);
      }
    });
    const { client } = world.anvil;
    const { target } = await client.readContract({
      address: world.domain.registry,
      abi: registryAbi,
      functionName: 'coverage',
      args: [coverageId],
    });
    const rung = await client.readContract({
      address: world.deployment.hub,
      abi: breakerHubAbi,
      functionName: 'rungOf',
      args: [target],
    });
    assert.equal(rung, 0);
  });
});
