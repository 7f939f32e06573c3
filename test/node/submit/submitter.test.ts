import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { type Hex, parseEther } from 'viem';
import { createSender } from '../../../node/wallet/sender.ts';
import { funded } from '../anvil.ts';
import { turnOf } from '../../../node/lib/order.ts';
import { createSubmitters, type Submitters, until } from './submitters.ts';

describe('submitting certificates', () => {
  let town: Submitters;
  before(async () => {
    town = await createSubmitters();
  });
  beforeEach(() => town.begin());
  afterEach(() => town.end());
  after(() => town.stop());

  const withCode = (address: Hex, bytecode: Hex) => town.anvil.test.setCode({ address, bytecode });
  const first = (digest: Hex) => {
    const { roster } = town.network;
    return roster.seats.findIndex(
      ({ keyHash }) => turnOf(digest, roster, new Set([keyHash])) === 0,
    );
  };

  it('trips the breaker with one transaction, though all four seats hold the certificate', async () => {
    const { certificate } = await town.network.certify();
    const all = [0, 1, 2, 3].map((seat) => town.node(seat, town.anvil.client, 300));
    for (const { submitter } of all) submitter.offer(certificate, town.network.roster);
    await until(
      'three keep quiet',
      () => all.filter(({ said }) => said('certificate not sent') > 0).length === 3,
    );
    assert.equal(await town.pending(), 1n);
    await town.mine();
    assert.equal(await town.network.rung(), 3);
    assert.equal(await town.incidents(), 1);
    await until('everybody saw the trip', () =>
      all.every(({ states }) => states.at(-1)?.kind === 'tripped'),
    );
    assert.equal(all.filter(({ states }) => states[0]?.kind === 'sent').length, 1);
  });

  it('lets the first seat in the order of the digest go first', async () => {
    const { certificate, digest } = await town.network.certify();
    const all = [0, 1, 2, 3].map((seat) => town.node(seat, town.anvil.client, 400));
    for (const { submitter } of all) submitter.offer(certificate, town.network.roster);
    await until('somebody sent', () => all.some(({ said }) => said('certificate sent') > 0));
    assert.deepEqual(
      all.filter(({ states }) => states.length > 0).map(({ seat }) => seat),
      [first(digest)],
    );
  });

  it('lets the next seat go when the first is dead', async () => {
    const { certificate, digest } = await town.network.certify();
    const all = [0, 1, 2, 3]
      .filter((seat) => seat !== first(digest))
      .map((seat) => town.node(seat));
    for (const { submitter } of all) submitter.offer(certificate, town.network.roster);
    await until('a transaction waits', async () => (await town.pending()) >= 1n);
    await town.mine();
    assert.equal(await town.network.rung(), 3);
  });

  it('sends a certificate once, however often it is offered', async () => {
    const { certificate } = await town.network.certify();
    const one = town.node(0);
    for (let time = 0; time < 5; time++) one.submitter.offer(certificate, town.network.roster);
    await until('it is sent', () => one.said('certificate sent') === 1);
    one.submitter.offer(certificate, town.network.roster);
    await town.mine();
    await until('it has tripped', () => one.states.at(-1)?.kind === 'tripped');
    one.submitter.offer(certificate, town.network.roster);
    await town.mine();
    assert.equal(one.said('certificate sent'), 1);
  });

  it('spends nothing on a target that already stands at that rung, and asks once a block for all', async () => {
    const one = town.node(0);
    one.submitter.offer((await town.network.certify()).certificate, town.network.roster);
    await until('it is sent', () => one.said('certificate sent') === 1);
    await town.mine();
    const asked: string[] = [];
    const counting = town.seenThrough((method, pass) => {
      asked.push(method);
      return pass();
    });
    const two = town.node(1, counting);
    for (const byte of ['aa', 'bb', 'cc', 'dd'])
      two.submitter.offer(
        (await town.network.certify(`0x${byte.repeat(32)}`)).certificate,
        town.network.roster,
      );
    await until('it keeps quiet', () => two.said('certificate not sent') === 4);
    assert.equal(
      two.lines.find(({ msg }) => msg === 'certificate not sent')?.code,
      'ALREADY_TRIPPED',
    );
    asked.length = 0;
    await town.mine();
    await until('it has looked', () => asked.length > 0);
    await pause(100);
    assert.deepEqual(asked, ['eth_call']);
    assert.equal(await town.incidents(), 1);
  });

  for (const [what, seen] of [
    ['a later block tripped its rule', { lastHeight: 10n ** 6n }],
    ['its coverage was ended after its block', { notBefore: 10n ** 6n }],
  ] as const)
    it(`asks nobody when the newest block says that ${what}`, async () => {
      const { certificate } = await town.network.certify();
      const { coverageId, ruleId } = certificate.verdict;
      const target = town.network.vault;
      town.see([{ coverageId, ruleId, target, notBefore: 0n, lastHeight: 0n, ...seen }]);
      let asked = 0;
      const counting = town.seenThrough(async () => void asked++);
      const one = town.node(0, counting, 0);
      await town.tell();
      one.submitter.offer(certificate, town.network.roster);
      await until('it keeps quiet', () => one.said('certificate not sent') === 1);
      await town.tell();
      assert.equal(
        one.lines.find(({ msg }) => msg === 'certificate not sent')?.code,
        'VerdictStale',
      );
      assert.equal(asked, 0);
    });

  it('sends nothing for a coverage whose escrow cannot pay it back, until it can', async () => {
    const { certificate } = await town.network.certify();
    const { coverageId, ruleId } = certificate.verdict;
    const covered = { coverageId, ruleId, notBefore: 0n, lastHeight: 0n };
    town.see([{ ...covered, escrow: 10n ** 9n }]);
    const one = town.node(0, town.anvil.client, 0);
    await town.tell();
    one.submitter.offer(certificate, town.network.roster);
    await until('it keeps quiet', () => one.said('certificate not sent') === 1);
    assert.equal(one.lines.find(({ msg }) => msg === 'certificate not sent')?.code, 'ESCROW_SHORT');
    town.see([{ ...covered, escrow: 10n ** 18n }]);
    await town.mine();
    await until('it is sent', () => one.said('certificate sent') === 1);
  });

  it('is not fooled by a target that looks at the gas price', async () => {
    const { certificate } = await town.network.certify();
    // GASPRICE ISZERO: as an honest target where it is zero, else out of gas.
    await withCode(town.network.vault, '0x3a15600857fe5b5f5ff3');
    const one = town.node(0, town.anvil.client, 0);
    one.submitter.offer(certificate, town.network.roster);
    await until('it keeps quiet', () => one.said('certificate not sent') === 1);
    assert.equal(
      one.lines.find(({ msg }) => msg === 'certificate not sent')?.code,
      'TARGET_FAILED',
    );
    assert.equal(one.said('certificate sent'), 0);
  });

  it('names the revert of a certificate the registry refuses, and lets it go after 32 blocks', async () => {
    const { certificate } = await town.network.certify();
    const struck = { ...certificate, verdict: { ...certificate.verdict, life: 599 } };
    const one = town.node(0);
    one.submitter.offer(struck, town.network.roster);
    await until('it keeps quiet', () => one.said('certificate not sent') === 1);
    assert.equal(one.lines.find(({ msg }) => msg === 'certificate not sent')?.code, 'LifeMismatch');
    await town.anvil.test.mine({ blocks: 33 });
    await town.tell();
    await until('it is let go', () => one.said('certificate let go') === 1);
    assert.deepEqual(
      one.states.map(({ kind }) => kind),
      ['dropped'],
    );
    assert.equal(await town.pending(), 0n);
  });

  it('looks again at what it cannot send later and later, once a block at most', async () => {
    const { certificate } = await town.network.certify();
    await withCode(town.network.vault, '0x5f5ffd');
    let simulations = 0;
    const counting = town.seenThrough((method, pass) => {
      if (method === 'eth_call') simulations++;
      return pass();
    });
    const one = town.node(0, counting, 0);
    one.submitter.offer(certificate, town.network.roster);
    await until('it keeps quiet', () => one.said('certificate not sent') === 1);
    const looked: boolean[] = [];
    for (let block = 1; block <= 12; block++) {
      simulations = 0;
      await town.mine();
      for (let again = 0; again < 3; again++) await town.tell();
      await pause(150);
      looked.push(simulations > 0);
      assert.ok(simulations <= 2, `${simulations} at block ${block}`);
    }
    const blocks = looked.flatMap((did, index) => (did ? [index + 1] : []));
    assert.deepEqual(blocks, [1, 3, 7, 11]);
  });

  it('never bids more than one ether, whatever a provider says of the base fee', async () => {
    const lying = town.seenThrough(async (method, pass) => {
      const answer = await pass();
      return method === 'eth_getBlockByNumber'
        ? { ...(answer as object), baseFeePerGas: '0xffffffffffffffffffff' }
        : answer;
    });
    const sender = createSender({
      client: lying,
      account: funded(0),
      chainId: town.anvil.chain.id,
    });
    const call = { to: town.network.vault, data: '0x', gas: 2_000_000n } as const;
    const sent = await sender.prepare(call, await sender.fees(call.gas));
    assert.equal(sent.maxFeePerGas * call.gas, parseEther('1'));
    let last = sent;
    for (let time = 0; time < 40; time++) last = await sender.raise(call, last);
    assert.equal(last.maxFeePerGas, sent.maxFeePerGas);
    assert.deepEqual(await sender.raise(call, last), last);
  });

  it('rides out an RPC that fails, and stops at once when it is closed', async () => {
    let down = true;
    const flaky = town.seenThrough((_, pass) =>
      down ? Promise.reject(new TypeError('connection lost')) : pass(),
    );
    const { certificate } = await town.network.certify();
    const one = town.node(0, flaky);
    one.submitter.offer(certificate, town.network.roster);
    await until('it fails a few times', () => one.said('submission failed') >= 3);
    down = false;
    await until('it is sent', () => one.said('certificate sent') === 1);
    await one.submitter.close();
  });
});
