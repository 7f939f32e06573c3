import assert from 'node:assert/strict';
import { committeeAbi, registryAbi } from '../../../protocol/abi.ts';
import { evmCertificate } from '../../../protocol/certificate.ts';
import { type Proxy, startProxy } from './proxy.ts';
import { createWorld, until, type World, watch } from './support.ts';

type Watched = ReturnType<typeof watch>;

describe('chain state', () => {
  let world: World;
  let restore: () => Promise<void>;
  let proxies: Proxy[];
  let watched: Watched[];

  before(async () => {
    world = await createWorld();
  });

  after(() => world.stop());

  beforeEach(async () => {
    restore = await world.remember();
    proxies = [];
    watched = [];
  });

  afterEach(async () => {
    for (const one of watched) await one.stop();
    for (const proxy of proxies) await proxy.stop();
    await restore();
  });

  const provider = async () => {
    const proxy = await startProxy(world.anvil.url);
    proxies.push(proxy);
    return proxy;
  };

  const start = (...urls: readonly string[]) => {
    const one = watch(urls.length === 0 ? [world.anvil.url] : urls, world.deployment);
    watched.push(one);
    return one;
  };

  const catchUp = async (one: Watched) => {
    const { hash } = await world.anvil.client.getBlock();
    await one.reach(hash);
    assert.equal(one.failure(), null);
    return one.tip()!.state;
  };

  /** A state without its block: what two nodes that started at different times must agree on. */
  const decided = ({ epoch, committee, rules, struck }: Awaited<ReturnType<typeof catchUp>>) => ({
    epoch,
    committee,
    rules,
    struck,
  });

  it('knows the roster in force, seat by seat', async () => {
    const state = await catchUp(start());
    assert.equal(state.epoch, 1n);
    assert.equal(state.committee?.totalWeight, world.network.roster.totalWeight);
    assert.deepEqual(
      state.committee?.seats.map(({ keyHash }) => keyHash),
      world.network.roster.seats.map(({ keyHash }) => keyHash),
    );
    assert.equal(state.committee?.maxRung, 3);
  });

  it('follows a coverage from shadow to armed to retired', async () => {
    const one = start();
    const shape = world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'anchor' } });
    assert.deepEqual((await catchUp(one)).rules, []);
    const coverageId = await world.cover([shape]);
    const [shadow] = (await catchUp(one)).rules;
    assert.equal(shadow?.coverageId, coverageId);
    assert.equal(shadow.phase, 'shadow');
    assert.equal(shadow.anchor, null);
    await world.arm(coverageId, shape);
    const [armed] = (await catchUp(one)).rules;
    const { number, parentHash } = await world.anvil.client.getBlock();
    assert.equal(armed?.phase, 'armed');
    assert.equal(armed.armedAt, number);
    assert.equal(armed.anchor, parentHash);
    await world.retire(coverageId);
    assert.deepEqual((await catchUp(one)).rules, []);
  });

  it('is the same for a node that starts late as for one that saw every block', async () => {
    const early = start();
    await catchUp(early);
    const price = world.ruleShape('price', 'share-price-fall', [1, 2]);
    const feed = world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'anchor' } });
    const first = await world.cover([price, feed]);
    const second = await world.cover([feed]);
    await world.arm(first, feed);
    await world.retire(second);
    await world.cover([price]);
    await world.mine(3);
    const seen = decided(await catchUp(early));
    assert.equal(seen.rules.length, 3);
    assert.deepEqual(decided(await catchUp(start())), seen);
  });

  it('goes back with a reorg to exactly what it was', async () => {
    const one = start();
    const shape = world.ruleShape('price', 'share-price-fall', [1, 2]);
    const coverageId = await world.cover([shape]);
    const before = decided(await catchUp(one));
    await world.arm(coverageId, shape);
    await world.mine(1);
    assert.equal((await catchUp(one)).rules[0]?.phase, 'armed');
    await world.reorg(2);
    await world.mine(1);
    assert.deepEqual(decided(await catchUp(one)), before);
    assert.ok(one.events.some(({ kind }) => kind === 'reorg'));
  });

  it('tells every trip in its block, and the replay slot after it', async () => {
    const one = start();
    await catchUp(one);
    const { certificate, digest, height } = await world.network.certify();
    const hash = await world.anvil.wallet.writeContract({
      address: world.domain.registry,
      abi: registryAbi,
      functionName: 'submit',
      args: evmCertificate(certificate),
      gas: 2_000_000n,
    });
    await world.anvil.client.waitForTransactionReceipt({ hash });
    await catchUp(one);
    const [trip] = one.tip()?.trips ?? [];
    assert.equal(trip?.digest, digest);
    assert.equal(trip.transaction, hash);
    assert.equal(trip.rung, 3);
    assert.equal(trip.submitter.toLowerCase(), world.anvil.wallet.account.address.toLowerCase());
    assert.ok(height > 0n);
  });

  it('ignores a coverage whose manifest names other rules than the registry took', async () => {
    const shape = world.ruleShape('price', 'share-price-fall', [1, 2]);
    await world.cover([shape], (text) => text.replace('"life":600', '"life":700'));
    await world.cover([shape], () => '{}');
    await world.cover([shape], (text) => text.replace('"name":"Slots"', '"name" :"Slots"'));
    const one = start();
    assert.deepEqual((await catchUp(one)).rules, []);
    // The first is the vault of the network itself.
    assert.deepEqual(one.ignored, ['INVALID', 'RULES_DIFFER', 'INVALID', 'NOT_CANONICAL']);
  });

  it('asks for logs only where the header leaves room for one', async () => {
    const proxy = await provider();
    const one = start(proxy.url);
    await catchUp(one);
    const asked = () => proxy.calls.filter(({ method }) => method === 'eth_getLogs').length;
    const before = asked();
    await world.mine(20);
    await catchUp(one);
    assert.equal(asked(), before);
    await world.cover([world.ruleShape('price', 'share-price-fall', [1, 2])]);
    assert.equal((await catchUp(one)).rules.length, 1);
    assert.ok(asked() > before);
  });

  type Log = { data: string };
  const lies: readonly (readonly [string, (logs: Log[]) => unknown])[] = [
    ['holds back', () => []],
    ['changes', (logs) => logs.map((log) => ({ ...log, data: `${log.data.slice(0, -2)}ff` }))],
    ['repeats', (logs) => [...logs, ...logs]],
  ];
  for (const [lie, change] of lies)
    it(`waits while one of two providers ${lie} logs`, async () => {
      const [honest, liar] = [await provider(), await provider()];
      const one = start(honest.url, liar.url);
      await catchUp(one);
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
      assert.equal((await catchUp(one)).rules.length, 1);
    });

  it('refuses logs that the header rules out, even from its only provider', async () => {
    const proxy = await provider();
    const one = start(proxy.url);
    await catchUp(one);
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
    assert.equal((await catchUp(one)).rules.length, 1);
  });

  /** A sole provider that answers every request for logs with none. */
  const silent = async () => {
    const proxy = await provider();
    proxy.tamper = ({ method }, result) => (method === 'eth_getLogs' ? [] : result);
    return proxy;
  };

  it('reads phases and ends from state, though its only provider holds every log back', async () => {
    const shape = world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'anchor' } });
    const coverageId = await world.cover([shape]);
    const proxy = await provider();
    const one = start(proxy.url);
    assert.equal((await catchUp(one)).rules[0]?.phase, 'shadow');
    proxy.tamper = ({ method }, result) => (method === 'eth_getLogs' ? [] : result);
    await world.arm(coverageId, shape);
    assert.equal((await catchUp(one)).rules[0]?.phase, 'armed');
    await world.retire(coverageId);
    assert.deepEqual((await catchUp(one)).rules, []);
    assert.deepEqual(one.faults, []);
  });

  it('waits, and says so once, while its only provider holds back the log of a new coverage', async () => {
    const proxy = await provider();
    const one = start(proxy.url);
    await catchUp(one);
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
    assert.equal((await catchUp(one)).rules.length, 1);
  });

  it('does not start on less than every coverage ever made', async () => {
    await world.cover([world.ruleShape('price', 'share-price-fall', [1, 2])]);
    const proxy = await silent();
    const one = start(proxy.url);
    await until(() => one.faults.includes('LOGS_MISSING'));
    assert.deepEqual(one.events, []);
    proxy.tamper = (_, result) => result;
    assert.equal((await catchUp(one)).rules.length, 1);
  });

  it('leaves out a coverage of the logs that the registry does not know at that block', async () => {
    const coverageId = await world.cover([world.ruleShape('price', 'share-price-fall', [1, 2])]);
    const proxy = await provider();
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
    const one = start(proxy.url);
    const { rules } = await catchUp(one);
    assert.deepEqual(
      rules.map((rule) => rule.coverageId),
      [coverageId],
    );
    assert.ok(one.ignored.includes('UNKNOWN_TO_REGISTRY'));
  });

  it('starts over when a reorg comes between the logs and the state of its first block', async () => {
    await world.cover([world.ruleShape('price', 'share-price-fall', [1, 2])]);
    const proxy = await provider();
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
    const one = start(proxy.url);
    assert.equal((await catchUp(one)).rules.length, 1);
    assert.ok(lied);
    assert.deepEqual(one.faults, ['BLOCK_REPLACED']);
  });

  it('knows nothing of a chain that was left before all that is remembered', async () => {
    const id = await world.request('evm_snapshot');
    await world.mine(150);
    await world.cover([world.ruleShape('price', 'share-price-fall', [1, 2])]);
    const proxy = await provider();
    const one = start(proxy.url);
    assert.equal((await catchUp(one)).rules.length, 1);
    proxy.isDown = true;
    await world.request('evm_revert', id);
    await world.request('evm_increaseTime', 1_000);
    await world.mine(160);
    proxy.isDown = false;
    assert.deepEqual((await catchUp(one)).rules, []);
    const shape = world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'anchor' } });
    await world.cover([shape]);
    assert.equal((await catchUp(one)).rules.length, 1);
  });

  for (const [what, rubbish] of [
    ['nothing', '0x'],
    ['half a word', '0x1234'],
    ['a number', 7],
    ['null', null],
  ] as const)
    it(`survives a provider whose calls answer ${what}`, async () => {
      const proxy = await provider();
      proxy.tamper = ({ method }, result) =>
        method === 'eth_call' || method === 'eth_getCode' ? rubbish : result;
      const one = start(proxy.url);
      await until(() => one.faults.length > 3);
      assert.equal(one.failure(), null);
      assert.deepEqual(one.events, []);
      proxy.tamper = (_, result) => result;
      await catchUp(one);
    });

  it('puts a new roster in force in the block after the one that opened it', async () => {
    await world.request(
      'anvil_setNextBlockTimestamp',
      Number((await world.anvil.client.getBlock()).timestamp) + 90_000,
    );
    // Two epochs are more than a certificate's age apart.
    await world.mine(33);
    const one = start();
    await world.mine(1);
    await catchUp(one);
    const opened = await world.anvil.wallet.writeContract({
      address: world.deployment.committee,
      abi: committeeAbi,
      functionName: 'openEpoch',
    });
    const { blockNumber } = await world.anvil.client.waitForTransactionReceipt({ hash: opened });
    await world.mine(2);
    await catchUp(one);
    const epochs = one
      .blocks()
      .filter(({ block }) => block.height >= blockNumber)
      .map(({ state }) => state.epoch);
    assert.deepEqual(epochs, [1n, 2n, 2n]);
    assert.equal(one.tip()?.state.committee?.epoch, 2n);
  });
});
