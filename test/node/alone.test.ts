import assert from 'node:assert/strict';
import { parseEther } from 'viem';
import { startNode } from '../../node/node.ts';
import { breakerHubAbi, registryAbi } from '../../protocol/abi.ts';
import { freePort } from './anvil.ts';
import { eventually } from './gossip/support/eventually.ts';
import { createWorld, type World } from './observe/support.ts';
import { seatConfig } from './seat-config.ts';
import { withFolder } from './store/support.ts';

type Status = Readonly<{ head: { height: string } | null; counts: { attested: number } }>;

describe('a node whose committee is silent', () => {
  let world: World;
  before(async () => {
    world = await createWorld();
  });
  after(() => world.stop());

  for (const tripByProof of [true, false])
    it(`${tripByProof ? 'trips' : 'does not trip'} by proof what it alone has signed, where tripByProof is ${tripByProof}`, () =>
      withFolder(async (folder) => {
        const { client, wallet } = world.anvil;
        await world.write(2, 10n);
        await world.write(1, 1000n);
        const shape = world.ruleShape('price', 'share-price-fall', [1, 2]);
        const coverageId = await world.cover([shape]);
        const registry = { address: world.domain.registry, abi: registryAbi } as const;
        const value = parseEther('1');
        await wallet.writeContract({
          ...registry,
          functionName: 'fund',
          args: [coverageId],
          value,
        });
        await world.arm(coverageId, shape);
        const { target } = await client.readContract({
          ...registry,
          functionName: 'coverage',
          args: [coverageId],
        });
        const port = await freePort();
        const config = await seatConfig(world, folder, { api: port });
        const stopping = new AbortController();
        const { stopped } = await startNode({ ...config, tripByProof }, stopping.signal);
        const status = async (): Promise<Status | null> =>
          await fetch(`http://127.0.0.1:${port}/status`).then(
            (response) => response.json() as Promise<Status>,
            () => null,
          );
        const seen = () =>
          eventually('it has seen the newest block', async () => {
            const head = await client.getBlockNumber();
            return (await status())?.head?.height === `${head}`;
          });
        await seen();
        await world.write(1, 900n);
        await eventually('it has signed', async () => (await status())!.counts.attested > 0);
        for (let mined = 0; mined < 28; mined++) {
          await world.mine(1);
          await seen();
        }
        const rung = () =>
          client.readContract({
            address: world.network.hub,
            abi: breakerHubAbi,
            functionName: 'rungOf',
            args: [target],
          });
        if (tripByProof) await eventually('it is stopped', async () => (await rung()) === 3);
        else assert.equal(await rung(), 0);
        stopping.abort();
        await stopped;
      }));
});
