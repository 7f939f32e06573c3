import assert from 'node:assert/strict';
import { createLookout, type Lookout } from './lookout.ts';
import { until, type World } from './support.ts';

describe('chain state, where providers lie about logs and calls,', () => {
  let lookout: Lookout;
  let world: World;
  before(async () => {
    lookout = await createLookout();
    ({ world } = lookout);
  });
  after(() => world.stop());
  beforeEach(() => lookout.begin());
  afterEach(() => lookout.end());

  type Log = { data: string };
  const lies: readonly (readonly [string, (logs: Log[]) => unknown])[] = [
    ['holds back', () => []],
    ['changes', (logs) => logs.map((log) => ({ ...log, data: `${log.data.slice(0, -2)}ff` }))],
    ['repeats', (logs) => [...logs, ...logs]],
  ];
  for (const [lie, change] of lies)
    it(`waits while one of two providers ${lie} logs`, async () => {
      const [honest, liar] = [await lookout.provider(), await lookout.provider()];
      const one = lookout.start(honest.url, liar.url);
      await lookout.catchUp(one);
      liar.tamper = ({ method }, result) =>
        method === 'eth_getLogs' ? change(result as Log[]) : result;
      const seen = one.blocks().length;
      await world.cover([world.ruleShape('price', 'share-price-fall', [1, 2])]);
      await until(() => one.faults.includes('PROVIDERS_DISAGREE'));
      // The blocks before the coverage hold no logs of ours, so they may come out; its own may not.
      assert.ok(
        one
          .blocks()
          .slice(seen)
          .every(({ state }) => state.rules.length === 0),
      );
      liar.tamper = (_, result) => result;
      assert.equal((await lookout.catchUp(one)).rules.length, 1);
    });

  it('refuses logs that the header rules out, even from its only provider', async () => {
    const proxy = await lookout.provider();
    const one = lookout.start(proxy.url);
    await lookout.catchUp(one);
    const topic = `0x${'77'.repeat(32)}`;
    proxy.tamper = ({ method }, result) =>
      method === 'eth_getLogs'
        ? (result as { topics: string[] }[]).map((log) => ({
            ...log,
            topics: [log.topics[0], topic, ...log.topics.slice(2)],
          }))
        : result;
    await world.cover([world.ruleShape('price', 'share-price-fall', [1, 2])]);
    await until(() => one.faults.includes('LOGS_INVALID'));
    proxy.tamper = (_, result) => result;
    assert.equal((await lookout.catchUp(one)).rules.length, 1);
  });

  /** A sole provider that answers every request for logs with none. */
  const silent = async () => {
    const proxy = await lookout.provider();
    proxy.tamper = ({ method }, result) => (method === 'eth_getLogs' ? [] : result);
    return proxy;
  };

  it('reads phases and ends from state, though its only provider holds every log back', async () => {
    const shape = world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'anchor' } });
    const coverageId = await world.cover([shape]);
    const proxy = await lookout.provider();
    const one = lookout.start(proxy.url);
    assert.equal((await lookout.catchUp(one)).rules[0]?.phase, 'shadow');
    proxy.tamper = ({ method }, result) => (method === 'eth_getLogs' ? [] : result);
    await world.arm(coverageId, shape);
    assert.equal((await lookout.catchUp(one)).rules[0]?.phase, 'armed');
    await world.retire(coverageId);
    assert.deepEqual((await lookout.catchUp(one)).rules, []);
    assert.deepEqual(one.faults, []);
  });

  it('waits, and says so once, while its only provider holds back the log of a new coverage', async () => {
    const proxy = await lookout.provider();
    const one = lookout.start(proxy.url);
    await lookout.catchUp(one);
    const seen = one.blocks().length;
    proxy.tamper = ({ method }, result) => (method === 'eth_getLogs' ? [] : result);
    await world.cover([world.ruleShape('price', 'share-price-fall', [1, 2])]);
    await until(() => one.faults.filter((code) => code === 'LOGS_MISSING').length > 2);
    // The vault of the block before exists already; the coverage's own block may not come out.
    assert.ok(
      one
        .blocks()
        .slice(seen)
        .every(({ state }) => state.rules.length === 0),
    );
    assert.equal(one.missing.length, 1);
    assert.deepEqual(one.missing[0], { found: 1n, made: 2n });
    proxy.tamper = (_, result) => result;
    assert.equal((await lookout.catchUp(one)).rules.length, 1);
  });

  it('does not start on less than every coverage ever made', async () => {
    await world.cover([world.ruleShape('price', 'share-price-fall', [1, 2])]);
    const proxy = await silent();
    const one = lookout.start(proxy.url);
    await until(() => one.faults.includes('LOGS_MISSING'));
    assert.deepEqual(one.events, []);
    proxy.tamper = (_, result) => result;
    assert.equal((await lookout.catchUp(one)).rules.length, 1);
  });

  it('leaves out a coverage of the logs that the registry does not know at that block', async () => {
    const coverageId = await world.cover([world.ruleShape('price', 'share-price-fall', [1, 2])]);
    const proxy = await lookout.provider();
    const other = `0x${'77'.repeat(32)}`;
    type Topics = { topics: string[] };
    // Of a range only: a block's own header would convict it.
    proxy.tamper = ({ method, params }, result) =>
      method === 'eth_getLogs' && 'fromBlock' in (params[0] as object)
        ? (result as Topics[]).flatMap((log) => [
            { ...log, topics: [log.topics[0], other, ...log.topics.slice(2)] },
            log,
          ])
        : result;
    const one = lookout.start(proxy.url);
    const { rules } = await lookout.catchUp(one);
    assert.deepEqual(
      rules.map((rule) => rule.coverageId),
      [coverageId],
    );
    assert.ok(one.ignored.includes('UNKNOWN_TO_REGISTRY'));
  });

  it('starts over when a reorg comes between the logs and the state of its first block', async () => {
    await world.cover([world.ruleShape('price', 'share-price-fall', [1, 2])]);
    const proxy = await lookout.provider();
    let asked = false;
    let lied = false;
    proxy.tamper = ({ method, params }, result) => {
      if (method === 'eth_getLogs') asked = true;
      // Once, after the logs: another block has taken the height.
      if (!asked || lied || method !== 'eth_getBlockByNumber' || params[0] === 'latest')
        return result;
      lied = true;
      return { ...(result as object), hash: `0x${'77'.repeat(32)}` };
    };
    const one = lookout.start(proxy.url);
    assert.equal((await lookout.catchUp(one)).rules.length, 1);
    assert.ok(lied);
    assert.deepEqual(one.faults, ['BLOCK_REPLACED']);
  });

  for (const [what, rubbish] of [
    ['nothing', '0x'],
    ['half a word', '0x1234'],
    ['a number', 7],
    ['null', null],
  ] as const)
    it(`survives a provider whose calls answer ${what}`, async () => {
      const proxy = await lookout.provider();
      proxy.tamper = ({ method }, result) =>
        method === 'eth_call' || method === 'eth_getCode' ? rubbish : result;
      const one = lookout.start(proxy.url);
      await until(() => one.faults.length > 3);
      assert.equal(one.failure(), null);
      assert.deepEqual(one.events, []);
      proxy.tamper = (_, result) => result;
      await lookout.catchUp(one);
    });
});
