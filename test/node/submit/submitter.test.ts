import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { createPublicClient, custom, getAbiItem, type Hex, type PublicClient } from 'viem';
import { registryAbi } from '../../../protocol/abi.ts';
import { createLog } from '../../../node/lib/log.ts';
import { createMetrics } from '../../../node/lib/metrics.ts';
import type { BlockEvent } from '../../../node/lib/pipeline.ts';
import type { SubmissionState } from '../../../node/store/certificates.ts';
import { turnOf } from '../../../node/submit/order.ts';
import { createSender } from '../../../node/submit/sender.ts';
import { createSubmitter, type Submitter } from '../../../node/submit/submitter.ts';
import { type Anvil, funded, startAnvil } from '../anvil.ts';
import { createNetwork, type Network } from './network.ts';

const DEADLINE_MS = 15_000;
const incident = getAbiItem({ abi: registryAbi, name: 'Incident' });

/** Waits for a condition, never for a time. */
async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  explain = () => '',
): Promise<void> {
  const end = Date.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(`never: ${what} ${explain()}`);
    await pause(20);
  }
}

type Watcher = Readonly<{
  seat: number;
  submitter: Submitter;
  states: SubmissionState[];
  lines: Line[];
  said: (message: string) => number;
}>;
type Line = Readonly<{ msg: string; code?: string }>;

