import assert from 'node:assert/strict';
import { encodePacked, keccak256, parseGwei } from 'viem';
import { committeeAbi } from '../../../protocol/abi.ts';
import type { BlockEvent } from '../../../node/lib/pipeline.ts';
import type { EpochKeeper } from '../../../node/submit/epoch-keeper.ts';
import type { Pending } from '../../../node/store/pending.ts';
import { turnOf } from '../../../node/lib/order.ts';
import { type Anvil, funded, startAnvil } from '../anvil.ts';
import { inMemory, keeperOf } from './keepers.ts';
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

  const keeper = (seat: number, pending?: Pending) => keeperOf(anvil, network, seat, pending);

  const latest = () =>
    anvil.client.readContract({
      address: network.committee,
      abi: committeeAbi,
      functionName: 'latestEpoch',
    });
  const openedAt = async () => {
    const { openedAt: height } = await anvil.client.readContract({
      address: network.committee,
      abi: committeeAbi,
      functionName: 'roster',
      args: [await latest()],
    });
    return height;
  };
  const waiting = () => anvil.client.getBlockTransactionCount({ blockTag: 'pending' });

  /** Mines a block and lets the keepers look at it: what they do ends in the pool or nowhere. */
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
    await Promise.all(keepers.map((each) => each.note(event)));
  }

  it('sends nothing while the epoch is open', async () => {
    const keepers = await Promise.all([0, 1, 2, 3].map((seat) => keeper(seat)));
    await mine(keepers);
    assert.equal(await waiting(), 0);
    await Promise.all(keepers.map((each) => each.close()));
  });

  it('opens the next epoch by one transaction of four seats', async () => {
    const keepers = await Promise.all([0, 1, 2, 3].map((seat) => keeper(seat)));
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
    const keepers = [await keeper(2)];
    // Two epochs are more than a certificate's age apart.
    await anvil.test.mine({ blocks: 33 });
    await anvil.test.increaseTime({ seconds: Number(LENGTH) });
    for (let block = 0; block < 6; block++) await mine(keepers);
    assert.equal(await latest(), before + 1n);
    await Promise.all(keepers.map((each) => each.close()));
  });

  it('waits for what the chain asks between two epochs, and takes turns only then', async () => {
    // The last one was opened a moment ago, and the next is due already.
    await anvil.test.mine({ blocks: 33 });
    await anvil.test.increaseTime({ seconds: Number(LENGTH) });
    const opener = await Promise.all([0, 1, 2, 3].map((seat) => keeper(seat)));
    await mine(opener);
    await mine(opener);
    const [before, height] = [await latest(), await anvil.client.getBlockNumber()];
    await Promise.all(opener.map((each) => each.close()));
    await anvil.test.increaseTime({ seconds: Number(LENGTH) });
    const keepers = await Promise.all([0, 1, 2, 3].map((seat) => keeper(seat)));
    for (let block = 0; block < 6; block++) await mine(keepers);
    assert.equal(await waiting(), 0);
    // Opened in that block: the 33rd after it may open the next.
    await anvil.test.mine({ blocks: Number(height + 31n - (await anvil.client.getBlockNumber())) });
    await mine(keepers);
    assert.equal(await waiting(), 1);
    await mine(keepers);
    assert.equal(await latest(), before + 1n);
    for (let block = 0; block < 4; block++) await mine(keepers);
    assert.equal(await waiting(), 0);
    await Promise.all(keepers.map((each) => each.close()));
  });

  it('lets the seats go one after the other once the wait is over', async () => {
    await anvil.test.increaseTime({ seconds: Number(LENGTH) });
    const order = keccak256(encodePacked(['uint64', 'uint16'], [(await latest()) + 1n, 0]));
    const turns = [0, 1, 2, 3].map((seat) =>
      turnOf(order, network.roster, new Set([network.roster.seats[seat]!.keyHash])),
    );
    // Those whose turns come first are dead.
    const last = await keeper(turns.indexOf(3));
    const opened = await openedAt();
    await mine([last]);
    await anvil.test.mine({ blocks: Number(opened + 31n - (await anvil.client.getBlockNumber())) });
    for (const expected of [0, 0, 0, 1]) {
      await mine([last]);
      assert.equal(await waiting(), expected);
    }
    await last.close();
    await anvil.test.mine({ blocks: 1 });
  });

  it('takes its nonce back when its transaction is stuck and another has opened the epoch', async () => {
    await anvil.test.mine({ blocks: 33 });
    await anvil.test.increaseTime({ seconds: Number(LENGTH) });
    const [one] = [await keeper(0)];
    const { address } = funded(0);
    const nonce = await anvil.client.getTransactionCount({ address });
    for (let block = 0; block < 4 && (await waiting()) === 0; block++) await mine([one]);
    assert.equal(await waiting(), 1);
    await anvil.test.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('100') });
    await mine([one]);
    assert.equal(await anvil.client.getTransactionCount({ address }), nonce);
    await anvil.wallet.writeContract({
      account: funded(5),
      address: network.committee,
      abi: committeeAbi,
      functionName: 'openEpoch',
    });
    for (let block = 0; block < 6; block++) await mine([one]);
    assert.equal(await anvil.client.getTransactionCount({ address }), nonce + 1);
    assert.equal(await waiting(), 0);
    await one.close();
  });

  it('takes up after a restart what it had sent before, so that its nonce holds nothing up', async () => {
    await anvil.test.mine({ blocks: 33 });
    await anvil.test.increaseTime({ seconds: Number(LENGTH) });
    const pending = inMemory();
    const killed = await keeper(0, pending);
    const { address } = funded(0);
    const nonce = await anvil.client.getTransactionCount({ address });
    for (let block = 0; block < 4 && (await waiting()) === 0; block++) await mine([killed]);
    await killed.close();
    assert.equal((await pending.get())?.nonce, nonce);
    await anvil.test.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('100') });
    const again = await keeper(0, pending);
    for (let block = 0; block < 6; block++) await mine([again]);
    assert.equal(await anvil.client.getTransactionCount({ address }), nonce + 1);
    assert.equal(await waiting(), 0);
    assert.equal(await pending.get(), null);
    await again.close();
  });

  it('keeps no nonce when the hot wallet cannot pay', async () => {
    await anvil.test.mine({ blocks: 33 });
    await anvil.test.increaseTime({ seconds: Number(LENGTH) });
    const { address } = funded(0);
    const balance = await anvil.client.getBalance({ address });
    const pending = inMemory();
    const poor = await keeper(0, pending);
    await anvil.test.setBalance({ address, value: 10n ** 12n });
    for (let block = 0; block < 5; block++) await mine([poor]);
    assert.equal(await waiting(), 0);
    assert.equal(await pending.get(), null);
    await anvil.test.setBalance({ address, value: balance });
    const before = await latest();
    await mine([poor]);
    await mine([poor]);
    assert.equal(await latest(), before + 1n);
    await poor.close();
  });

  it('opens one even when no roster is in force any more', async () => {
    const before = await latest();
    const keepers = [await keeper(1)];
    // Two epochs are more than a certificate's age apart.
    await anvil.test.mine({ blocks: 33 });
    await anvil.test.increaseTime({ seconds: Number(LENGTH) * 200 });
    await mine(keepers, null);
    await mine(keepers, null);
    assert.equal(await latest(), before + 200n);
    await Promise.all(keepers.map((each) => each.close()));
  });
});
