import assert from 'node:assert/strict';
import { concatHex, type Hex, keccak256, numberToHex, pad, parseGwei, toHex } from 'viem';
import { committeeAbi } from '../../../protocol/abi.ts';
import type { BlockEvent } from '../../../node/lib/pipeline.ts';
import type { Pending } from '../../../node/store/pending.ts';
import type { EpochKeeper } from '../../../node/submit/epoch-keeper.ts';
import { keysFrom } from '../../contracts/support/bls.ts';
import { type Anvil, startAnvil } from '../anvil.ts';
import { inMemory, keeperOf } from './keepers.ts';
import { createNetwork, type Network } from './network.ts';

const LENGTH = 3_600n;
/** With the four of the network three steps. */
const OTHERS = 300;
const PAGE = 127;

const entry = (key: Hex, slot: bigint): Hex =>
  keccak256(concatHex([pad(key), toHex(slot, { size: 32 })]));

describe('keeping the epochs of a large committee open', () => {
  let anvil: Anvil;
  let network: Network;
  before(async () => {
    anvil = await startAnvil();
    network = await createNetwork(anvil, LENGTH);
    const watchers = await anvil.client.readContract({
      address: network.committee,
      abi: committeeAbi,
      functionName: 'WATCHERS',
    });
    const keys = keysFrom(OTHERS);
    for (const [at, { hash }] of keys.entries()) {
      const operator = pad(numberToHex(0x1000_0000 + at), { size: 20 });
      const standing = toHex((1n << 224n) | BigInt(operator), { size: 32 });
      const set = (index: Hex, value: Hex) =>
        anvil.test.setStorageAt({ address: watchers, index, value });
      await Promise.all([set(entry(hash, 1n), pad(operator)), set(entry(operator, 0n), standing)]);
    }
    for (let first = 0; first < OTHERS; first += PAGE) {
      const hash = await anvil.wallet.writeContract({
        address: network.committee,
        abi: committeeAbi,
        functionName: 'writePage',
        args: [concatHex(keys.slice(first, first + PAGE).map(({ raw }) => raw)), []],
      });
      await anvil.client.waitForTransactionReceipt({ hash });
    }
    await anvil.test.setAutomine(false);
  });
  after(() => anvil.stop());

  const keeper = (seat: number, pending?: Pending) => keeperOf(anvil, network, seat, pending);
  const read = { abi: committeeAbi } as const;
  const latest = () =>
    anvil.client.readContract({
      ...read,
      address: network.committee,
      functionName: 'latestEpoch',
    });
  const seatsSoFar = async () => {
    const [, , seats] = await anvil.client.readContract({
      ...read,
      address: network.committee,
      functionName: 'opening',
    });
    return seats;
  };
  const due = async () => {
    await anvil.test.mine({ blocks: 33 });
    await anvil.test.increaseTime({ seconds: Number(LENGTH) });
  };

  /** Mines a block, lets the keepers look at it, and answers whether each of its transactions succeeded. */
  async function mine(keepers: readonly EpochKeeper[]): Promise<readonly boolean[]> {
    await anvil.test.mine({ blocks: 1 });
    const { number, timestamp, transactions } = await anvil.client.getBlock();
    const event = {
      kind: 'block',
      block: { height: number, timestamp },
      state: { committee: network.roster },
    } as unknown as BlockEvent;
    await Promise.all(keepers.map((each) => each.note(event)));
    const receipts = transactions.map((hash) => anvil.client.getTransactionReceipt({ hash }));
    return (await Promise.all(receipts)).map(({ status }) => status === 'success');
  }

  it('takes step after step, each paid for once, until the epoch is open', async () => {
    const keepers = await Promise.all([0, 1, 2, 3].map((seat) => keeper(seat)));
    const before = await latest();
    await due();
    const mined: boolean[] = [];
    for (let block = 0; block < 24; block++) mined.push(...(await mine(keepers)));
    assert.equal(await latest(), before + 1n);
    assert.deepEqual(mined, [true, true, true]);
    await Promise.all(keepers.map((each) => each.close()));
  });

  it('goes on where a killed node has stopped, with the step that it had sent', async () => {
    const before = await latest();
    await due();
    const pending = inMemory();
    const killed = await keeper(0, pending);
    const mined: boolean[] = [];
    for (let block = 0; block < 8 && (await seatsSoFar()) === 0; block++)
      mined.push(...(await mine([killed])));
    assert.equal(await seatsSoFar(), 128);
    // The next step waits in a pool that has no room for it.
    for (let block = 0; block < 8; block++) {
      if ((await anvil.client.getBlockTransactionCount({ blockTag: 'pending' })) > 0) break;
      mined.push(...(await mine([killed])));
    }
    await killed.close();
    await anvil.test.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('100') });
    assert.notEqual(await pending.get(), null);
    const again = await keeper(0, pending);
    for (let block = 0; block < 24; block++) mined.push(...(await mine([again])));
    assert.equal(await latest(), before + 1n);
    assert.deepEqual(mined, [true, true, true]);
    assert.equal(await pending.get(), null);
    await again.close();
  });

  it('starts anew when the others let an opening grow too old', async () => {
    const before = await latest();
    await due();
    const one = await keeper(1);
    for (let block = 0; block < 8 && (await seatsSoFar()) === 0; block++) await mine([one]);
    await one.close();
    await anvil.test.mine({ blocks: 40 });
    assert.equal(await seatsSoFar(), 0);
    const two = await keeper(2);
    for (let block = 0; block < 24; block++) await mine([two]);
    assert.equal(await latest(), before + 1n);
    await two.close();
  });
});
