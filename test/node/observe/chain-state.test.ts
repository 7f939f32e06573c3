import assert from 'node:assert/strict';
import { committeeAbi, registryAbi } from '../../../protocol/abi.ts';
import { evmCertificate } from '../../../protocol/certificate.ts';
import type { ChainState } from '../../../node/lib/pipeline.ts';
import { createLookout, type Lookout } from './lookout.ts';
import type { World } from './support.ts';

describe('chain state', () => {
  let lookout: Lookout;
  let world: World;
  before(async () => {
    lookout = await createLookout();
    ({ world } = lookout);
  });
  after(() => world.stop());
  beforeEach(() => lookout.begin());
  afterEach(() => lookout.end());

  /** A state without its block: what two nodes that started at different times must agree on. */
  const decided = ({ epoch, committee, rules, struck }: ChainState) => ({
    epoch,
    committee,
    rules,
    struck,
  });

  it('knows the roster in force, seat by seat', async () => {
    const state = await lookout.catchUp(lookout.start());
    assert.equal(state.epoch, 1n);
    assert.equal(state.committee?.totalWeight, world.network.roster.totalWeight);
    assert.deepEqual(
      state.committee?.seats.map(({ keyHash }) => keyHash),
      world.network.roster.seats.map(({ keyHash }) => keyHash),
    );
    assert.equal(state.committee?.maxRung, 3);
  });

  it('follows a coverage from shadow to armed to retired', async () => {
    const one = lookout.start();
    const shape = world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'anchor' } });
    assert.deepEqual((await lookout.catchUp(one)).rules, []);
    const coverageId = await world.cover([shape]);
    const [shadow] = (await lookout.catchUp(one)).rules;
    assert.equal(shadow?.coverageId, coverageId);
    assert.equal(shadow.phase, 'shadow');
    assert.equal(shadow.anchor, null);
    await world.arm(coverageId, shape);
    const [armed] = (await lookout.catchUp(one)).rules;
    const { number, parentHash } = await world.anvil.client.getBlock();
    assert.equal(armed?.phase, 'armed');
    assert.equal(armed.armedAt, number);
    assert.equal(armed.anchor, parentHash);
    await world.retire(coverageId);
    assert.deepEqual((await lookout.catchUp(one)).rules, []);
  });

  it('is the same for a node that starts late as for one that saw every block', async () => {
    const early = lookout.start();
    await lookout.catchUp(early);
    const price = world.ruleShape('price', 'share-price-fall', [1, 2]);
    const feed = world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'anchor' } });
    const first = await world.cover([price, feed]);
    const second = await world.cover([feed]);
    await world.arm(first, feed);
    await world.retire(second);
    await world.cover([price]);
    await world.mine(3);
    const seen = decided(await lookout.catchUp(early));
    assert.equal(seen.rules.length, 3);
    assert.deepEqual(decided(await lookout.catchUp(lookout.start())), seen);
  });

  it('goes back with a reorg to exactly what it was', async () => {
    const one = lookout.start();
    const shape = world.ruleShape('price', 'share-price-fall', [1, 2]);
    const coverageId = await world.cover([shape]);
    const before = decided(await lookout.catchUp(one));
    await world.arm(coverageId, shape);
    await world.mine(1);
    assert.equal((await lookout.catchUp(one)).rules[0]?.phase, 'armed');
    await world.reorg(2);
    await world.mine(1);
    assert.deepEqual(decided(await lookout.catchUp(one)), before);
    assert.ok(one.events.some(({ kind }) => kind === 'reorg'));
  });

  it('tells every trip in its block, and the replay slot after it', async () => {
    const one = lookout.start();
    await lookout.catchUp(one);
    const { certificate, digest, height } = await world.network.certify();
    const hash = await world.anvil.wallet.writeContract({
      address: world.domain.registry,
      abi: registryAbi,
      functionName: 'submit',
      args: evmCertificate(certificate),
      gas: 2_000_000n,
    });
    await world.anvil.client.waitForTransactionReceipt({ hash });
    await lookout.catchUp(one);
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
    const one = lookout.start();
    assert.deepEqual((await lookout.catchUp(one)).rules, []);
    // The first is the vault of the network itself.
    assert.deepEqual(one.ignored, ['INVALID', 'RULES_DIFFER', 'INVALID', 'NOT_CANONICAL']);
  });

  it('asks for logs only where the header leaves room for one', async () => {
    const proxy = await lookout.provider();
    const one = lookout.start(proxy.url);
    await lookout.catchUp(one);
    const asked = () => proxy.calls.filter(({ method }) => method === 'eth_getLogs').length;
    const before = asked();
    await world.mine(20);
    await lookout.catchUp(one);
    assert.equal(asked(), before);
    await world.cover([world.ruleShape('price', 'share-price-fall', [1, 2])]);
    assert.equal((await lookout.catchUp(one)).rules.length, 1);
    assert.ok(asked() > before);
  });

  it('knows nothing of a chain that was left before all that is remembered', async () => {
    const id = await world.request('evm_snapshot');
    await world.mine(150);
    await world.cover([world.ruleShape('price', 'share-price-fall', [1, 2])]);
    const proxy = await lookout.provider();
    const one = lookout.start(proxy.url);
    assert.equal((await lookout.catchUp(one)).rules.length, 1);
    proxy.isDown = true;
    await world.request('evm_revert', id);
    await world.request('evm_increaseTime', 1_000);
    await world.mine(160);
    proxy.isDown = false;
    assert.deepEqual((await lookout.catchUp(one)).rules, []);
    const shape = world.ruleShape('feed', 'feed-bound', [3], { reference: { kind: 'anchor' } });
    await world.cover([shape]);
    assert.equal((await lookout.catchUp(one)).rules.length, 1);
  });

  it('bars the seats of a strike from its block on', async () => {
    const one = lookout.start();
    assert.deepEqual((await lookout.catchUp(one)).struck, [{ epoch: 1n, seats: [] }]);
    const { client, wallet, test } = world.anvil;
    const registry = { address: world.domain.registry, abi: registryAbi } as const;
    const court = await client.readContract({ ...registry, functionName: 'COURT' });
    await test.impersonateAccount({ address: court });
    await test.setBalance({ address: court, value: 10n ** 18n });
    const strike = { ...registry, functionName: 'strike', args: [1n, [0b101n, 0n]] } as const;
    const hash = await wallet.writeContract({ ...strike, account: court });
    await client.waitForTransactionReceipt({ hash });
    const { struck } = await lookout.catchUp(one);
    assert.deepEqual(struck, [{ epoch: 1n, seats: [0, 2] }]);
    assert.deepEqual((await lookout.catchUp(lookout.start())).struck, struck);
  });

  it('puts a new roster in force in the block after the one that opened it', async () => {
    await world.request(
      'anvil_setNextBlockTimestamp',
      Number((await world.anvil.client.getBlock()).timestamp) + 90_000,
    );
    // Two epochs are more than a certificate's age apart.
    await world.mine(33);
    const one = lookout.start();
    await world.mine(1);
    await lookout.catchUp(one);
    const opened = await world.anvil.wallet.writeContract({
      address: world.deployment.committee,
      abi: committeeAbi,
      functionName: 'openEpoch',
    });
    const { blockNumber } = await world.anvil.client.waitForTransactionReceipt({ hash: opened });
    await world.mine(2);
    await lookout.catchUp(one);
    const epochs = one
      .blocks()
      .filter(({ block }) => block.height >= blockNumber)
      .map(({ state }) => state.epoch);
    assert.deepEqual(epochs, [1n, 2n, 2n]);
    assert.equal(one.tip()?.state.committee?.epoch, 2n);
  });
});
