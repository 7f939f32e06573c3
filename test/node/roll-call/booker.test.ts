import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import type { Hex } from 'viem';
import { createAggregator } from '../../../node/aggregate/aggregator.ts';
import { createKeyring } from '../../../node/lib/keyring.ts';
import { createLog } from '../../../node/lib/log.ts';
import { createMetrics } from '../../../node/lib/metrics.ts';
import type { BlockEvent } from '../../../node/lib/pipeline.ts';
import { type Booker, createBooker } from '../../../node/roll-call/booker.ts';
import { createSender } from '../../../node/wallet/sender.ts';
import { tokenAbi } from '../../../protocol/abi.ts';
import { loadFast } from '../../../protocol/bls-fast.ts';
import { type Anvil, funded, startAnvil } from '../anvil.ts';
import { inMemory } from '../submit/keepers.ts';
import { createNetwork, type Network } from '../submit/network.ts';
import { attested, FEE, pay, PREMIUM, rollAt, saidBy } from './support.ts';

const SEATS = [0, 1, 2, 3];

describe('a booker', () => {
  let anvil: Anvil;
  let network: Network;
  let snapshot: Hex;
  before(async () => {
    anvil = await startAnvil();
    network = await createNetwork(anvil, undefined, 1n);
    snapshot = await anvil.test.snapshot();
  });
  beforeEach(async () => {
    await anvil.test.revert({ id: snapshot });
    snapshot = await anvil.test.snapshot();
    await anvil.test.setAutomine(true);
  });
  after(() => anvil.stop());

  /** The booker of a seat that has heard some seats say a roll call of the newest block. */
  const start = async (seat: number, heard: readonly number[], least = 1n) => {
    const { client } = anvil;
    const { roster, domain } = network;
    const committeeOf = (epoch: bigint) => (epoch === roster.epoch ? roster : null);
    const isStruck = () => false;
    const keyring = createKeyring(await loadFast());
    const aggregator = createAggregator({ domain, keyring, committeeOf, isStruck });
    const booker = await createBooker({
      domain,
      pending: inMemory(),
      client,
      sender: createSender({ client, account: funded(seat), chainId: anvil.chain.id }),
      deployment: network,
      own: new Set([roster.seats[seat]!.keyHash]),
      committeeOf,
      isStruck,
      gathered: aggregator.gathered,
      least,
      log: createLog({ level: 'silent', format: 'json' }),
      metrics: createMetrics(new Registry()),
    });
    const { roll, verdict } = await rollAt(anvil, network);
    for (const each of heard) aggregator.add(saidBy(domain, verdict, each));
    booker.offer(roll, verdict);
    return booker;
  };

  const mine = async (bookers: readonly Booker[], blocks: number) => {
    await anvil.test.setAutomine(false);
    for (let mined = 0; mined < blocks; mined++) {
      await anvil.test.mine({ blocks: 1 });
      const { number: height } = await anvil.client.getBlock();
      const event = { kind: 'block', block: { height } } as unknown as BlockEvent;
      await Promise.all(bookers.map((each) => each.note(event)));
    }
  };

  const sentBy = (seat: number) =>
    anvil.client.getTransactionCount({ address: funded(seat).address });
  const stake = async () =>
    (await attested(anvil, network, network.coverageId)).slice(0, 2) as [bigint, bigint];
  const purseOf = (seat: number) =>
    anvil.client.readContract({
      address: network.token,
      abi: tokenAbi,
      functionName: 'balanceOf',
      args: [funded(seat).address],
    });

  it('books what all have signed, once for all seats, and earns the fee', async () => {
    await pay(anvil, network, network.coverageId);
    const bookers = await Promise.all(SEATS.map((seat) => start(seat, SEATS)));
    const before = await Promise.all(SEATS.map(sentBy));
    const purses = await Promise.all(SEATS.map(purseOf));
    await mine(bookers, 12);
    assert.deepEqual(await stake(), [1_600n, 1_600n]);
    const sent = (await Promise.all(SEATS.map(sentBy))).map((count, i) => count - before[i]!);
    assert.deepEqual(sent.toSorted(), [0, 0, 0, 1]);
    const earned = (await Promise.all(SEATS.map(purseOf))).map((purse, i) => purse - purses[i]!);
    assert.deepEqual(earned.toSorted(), [0n, 0n, 0n, FEE]);
  });

  it('waits four blocks for seats that are late, and adds its own where the booked one lacks it', async () => {
    await pay(anvil, network, network.coverageId);
    const first = await start(0, [0, 1, 2]);
    const left = await start(3, SEATS);
    await mine([first], 3);
    assert.deepEqual(await stake(), [0n, 0n]);
    await mine([first], 16);
    assert.deepEqual(await stake(), [1_200n, 1_600n]);
    const before = await sentBy(0);
    await mine([first, left], 10);
    assert.deepEqual(await stake(), [1_600n, 1_600n]);
    assert.equal(await sentBy(0), before);
  });

  it('sends nothing for a coverage that pays nothing, nor what the payroll would refuse', async () => {
    const unpaid = await start(0, SEATS);
    const before = await sentBy(0);
    await mine([unpaid], 16);
    assert.equal(await sentBy(0), before);
    await anvil.test.setAutomine(true);
    await pay(anvil, network, network.coverageId);
    const nobodySigned = await start(0, []);
    const wrong = await start(0, SEATS);
    const { roll, verdict } = await rollAt(anvil, network);
    wrong.offer({ ...roll, leaves: [] }, verdict);
    const paid = await sentBy(0);
    await mine([nobodySigned, wrong], 16);
    assert.equal(await sentBy(0), paid);
  });

  it('sends nothing that brings it less than it is told to look for', async () => {
    await pay(anvil, network, network.coverageId);
    const share = FEE + PREMIUM / 4n;
    const dear = await start(0, SEATS, share + 1n);
    const before = await sentBy(0);
    await mine([dear], 16);
    assert.equal(await sentBy(0), before);
    await mine([await start(0, SEATS, share)], 16);
    assert.equal(await sentBy(0), before + 1);
  });

  it('leaves a roll call behind a later one, and one that is too old', async () => {
    await pay(anvil, network, network.coverageId);
    const [early, old] = [await start(1, SEATS), await start(2, SEATS)];
    await anvil.test.mine({ blocks: 1 });
    const late = await start(0, SEATS);
    await mine([late], 12);
    const before = await Promise.all([sentBy(1), sentBy(2)]);
    await mine([early], 16);
    await mine([], 8);
    await mine([old], 4);
    assert.deepEqual(await Promise.all([sentBy(1), sentBy(2)]), before);
    assert.deepEqual(await stake(), [1_600n, 1_600n]);
  });
});
