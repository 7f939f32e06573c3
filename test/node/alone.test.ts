import assert from 'node:assert/strict';
import { type Hex, parseEther, zeroAddress } from 'viem';
import { startNode } from '../../node/node.ts';
import {
  bountiesAbi,
  breakerHubAbi,
  registryAbi,
  termsBookAbi,
  tokenAbi,
} from '../../protocol/abi.ts';
import { freePort, funded } from './anvil.ts';
import { eventually } from './gossip/support/eventually.ts';
import { createWorld, type World } from './observe/support.ts';
import { seatConfig } from './seat-config.ts';
import { withFolder } from './store/support.ts';

type Status = Readonly<{ head: { height: string } | null; counts: { attested: number } }>;

const BOUNTY = 1_000n;
/** Blocks from naming terms until they count, and until a node has looked again at what it is owed. */
const [NOTICE, ROUND] = [32, 256];

describe('a node whose committee is silent', () => {
  let world: World;
  before(async () => {
    world = await createWorld();
  });
  after(() => world.stop());

  /** Has a coverage promise a bounty, and hold it. */
  const promise = async (coverageId: Hex): Promise<void> => {
    const { wallet, client } = world.anvil;
    const { terms, bounties, token } = world.deployment;
    const sent = async (hash: Hex) => void (await client.waitForTransactionReceipt({ hash }));
    const [coin, ledger] = [
      { address: token, abi: tokenAbi } as const,
      { address: bounties, abi: bountiesAbi } as const,
    ];
    const owner = wallet.account.address;
    const named = [coverageId, 0n, 0n, BOUNTY, zeroAddress] as const;
    const name = { address: terms, abi: termsBookAbi, functionName: 'name', args: named } as const;
    await sent(await wallet.writeContract(name));
    await sent(
      await wallet.writeContract({ ...coin, functionName: 'mint', args: [owner, BOUNTY] }),
    );
    const approved = [bounties, BOUNTY] as const;
    await sent(await wallet.writeContract({ ...coin, functionName: 'approve', args: approved }));
    const args = [coverageId, BOUNTY] as const;
    await sent(await wallet.writeContract({ ...ledger, functionName: 'deposit', args }));
    await world.mine(NOTICE);
  };

  const purse = () =>
    world.anvil.client.readContract({
      address: world.deployment.token,
      abi: tokenAbi,
      functionName: 'balanceOf',
      args: [funded(0).address],
    });

  for (const tripByProof of [true, false])
    it(`${tripByProof ? 'trips, and is paid for,' : 'does not trip'} by proof what it alone has signed, where tripByProof is ${tripByProof}`, () =>
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
        await promise(coverageId);
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
        const before = await purse();
        await world.mine(ROUND);
        await seen();
        if (tripByProof)
          await eventually('it is paid', async () => {
            await world.mine(1);
            return (await purse()) === before + BOUNTY;
          });
        else assert.equal(await purse(), before);
        stopping.abort();
        await stopped;
      }));
});
