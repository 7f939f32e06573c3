import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { committeeAbi } from '../../../protocol/abi.ts';
import { createLog } from '../../../node/lib/log.ts';
import { createMetrics } from '../../../node/lib/metrics.ts';
import type { BlockEvent } from '../../../node/lib/pipeline.ts';
import { createEpochKeeper, type EpochKeeper } from '../../../node/submit/epoch-keeper.ts';
import { createSender } from '../../../node/submit/sender.ts';
import { type Anvil, funded, startAnvil } from '../anvil.ts';
import { createNetwork, type Network } from './network.ts';

const LENGTH = 600n;

describe('keeping epochs open', () => {
  let anvil: Anvil;
  let network: Network;
  before(async () => {
    anvil = await startAnvil();
    network = await createNetwork(anvil, LENGTH);
    await anvil.test.setAutomine(false);
  });
  after(() => anvil.stop());

  const keeper = (seat: number): EpochKeeper =>
    createEpochKeeper({
      client: anvil.client,
      sender: createSender({
        client: anvil.client,
        account: funded(seat),
        chainId: anvil.chain.id,
      }),
      committee: network.committee,
      keyHash: network.roster.seats[seat]?.keyHash ?? '0x',
      log: createLog({ level: 'silent', format: 'json' }),
      metrics: createMetrics(new Registry()),
    });

  const latest = () =>
    anvil.client.readContract({
      address: network.committee,
      abi: committeeAbi,
      functionName: 'latestEpoch',
    });
  const waiting = () => anvil.client.getBlockTransactionCount({ blockTag: 'pending' });

  /** Mines a block, tells the keepers, and gives them time to look: what they do ends in the pool or nowhere. */
  async function mine(
    keepers: readonly EpochKeeper[],
    committee: unknown = network.roster,
  ): Promise<void> {
    await anvil.test.mine({ blocks: 1 });
    const { number, timestamp } = await anvil.client.getBlock();
    const event = {
      kind: 'block',
      block: { height: number, timestamp },
      state: { committee },
    } as unknown as BlockEvent;
    for (const each of keepers) each.note(event);
    await pause(300);
  }

  it('sends nothing while the epoch is open', async () => {
    const keepers = [0, 1, 2, 3].map(keeper);
    await mine(keepers);
    assert.equal(await waiting(), 0);
    await Promise.all(keepers.map((each) => each.close()));
  });

  it('opens the next epoch by one transaction of four seats', async () => {
    const keepers = [0, 1, 2, 3].map(keeper);
    const before = await latest();
    // Two epochs are more than a certificate's age apart.
    await anvil.test.mine({ blocks: 33 });
    await anvil.test.increaseTime({ seconds: Number(LENGTH) });
    await mine(keepers);
    assert.equal(await waiting(), 1);
    await mine(keepers);
    assert.equal(await latest(), before + 1n);
    for (let block = 0; block < 4; block++) await mine(keepers);
    assert.equal(await waiting(), 0);
    await Promise.all(keepers.map((each) => each.close()));
  });

  it('opens it within as many blocks as there are seats when only the last in order lives', async () => {
    const before = await latest();
    const keepers = [2].map(keeper);
    // Two epochs are more than a certificate's age apart.
    await anvil.test.mine({ blocks: 33 });
    await anvil.test.increaseTime({ seconds: Number(LENGTH) });
    for (let block = 0; block < 6; block++) await mine(keepers);
    assert.equal(await latest(), before + 1n);
    await Promise.all(keepers.map((each) => each.close()));
  });

  it('opens one even when no roster is in force any more', async () => {
    const before = await latest();
    const keepers = [1].map(keeper);
    // Two epochs are more than a certificate's age apart.
    await anvil.test.mine({ blocks: 33 });
    await anvil.test.increaseTime({ seconds: Number(LENGTH) * 200 });
    await mine(keepers, null);
    await mine(keepers, null);
    assert.equal(await latest(), before + 200n);
    await Promise.all(keepers.map((each) => each.close()));
  });
});