describe('submitting certificates', () => {
  let anvil: Anvil;
  let network: Network;
  let snapshot: Hex;
  let nodes: Watcher[] = [];
  // What observe would have read: empty unless a test says otherwise.
  let rulesSeen: readonly object[] = [];

  before(async () => {
    anvil = await startAnvil();
    network = await createNetwork(anvil);
  });
  beforeEach(async () => {
    snapshot = await anvil.test.snapshot();
    await anvil.test.setAutomine(false);
  });
  afterEach(async () => {
    await Promise.all(nodes.map(({ submitter }) => submitter.close()));
    nodes = [];
    rulesSeen = [];
    // A snapshot does not hold the pool.
    await anvil.test.request({
      method: 'anvil_dropAllTransactions' as 'anvil_dropTransaction',
      params: [] as never,
    });
    await anvil.test.setAutomine(true);
    await anvil.test.revert({ id: snapshot });
  });
  after(() => anvil.stop());

  /** A submitter of one seat; `client` stands between it and the chain. */
  function node(seat: number, client: PublicClient = anvil.client, delayMs = 50): Watcher {
    const lines: Line[] = [];
    const log = createLog(
      { level: 'debug', format: 'json' },
      { write: (line) => void lines.push(JSON.parse(line) as Line) },
    );
    const states: SubmissionState[] = [];
    const sender = createSender({ client, account: funded(seat), chainId: anvil.chain.id });
    const submitter = createSubmitter(
      {
        client,
        sender,
        domain: network.domain,
        hub: network.hub,
        keyHash: network.roster.seats[seat]?.keyHash ?? '0x',
        log,
        metrics: createMetrics(new Registry()),
        record: async (_, state) => void states.push(state),
      },
      { delayMs, retryMs: 50 },
    );
    const made = {
      seat,
      submitter,
      states,
      lines,
      said: (message: string) => lines.filter(({ msg }) => msg === message).length,
    };
    nodes.push(made);
    return made;
  }

  /** Mines a block and tells every node what it holds. */
  async function mine(): Promise<void> {
    await anvil.test.mine({ blocks: 1 });
    await tell();
  }

  async function tell(): Promise<void> {
    const block = await anvil.client.getBlock();
    const logs = await anvil.client.getLogs({
      address: network.domain.registry,
      event: incident,
      blockHash: block.hash,
      strict: true,
    });
    const trips = logs.map(({ args, transactionHash }) => ({
      digest: args.digest,
      coverageId: args.coverageId,
      ruleId: args.ruleId,
      rung: args.verdict.rung,
      end: args.end,
      submitter: args.submitter,
      transaction: transactionHash,
    }));
    const event = {
      kind: 'block',
      block: { height: block.number },
      state: { rules: rulesSeen },
      trips,
      seenAt: Date.now(),
    } as unknown as BlockEvent;
    for (const { submitter } of nodes) submitter.note(event);
  }

  const pending = async () =>
    BigInt(await anvil.client.getBlockTransactionCount({ blockTag: 'pending' }));
  const incidents = async () =>
    (
      await anvil.client.getLogs({
        address: network.domain.registry,
        event: incident,
        fromBlock: 0n,
      })
    ).length;
  const first = (digest: Hex) =>
    [0, 1, 2, 3].find(
      (seat) => turnOf(digest, network.roster, network.roster.seats[seat]?.keyHash ?? '0x') === 0,
    ) ?? 0;

  it('trips the breaker with one transaction, though all four seats hold the certificate', async () => {
    const { certificate } = await network.certify();
    const all = [0, 1, 2, 3].map((seat) => node(seat, anvil.client, 300));
    for (const { submitter } of all) submitter.offer(certificate, network.roster);
    await until(
      'three keep quiet',
      () => all.filter(({ said }) => said('certificate not sent') > 0).length === 3,
    );
    assert.equal(await pending(), 1n);
    await mine();
    assert.equal(await network.rung(), 3);
    assert.equal(await incidents(), 1);
    await until('everybody saw the trip', () =>
      all.every(({ states }) => states.at(-1)?.kind === 'tripped'),
    );
    assert.equal(all.filter(({ states }) => states[0]?.kind === 'sent').length, 1);
  });

  it('lets the first seat in the order of the digest go first', async () => {
    const { certificate, digest } = await network.certify();
    const all = [0, 1, 2, 3].map((seat) => node(seat, anvil.client, 400));
    for (const { submitter } of all) submitter.offer(certificate, network.roster);
    await until('somebody sent', () => all.some(({ states }) => states.length > 0));
    assert.deepEqual(
      all.filter(({ states }) => states.length > 0).map(({ seat }) => seat),
      [first(digest)],
    );
  });

  it('lets the next seat go when the first is dead', async () => {
    const { certificate, digest } = await network.certify();
    const all = [0, 1, 2, 3].filter((seat) => seat !== first(digest)).map((seat) => node(seat));
    for (const { submitter } of all) submitter.offer(certificate, network.roster);
    await until('a transaction waits', async () => (await pending()) === 1n);
    await mine();
    assert.equal(await network.rung(), 3);
  });

  it('sends a certificate once, however often it is offered', async () => {
    const { certificate } = await network.certify();
    const one = node(0);
    for (let time = 0; time < 5; time++) one.submitter.offer(certificate, network.roster);
    await until('it is sent', () => one.states.length === 1);
    one.submitter.offer(certificate, network.roster);
    await mine();
    await until('it has tripped', () => one.states.at(-1)?.kind === 'tripped');
    one.submitter.offer(certificate, network.roster);
    await mine();
    assert.equal(one.said('certificate sent'), 1);
  });

  it('keeps quiet after a restart when its own transaction is still waiting', async () => {
    const { certificate } = await network.certify();
    const before = node(0);
    before.submitter.offer(certificate, network.roster);
    await until('it is sent', () => before.states.length === 1);
    await before.submitter.close();
    const again = node(0);
    again.submitter.offer(certificate, network.roster);
    await until('it keeps quiet', () => again.said('certificate not sent') === 1);
    assert.equal(await pending(), 1n);
  });

  it('replaces a transaction that is not mined within two blocks by one that pays an eighth more', async () => {
    const { certificate } = await network.certify();
    const one = node(0);
    one.submitter.offer(certificate, network.roster);
    await until('it is sent', () => one.states.length === 1);
    const sent = one.states[0];
    assert.ok(sent?.kind === 'sent');
    const [old = '0x'] = sent.transactions;
    const { maxFeePerGas: fee = 0n } = await anvil.client.getTransaction({ hash: old });
    // Two blocks in which it is not: taken out of the pool, as a provider that forgets does.
    await anvil.test.dropTransaction({ hash: old });
    await mine();
    await mine();
    await until('it is replaced', () => one.said('certificate sent again') === 1);
    const replaced = one.states.at(-1);
    assert.ok(replaced?.kind === 'sent' && replaced.nonce === sent.nonce);
    const { maxFeePerGas: higher = 0n } = await anvil.client.getTransaction({
      hash: replaced.transactions.at(-1) ?? '0x',
    });
    assert.ok(higher * 8n >= fee * 9n);
    await mine();
    assert.equal(await network.rung(), 3);
  });

  it('sends again when a reorg takes the trip away', async () => {
    const { certificate, height } = await network.certify();
    const one = node(0);
    const id = await anvil.test.snapshot();
    one.submitter.offer(certificate, network.roster);
    await until('it is sent', () => one.states.length === 1);
    await mine();
    await until('it has tripped', () => one.states.at(-1)?.kind === 'tripped');
    await anvil.test.revert({ id });
    await anvil.test.setAutomine(false);
    assert.equal(await network.rung(), 0);
    one.submitter.note({ kind: 'reorg', common: { height }, dropped: [] } as unknown as BlockEvent);
    await mine();
    await mine();
    await mine();
    await until('it is sent again', async () => (await pending()) === 1n);
    await mine();
    assert.equal(await network.rung(), 3);
  });

  it('spends nothing on a target that already stands at that rung, and asks once a block for all', async () => {
    const one = node(0);
    one.submitter.offer((await network.certify()).certificate, network.roster);
    await until('it is sent', () => one.states.length === 1);
    await mine();
    const asked: string[] = [];
    const counting = createPublicClient({
      chain: anvil.chain,
      transport: custom(
        {
          request: async (request: { method: string }) => {
            asked.push(request.method);
            return await anvil.client.request(
              request as Parameters<typeof anvil.client.request>[0],
            );
          },
        },
        { retryCount: 0 },
      ),
    });
    const two = node(1, counting);
    for (const byte of ['aa', 'bb', 'cc', 'dd'])
      two.submitter.offer(
        (await network.certify(`0x${byte.repeat(32)}`)).certificate,
        network.roster,
      );
    await until('it keeps quiet', () => two.said('certificate not sent') === 4);
    assert.equal(
      two.lines.find(({ msg }) => msg === 'certificate not sent')?.code,
      'ALREADY_TRIPPED',
    );
    asked.length = 0;
    await mine();
    await until('it has looked', () => asked.length > 0);
    await pause(100);
    assert.deepEqual(asked, ['eth_call']);
    assert.equal(await incidents(), 1);
  });

  for (const [what, seen] of [
    ['a later block tripped its rule', { lastHeight: 10n ** 6n }],
    ['its coverage was ended after its block', { notBefore: 10n ** 6n }],
  ] as const)
    it(`asks nobody when the newest block says that ${what}`, async () => {
      const { certificate } = await network.certify();
      const { coverageId, ruleId } = certificate.verdict;
      const target = network.vault;
      rulesSeen = [{ coverageId, ruleId, target, notBefore: 0n, lastHeight: 0n, ...seen }];
      let asked = 0;
      const counting = createPublicClient({
        chain: anvil.chain,
        transport: custom({ request: async () => void asked++ }, { retryCount: 0 }),
      });
      const one = node(0, counting, 0);
      await tell();
      one.submitter.offer(certificate, network.roster);
      await until('it keeps quiet', () => one.said('certificate not sent') === 1);
      await tell();
      assert.equal(
        one.lines.find(({ msg }) => msg === 'certificate not sent')?.code,
        'VerdictStale',
      );
      assert.equal(asked, 0);
    });

  it('names the revert of a certificate the registry refuses, and lets it go after 32 blocks', async () => {
    const { certificate } = await network.certify();
    const struck = { ...certificate, verdict: { ...certificate.verdict, life: 599 } };
    const one = node(0);
    one.submitter.offer(struck, network.roster);
    await until('it keeps quiet', () => one.said('certificate not sent') === 1);
    assert.equal(one.lines.find(({ msg }) => msg === 'certificate not sent')?.code, 'LifeMismatch');
    await anvil.test.mine({ blocks: 33 });
    await tell();
    await until('it is let go', () => one.said('certificate let go') === 1);
    assert.deepEqual(
      one.states.map(({ kind }) => kind),
      ['dropped'],
    );
    assert.equal(await pending(), 0n);
  });

  it('rides out an RPC that fails, and stops at once when it is closed', async () => {
    let down = true;
    const flaky = createPublicClient({
      chain: anvil.chain,
      transport: custom(
        {
          request: async (request: { method: string }) => {
            if (down) throw new TypeError('connection lost');
            return await anvil.client.request(
              request as Parameters<typeof anvil.client.request>[0],
            );
          },
        },
        { retryCount: 0 },
      ),
    });
    const { certificate } = await network.certify();
    const one = node(0, flaky);
    one.submitter.offer(certificate, network.roster);
    await until('it fails a few times', () => one.said('submission failed') >= 3);
    down = false;
    await until('it is sent', () => one.states.length === 1);
    await one.submitter.close();
  });
});
