import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hexToBigInt, numberToHex, zeroAddress } from 'viem';
import { deployAave, type Market } from '../../devnet/aave.ts';
import { type Chain, freePort, startChain } from '../../devnet/chain.ts';
import { type People, peopleOf, positions, settle } from '../../devnet/people.ts';
import { createProcesses, type Processes } from '../../devnet/processes.ts';
import { createTraffic } from '../../devnet/traffic.ts';
import { deployVault, reserve, type Vault } from '../../devnet/vault.ts';
import { until } from '../../devnet/wait.ts';
import { healthOf, lendable, pricesOf } from '../../devnet/worth.ts';

describe('the market and the vault before any watcher', () => {
  let [folder, processes, chain, market, vault, people] = [''] as unknown as [
    string,
    Processes,
    Chain,
    Market,
    Vault,
    People,
  ];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tocsin-market-'));
    processes = createProcesses();
    chain = await startChain(processes, folder, await freePort());
    people = peopleOf(chain.accounts);
    market = await deployAave({ walletClient: chain.admin, publicClient: chain.client });
    vault = await deployVault(chain, zeroAddress, people.keeper, reserve(market, 'USDC'));
    await settle(chain, market, vault, people);
  });
  after(async () => {
    await chain.stop();
    await processes.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('every position starts healthy, and a fall of a quarter puts some under water', async () => {
    const factor = (borrowed: bigint) => Number(8_250n) / Number(borrowed * 100n);
    for (const [index, user] of people.users.entries()) {
      const health = Number((await healthOf({ chain, market }, user)) / 10n ** 12n) / 1e6;
      assert.ok(health > 1.1, `user ${index} has health ${health}`);
      assert.ok(Math.abs(health - factor(positions[index]!.borrowed)) < 0.01);
    }
    assert.ok(positions.some(({ borrowed }) => factor(borrowed) * 0.75 < 1));
  });

  it('the market can lend more than twenty million dollars', async () => {
    assert.ok((await lendable(chain, market, await pricesOf({ chain, market }))) > 2_000_000_000n);
  });

  it('the rule over the vault reads assets and shares where the vault keeps them', async () => {
    const slot = async (index: number) =>
      hexToBigInt(
        (await chain.client.getStorageAt({ address: vault.address, slot: numberToHex(index) })) ??
          '0x0',
      );
    assert.equal(await slot(1), 10_000_000n * 10n ** 6n);
    assert.equal(await slot(2), 10_000_000n * 10n ** 6n);
  });

  it('the rule over a feed reads the answer where the feed keeps it', async () => {
    for (const { feed, price } of market.reserves)
      assert.equal(
        hexToBigInt((await chain.client.getStorageAt({ address: feed, slot: '0x0' })) ?? '0x0'),
        price,
      );
  });

  it('traffic of one seed goes on and almost none of it is refused', async () => {
    const traffic = createTraffic({ chain, market, vault, people, seed: 7 });
    await chain.mineEvery(0.1);
    traffic.start();
    const enough = async () => {
      const { mined, priceMoves } = await traffic.tally();
      return mined > 60 && priceMoves >= 5;
    };
    await until('sixty transactions and five moves of a price', enough, { everyMs: 500 });
    await traffic.stop();
    await chain.passBlocks(2);
    const { mined, reverted } = await traffic.tally();
    assert.ok(reverted * 20 < mined, `${reverted} of ${mined} reverted`);
  });
});
