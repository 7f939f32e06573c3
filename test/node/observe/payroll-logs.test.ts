import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { payrollAbi } from '../../../protocol/abi.ts';
import { evmCertificate } from '../../../protocol/certificate.ts';
import { signedAlone } from '../../../protocol/evidence.ts';
import { rollAt, saidBy } from '../roll-call/support.ts';
import { type Proxy, startProxy } from './proxy.ts';
import { createWorld, watch, type World } from './support.ts';

describe('roll calls that were booked', () => {
  let world: World;
  let proxy: Proxy;
  let watching: ReturnType<typeof watch>;
  before(async () => {
    world = await createWorld({ rollCallPeriod: 1n });
  });
  beforeEach(async () => {
    proxy = await startProxy(world.anvil.url);
    watching = watch([proxy.url], world.deployment);
    await newest();
  });
  afterEach(async () => {
    await watching.stop();
    await proxy.stop();
  });
  after(() => world.stop());

  const newest = async () => {
    const { hash } = await world.anvil.client.getBlock();
    await watching.reach(hash);
    assert.equal(watching.failure(), null);
    return watching.tip()!;
  };

  /** Books what one seat says at the newest block. */
  const book = async () => {
    const { anvil, network, domain } = world;
    const { roll, verdict } = await rollAt(anvil, network);
    const [said, certificate] = evmCertificate(signedAlone(saidBy(domain, verdict, 2), 4));
    const states = roll.leaves.map(({ state }) => state);
    const hash: Hex = await anvil.wallet.writeContract({
      address: network.payroll,
      abi: payrollAbi,
      functionName: 'bookRollCall',
      args: [said, roll.ruleIds, states, certificate],
    });
    await anvil.client.waitForTransactionReceipt({ hash });
    return { verdict, leaves: roll.leaves, certificate };
  };

  it('come out of their block, whole; a start finds them again', async () => {
    const booking = await book();
    const { block, bookings } = await newest();
    assert.deepEqual(bookings, [booking]);
    assert.deepEqual(await watching.observer.bookingsSince(block.height, block), [booking]);
    await world.mine(1);
    const { block: next } = await newest();
    assert.deepEqual(await watching.observer.bookingsSince(next.height, next), []);
  });

  it('are asked for where the header leaves room for them alone, and hold no block up where nobody tells of them', async () => {
    const asked = () => proxy.calls.filter(({ method }) => method === 'eth_getLogs').length;
    const before = asked();
    await world.mine(1);
    assert.deepEqual((await newest()).bookings, []);
    assert.equal(asked(), before);
    proxy.tamper = ({ method }, result) => (method === 'eth_getLogs' ? 'nonsense' : result);
    const booking = await book();
    const { block, bookings } = await newest();
    assert.equal(bookings, null);
    assert.ok(asked() > before);
    proxy.tamper = (_, result) => result;
    assert.deepEqual(await watching.observer.bookingsSince(block.height, block), [booking]);
  });
});
