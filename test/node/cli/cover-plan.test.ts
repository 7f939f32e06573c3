import assert from 'node:assert/strict';
import { type Hex, keccak256 } from 'viem';
import { funded } from '../anvil.ts';
import { sentinels } from './codes.ts';
import { createHostileWorld, type HostileWorld } from './hostile.ts';
import { createManifests } from './manifests.ts';
import { printed } from './tocsin.ts';

type Planned = Readonly<{
  change: string;
  delay: string;
  coverageId: Hex;
  rules: readonly Readonly<{
    change: string;
    rung: number;
    life: number;
    fires: boolean | null;
    arms: boolean;
  }>[];
  escrow: Readonly<{ now: string; after: string; least: string }>;
  transactions: readonly Readonly<{
    name: string;
    to: Hex;
    data: Hex;
    gas: string;
    fee: string;
    value: string;
  }>[];
}>;

describe('tocsin cover plan', () => {
  let world: HostileWorld;
  let make: ReturnType<typeof createManifests>;
  before(async () => {
    world = await createHostileWorld();
    make = createManifests(world);
    await world.anvil.test.mine({ blocks: 12 });
  });
  after(() => world.close());

  it('says what changes, what it costs, and what the predicate says now', async () => {
    const plan = printed<Planned>(await world.plan({}, '--fund', '1.5', '--arm', '--json'));
    assert.equal(plan.change, 'cover');
    assert.deepEqual([plan.escrow.now, plan.escrow.after], ['0', '1500000000000000000']);
    const [first] = plan.rules;
    assert.deepEqual([plan.delay, first?.rung, first?.life], ['172800', 3, 3600]);
    // The delay of rules is two days: nothing is armed on the day it is named.
    assert.deepEqual([first?.change, first?.fires, first?.arms], ['added', false, false]);
    assert.deepEqual(
      plan.transactions.map(({ name, value }) => [name, value]),
      [['cover', '1500000000000000000']],
    );
    assert.ok(plan.transactions.every(({ gas, fee }) => BigInt(gas) > 0n && BigInt(fee) > 0n));
  });

  it('prints what a guardian that is a contract has to send', async () => {
    const plan = printed<Planned>(await world.plan({}, '--json'));
    const { to, data, value } = plan.transactions[0]!;
    const account = funded(0).address;
    const answer = await world.anvil.client.call({ account, to, data, value: BigInt(value) });
    assert.equal(answer.data, plan.coverageId);
  });

  it('is a line each for people', async () => {
    const { stdout } = await world.plan({});
    for (const line of [
      /^target +0x[0-9a-f]{40}$/m,
      /^coverage +0x[0-9a-f]{64} is made$/m,
      /^rule share-price +added: shadow, armable at \d{4}-/m,
      /^ {2}reads +2 slots of 0x[0-9a-f]{40} at each block and 1 earlier$/m,
      /^ {2}trips +rung 3, for 3600 s$/m,
      /^ {2}judged +clear at block \d+$/m,
      /^delay +a rule may be armed 172800 s after it is added$/m,
      /^escrow +0 ether now, 1 ether after; nobody rings for less than 0\.0\d+ ether$/m,
      /^send cover +\d+ gas, 0\.\d{1,9} ether, and 1 ether into the escrow$/m,
    ])
      assert.match(stdout, line);
  });

  for (const [what, fires] of [
    ['quiet', false],
    ['firing', true],
  ] as const)
    it(`collects and judges a ${what} sentinel, deployed or not`, async () => {
      const codeHash = keccak256(sentinels[what]);
      for (const change of [
        await make.place(sentinels[what]),
        { bytecode: sentinels[what], codeHash },
      ]) {
        const plan = printed<Planned>(await world.plan(make.sentinel(change), '--json'));
        assert.deepEqual(
          plan.rules.map((found) => found.fires),
          [fires],
        );
      }
    });

  it('binds a detector and tries its reads', async () => {
    const { stdout } = await world.plan(make.detector({ maxFallBps: 20 }));
    assert.match(stdout, /^ {2}reads +0x01e1d114 of 0x[0-9a-f]{40}, 0x18160ddd of /m);
    assert.match(stdout, /^ {2}judged +nothing can be said at block \d+, by 1 blocks before it$/m);
  });
});
