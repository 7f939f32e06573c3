import assert from 'node:assert/strict';
import type { ChainState } from '../../../node/lib/pipeline.ts';
import { createLookout, type Lookout } from './lookout.ts';
import type { World } from './support.ts';

describe('chain state, where a coverage is amended,', () => {
  let lookout: Lookout;
  let world: World;
  let feed: ReturnType<World['ruleShape']>;
  let price: ReturnType<World['ruleShape']>;
  before(async () => {
    lookout = await createLookout();
    ({ world } = lookout);
    feed = world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'anchor' } });
    price = world.ruleShape('price', 'share-price-fall', [1, 2]);
  });
  after(() => world.stop());
  beforeEach(() => lookout.begin());
  afterEach(() => lookout.end());

  const phases = ({ rules }: ChainState) =>
    rules.map(({ name, phase, anchor }) => [name, phase, anchor !== null]);

  it('follows it: what stays keeps its phase and anchor, what is new starts in shadow', async () => {
    const one = lookout.start();
    const coverageId = await world.cover([feed]);
    await world.arm(coverageId, feed);
    assert.deepEqual(phases(await lookout.catchUp(one)), [['feed-bound', 'armed', true]]);
    await world.amend(coverageId, [feed], [price, feed]);
    const amended = [
      ['share-price-fall', 'shadow', false],
      ['feed-bound', 'armed', true],
    ];
    assert.deepEqual(phases(await lookout.catchUp(one)), amended);
    assert.deepEqual(phases(await lookout.catchUp(lookout.start())), amended);
    await world.amend(coverageId, [price, feed], [price]);
    assert.deepEqual(phases(await lookout.catchUp(one)), [['share-price-fall', 'shadow', false]]);
    await world.retire(coverageId);
    assert.deepEqual(phases(await lookout.catchUp(one)), []);
    assert.deepEqual(one.faults, []);
  });

  it('goes back to the former rules with a reorg', async () => {
    const one = lookout.start();
    const coverageId = await world.cover([feed]);
    await world.amend(coverageId, [feed], [price]);
    await world.mine(1);
    assert.deepEqual(phases(await lookout.catchUp(one)), [['share-price-fall', 'shadow', false]]);
    await world.reorg(2);
    await world.mine(1);
    assert.deepEqual(phases(await lookout.catchUp(one)), [['feed-bound', 'shadow', false]]);
  });

  for (const early of [true, false])
    it(`reads it though its former manifest could not be read, by a node that starts ${early ? 'before' : 'after'}`, async () => {
      const started = early ? lookout.start() : null;
      const coverageId = await world.cover([feed], () => '{}');
      if (started) {
        assert.deepEqual(phases(await lookout.catchUp(started)), []);
        assert.deepEqual(started.ignored.slice(-1), ['INVALID']);
      }
      await world.amend(coverageId, [feed], [price]);
      const state = await lookout.catchUp(started ?? lookout.start());
      assert.deepEqual(phases(state), [['share-price-fall', 'shadow', false]]);
      assert.deepEqual(state.rules[0]?.coverageId, coverageId);
    });

  it('watches nothing of it when its manifest says otherwise, and all that comes after', async () => {
    const one = lookout.start();
    const coverageId = await world.cover([feed]);
    await lookout.catchUp(one);
    await world.amend(coverageId, [feed], [price], () => '{}');
    assert.deepEqual(phases(await lookout.catchUp(one)), []);
    assert.deepEqual(one.ignored.slice(-1), ['INVALID']);
    await world.amend(coverageId, [price], [feed]);
    assert.deepEqual(phases(await lookout.catchUp(one)), [['feed-bound', 'shadow', false]]);
  });

  it('falls silent about it alone while its only provider holds the event back', async () => {
    const proxy = await lookout.provider();
    const one = lookout.start(proxy.url);
    const first = await world.cover([feed]);
    await world.cover([price]);
    await lookout.catchUp(one);
    const lie = ({ method }: { method: string }, result: unknown) =>
      method === 'eth_getLogs' ? [] : result;
    proxy.tamper = lie;
    await world.amend(first, [feed], [feed, price]);
    assert.deepEqual(phases(await lookout.catchUp(one)), [['share-price-fall', 'shadow', false]]);
    assert.deepEqual(one.ignored.slice(-1), ['RULES_UNTOLD']);
    await world.mine(16);
    assert.equal((await lookout.catchUp(one)).rules.length, 1);
    proxy.tamper = (_, result) => result;
    await world.mine(8);
    assert.equal((await lookout.catchUp(one)).rules.length, 3);
    assert.deepEqual(one.faults, []);
    assert.equal(one.ignored.filter((code) => code === 'RULES_UNTOLD').length, 1);
  });

  it('believes no event of rules that the registry has not', async () => {
    const proxy = await lookout.provider();
    const coverageId = await world.cover([feed]);
    await world.amend(coverageId, [feed], [price]);
    type Log = { data: string; topics: string[] };
    let held: Log[] = [];
    proxy.tamper = ({ method }, result) => {
      if (method !== 'eth_getLogs') return result;
      held = (result as Log[]).toReversed().slice(0, 1);
      return (result as Log[]).filter((log) => !held.includes(log));
    };
    const one = lookout.start(proxy.url);
    assert.deepEqual(phases(await lookout.catchUp(one)), []);
    assert.ok(held.length === 1 && one.ignored.includes('RULES_UNTOLD'));
  });
});
