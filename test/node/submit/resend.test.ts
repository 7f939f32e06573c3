import assert from 'node:assert/strict';
import { type Hex, parseGwei } from 'viem';
import type { BlockEvent } from '../../../node/lib/pipeline.ts';
import type { Certificate } from '../../../protocol/types.ts';
import { funded } from '../anvil.ts';
import { createSubmitters, incident, type Submitters, until, type Watcher } from './submitters.ts';

describe('a certificate that was sent', () => {
  let town: Submitters;
  before(async () => {
    town = await createSubmitters();
  });
  beforeEach(() => town.begin());
  afterEach(() => town.end());
  after(() => town.stop());

  /** What `before` had written down when it was killed, offered to a new run of the same seat. */
  const restart = async (before: Watcher, certificate: Certificate): Promise<Watcher> => {
    await town.kill(before);
    const again = town.node(before.seat);
    again.submitter.offer(certificate, town.network.roster, before.states.at(-1));
    return again;
  };
  const address = funded(0).address;
  const mined = () => town.anvil.client.getTransactionCount({ address });
  const newest = ({ states }: Watcher) => {
    const state = states.at(-1);
    assert.ok(state?.kind === 'sent');
    return state;
  };
  /** A provider that treats the transactions it is given in a way of its own. */
  const takenBy = (send: (pass: () => Promise<unknown>) => Promise<unknown>) =>
    town.seenThrough((method, pass) => (method === 'eth_sendRawTransaction' ? send(pass) : pass()));
  const lost = () => Promise.reject(new TypeError('connection lost'));

  it('remembers a transaction before anybody can see it', async () => {
    const { certificate } = await town.network.certify();
    const known: number[] = [];
    const one: Watcher = town.node(
      0,
      takenBy(async (pass) => {
        known.push(one.states.length);
        return await pass();
      }),
    );
    one.submitter.offer(certificate, town.network.roster);
    await until('it is sent', () => one.said('certificate sent') === 1);
    assert.deepEqual(known, [1]);
  });

  for (const [what, befall] of [
    ['is still waiting', async () => {}],
    [
      'was dropped by the pool',
      async (hash: Hex) => await town.anvil.test.dropTransaction({ hash }),
    ],
  ] as const)
    it(`sends the very same transaction after a restart when its own ${what}`, async () => {
      const { certificate } = await town.network.certify();
      const [before, started] = [town.node(0), await mined()];
      before.submitter.offer(certificate, town.network.roster);
      await until('it is sent', () => before.said('certificate sent') === 1);
      const { transactions } = newest(before);
      await befall(transactions[0]!);
      const again = await restart(before, certificate);
      await until('it is sent again', () => again.said('certificate sent') === 1);
      assert.equal(await town.pending(), 1n);
      await town.mine();
      assert.equal(await town.network.rung(), 3);
      const incident = again.states.at(-1);
      assert.ok(incident?.kind === 'tripped' && incident.transaction === transactions[0]);
      await town.mine();
      assert.equal(await mined(), started + 1);
    });

  it('sends it after a restart when it was killed before a provider had it', async () => {
    const { certificate } = await town.network.certify();
    const before = town.node(0, takenBy(lost));
    before.submitter.offer(certificate, town.network.roster);
    await until('it is lost', () => before.said('submission failed') === 1);
    assert.equal(await town.pending(), 0n);
    await restart(before, certificate);
    await until('a transaction waits', async () => (await town.pending()) === 1n);
    await town.mine();
    assert.equal(await town.network.rung(), 3);
  });

  it('pays once when a provider took its transaction and the answer was lost', async () => {
    const { certificate } = await town.network.certify();
    let answers = 0;
    const one = town.node(
      0,
      takenBy(async (pass) => {
        const answer = await pass();
        return answers++ < 2 ? await lost() : answer;
      }),
    );
    const started = await mined();
    one.submitter.offer(certificate, town.network.roster);
    await until('it has tried again', () => one.said('certificate sent') === 1);
    assert.equal(await town.pending(), 1n);
    await town.mine();
    await town.mine();
    assert.equal(await town.network.rung(), 3);
    assert.equal(await mined(), started + 1);
    assert.equal(one.states.filter(({ kind }) => kind === 'sent').length, 1);
  });

  it('offers more when a provider calls its fee too low', async () => {
    const { certificate } = await town.network.certify();
    let refusals = 0;
    const one = town.node(
      0,
      takenBy(async (pass) => {
        if (refusals++ < 2) throw new TypeError('replacement transaction underpriced');
        return await pass();
      }),
    );
    one.submitter.offer(certificate, town.network.roster);
    await until('it is sent', () => one.said('certificate sent again') === 1);
    const fees = one.states.map((state) => (state.kind === 'sent' ? state.maxFeePerGas : 0n));
    assert.ok(fees.length === 3 && fees[0]! < fees[1]! && fees[1]! < fees[2]!);
    assert.equal(await town.pending(), 1n);
    await town.mine();
    assert.equal(await town.network.rung(), 3);
  });

  /** Makes blocks too dear for what was sent before; those after them fall by an eighth each. */
  const grow = () => town.anvil.test.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('100') });

  for (const killed of [false, true])
    it(`pays what the blocks cost by now when its transaction is stuck${killed ? ', after a restart too' : ''}`, async () => {
      const { certificate } = await town.network.certify();
      const [before, started] = [town.node(0), await mined()];
      before.submitter.offer(certificate, town.network.roster);
      await until('it is sent', () => before.said('certificate sent') === 1);
      const stuck = newest(before);
      await grow();
      await town.mine();
      assert.equal(await mined(), started);
      const again = killed ? await restart(before, certificate) : before;
      await town.mine();
      await town.mine();
      await until('it is replaced', () => again.said('certificate sent again') >= 1);
      assert.equal(newest(again).nonce, stuck.nonce);
      await town.mine();
      assert.equal(await town.network.rung(), 3);
      await town.mine();
      assert.equal(await mined(), started + 1);
    });

  it('takes its nonce back when another seat trips while its own is stuck, and holds nothing up', async () => {
    const { certificate, digest } = await town.network.certify();
    const one = town.node(0);
    one.submitter.offer(certificate, town.network.roster);
    await until('it is sent', () => one.said('certificate sent') === 1);
    await grow();
    await town.mine();
    const two = town.node(1);
    two.submitter.offer(certificate, town.network.roster);
    await until('another sends', () => two.said('certificate sent') === 1);
    // The first sees the trip only as a rung in force: its provider keeps the event back.
    await town.anvil.test.mine({ blocks: 1 });
    assert.equal(await town.network.rung(), 3);
    const height = await town.anvil.client.getBlockNumber();
    for (let ahead = 1n; ahead <= 2n; ahead++)
      one.submitter.note({
        kind: 'block',
        block: { height: height + ahead },
        state: { rules: [] },
        trips: [],
        failures: [],
      } as unknown as BlockEvent);
    await until('it takes it back', () => one.said('nonce taken back') === 1);
    const { nonce } = newest(one);
    await town.mine();
    assert.equal(await mined(), nonce + 1);
    const [{ transactionHash } = assert.fail()] = await town.anvil.client.getLogs({
      address: town.network.domain.registry,
      event: incident,
      args: { digest },
      fromBlock: 0n,
    });
    const { from } = await town.anvil.client.getTransaction({ hash: transactionHash });
    assert.equal(from.toLowerCase(), funded(1).address.toLowerCase());
  });

  it('replaces a transaction that is not mined within two blocks by one that pays an eighth more', async () => {
    const { certificate } = await town.network.certify();
    const one = town.node(0);
    one.submitter.offer(certificate, town.network.roster);
    await until('it is sent', () => one.said('certificate sent') === 1);
    const sent = one.states[0];
    assert.ok(sent?.kind === 'sent');
    const [old = '0x'] = sent.transactions;
    const { maxFeePerGas: fee = 0n } = await town.anvil.client.getTransaction({ hash: old });
    // Two blocks in which it is not: taken out of the pool, as a provider that forgets does.
    await town.anvil.test.dropTransaction({ hash: old });
    await town.mine();
    await town.mine();
    await until('it is replaced', () => one.said('certificate sent again') === 1);
    const replaced = one.states.at(-1);
    assert.ok(replaced?.kind === 'sent' && replaced.nonce === sent.nonce);
    const { maxFeePerGas: higher = 0n } = await town.anvil.client.getTransaction({
      hash: replaced.transactions.at(-1) ?? '0x',
    });
    assert.ok(higher * 8n >= fee * 9n);
    await town.mine();
    assert.equal(await town.network.rung(), 3);
  });

  it('sends again when a reorg takes the trip away', async () => {
    const { certificate, height } = await town.network.certify();
    const one = town.node(0);
    const id = await town.anvil.test.snapshot();
    one.submitter.offer(certificate, town.network.roster);
    await until('it is sent', () => one.said('certificate sent') === 1);
    await town.mine();
    await until('it has tripped', () => one.states.at(-1)?.kind === 'tripped');
    await town.anvil.test.revert({ id });
    await town.anvil.test.setAutomine(false);
    assert.equal(await town.network.rung(), 0);
    one.submitter.note({ kind: 'reorg', common: { height }, dropped: [] } as unknown as BlockEvent);
    await town.mine();
    await town.mine();
    await town.mine();
    await until('it is sent again', async () => (await town.pending()) === 1n);
    await town.mine();
    assert.equal(await town.network.rung(), 3);
  });
});
