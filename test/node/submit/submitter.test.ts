import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Registry } from 'prom-client';
import {
  createPublicClient,
  custom,
  getAbiItem,
  type Hex,
  parseGwei,
  type PublicClient,
} from 'viem';
import { registryAbi } from '../../../protocol/abi.ts';
import { createLog } from '../../../node/lib/log.ts';
import { createMetrics } from '../../../node/lib/metrics.ts';
import type { Certificate } from '../../../protocol/types.ts';
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
  let baseFee: bigint;
  let nodes: Watcher[] = [];
  // What observe would have read: empty unless a test says otherwise.
  let rulesSeen: readonly object[] = [];

  before(async () => {
    anvil = await startAnvil();
    network = await createNetwork(anvil);
  });
  beforeEach(async () => {
    baseFee = (await anvil.client.getBlock()).baseFeePerGas ?? 0n;
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
    await anvil.test.setNextBlockBaseFeePerGas({ baseFeePerGas: baseFee });
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
  const withCode = (address: Hex, bytecode: Hex) => anvil.test.setCode({ address, bytecode });
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
    await until('somebody sent', () => all.some(({ said }) => said('certificate sent') > 0));
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
    await until('it is sent', () => one.said('certificate sent') === 1);
    one.submitter.offer(certificate, network.roster);
    await mine();
    await until('it has tripped', () => one.states.at(-1)?.kind === 'tripped');
    one.submitter.offer(certificate, network.roster);
    await mine();
    assert.equal(one.said('certificate sent'), 1);
  });

  /** What `before` had written down when it was killed, offered to a new run of the same seat. */
  const restart = async (before: Watcher, certificate: Certificate): Promise<Watcher> => {
    await before.submitter.close();
    nodes = nodes.filter((made) => made !== before);
    const again = node(before.seat);
    again.submitter.offer(certificate, network.roster, before.states.at(-1));
    return again;
  };
  const address = funded(0).address;
  const mined = () => anvil.client.getTransactionCount({ address });
  const newest = ({ states }: Watcher) => {
    const state = states.at(-1);
    assert.ok(state?.kind === 'sent');
    return state;
  };
  /** The chain as a seat sees it whose provider treats what it sends in a way of its own. */
  const seenThrough = (send: (pass: () => Promise<unknown>) => Promise<unknown>): PublicClient =>
    createPublicClient({
      chain: anvil.chain,
      transport: custom(
        {
          request: async (request: { method: string }) => {
            const pass = () =>
              anvil.client.request(
                request as Parameters<typeof anvil.client.request>[0],
              ) as Promise<unknown>;
            return request.method === 'eth_sendRawTransaction' ? await send(pass) : await pass();
          },
        },
        { retryCount: 0 },
      ),
    });
  const lost = () => Promise.reject(new TypeError('connection lost'));

  it('remembers a transaction before anybody can see it', async () => {
    const { certificate } = await network.certify();
    const known: number[] = [];
    const one: Watcher = node(
      0,
      seenThrough(async (pass) => {
        known.push(one.states.length);
        return await pass();
      }),
    );
    one.submitter.offer(certificate, network.roster);
    await until('it is sent', () => one.said('certificate sent') === 1);
    assert.deepEqual(known, [1]);
  });

  for (const [what, befall] of [
    ['is still waiting', async () => {}],
    ['was dropped by the pool', async (hash: Hex) => await anvil.test.dropTransaction({ hash })],
  ] as const)
    it(`sends the very same transaction after a restart when its own ${what}`, async () => {
      const { certificate } = await network.certify();
      const [before, started] = [node(0), await mined()];
      before.submitter.offer(certificate, network.roster);
      await until('it is sent', () => before.said('certificate sent') === 1);
      const { transactions } = newest(before);
      await befall(transactions[0]!);
      const again = await restart(before, certificate);
      await until('it is sent again', () => again.said('certificate sent') === 1);
      assert.equal(await pending(), 1n);
      await mine();
      assert.equal(await network.rung(), 3);
      const incident = again.states.at(-1);
      assert.ok(incident?.kind === 'tripped' && incident.transaction === transactions[0]);
      await mine();
      assert.equal(await mined(), started + 1);
    });

  it('sends it after a restart when it was killed before a provider had it', async () => {
    const { certificate } = await network.certify();
    const before = node(0, seenThrough(lost));
    before.submitter.offer(certificate, network.roster);
    await until('it is lost', () => before.said('submission failed') === 1);
    assert.equal(await pending(), 0n);
    await restart(before, certificate);
    await until('a transaction waits', async () => (await pending()) === 1n);
    await mine();
    assert.equal(await network.rung(), 3);
  });

  it('pays once when a provider took its transaction and the answer was lost', async () => {
    const { certificate } = await network.certify();
    let answers = 0;
    const one = node(
      0,
      seenThrough(async (pass) => {
        const answer = await pass();
        return answers++ < 2 ? await lost() : answer;
      }),
    );
    const started = await mined();
    one.submitter.offer(certificate, network.roster);
    await until('it has tried again', () => one.said('certificate sent') === 1);
    assert.equal(await pending(), 1n);
    await mine();
    await mine();
    assert.equal(await network.rung(), 3);
    assert.equal(await mined(), started + 1);
    assert.equal(one.states.filter(({ kind }) => kind === 'sent').length, 1);
  });

  it('offers more when a provider calls its fee too low', async () => {
    const { certificate } = await network.certify();
    let refusals = 0;
    const one = node(
      0,
      seenThrough(async (pass) => {
        if (refusals++ < 2) throw new TypeError('replacement transaction underpriced');
        return await pass();
      }),
    );
    one.submitter.offer(certificate, network.roster);
    await until('it is sent', () => one.said('certificate sent again') === 1);
    const fees = one.states.map((state) => (state.kind === 'sent' ? state.maxFeePerGas : 0n));
    assert.ok(fees.length === 3 && fees[0]! < fees[1]! && fees[1]! < fees[2]!);
    assert.equal(await pending(), 1n);
    await mine();
    assert.equal(await network.rung(), 3);
  });

  /** Makes blocks too dear for what was sent before; those after them fall by an eighth each. */
  const grow = () => anvil.test.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('100') });

  for (const killed of [false, true])
    it(`pays what the blocks cost by now when its transaction is stuck${killed ? ', after a restart too' : ''}`, async () => {
      const { certificate } = await network.certify();
      const [before, started] = [node(0), await mined()];
      before.submitter.offer(certificate, network.roster);
      await until('it is sent', () => before.said('certificate sent') === 1);
      const stuck = newest(before);
      await grow();
      await mine();
      assert.equal(await mined(), started);
      const again = killed ? await restart(before, certificate) : before;
      await mine();
      await mine();
      await until('it is replaced', () => again.said('certificate sent again') >= 1);
      assert.equal(newest(again).nonce, stuck.nonce);
      await mine();
      assert.equal(await network.rung(), 3);
      await mine();
      assert.equal(await mined(), started + 1);
    });

  it('takes its nonce back when another seat trips while its own is stuck, and holds nothing up', async () => {
    const { certificate, digest } = await network.certify();
    const one = node(0);
    one.submitter.offer(certificate, network.roster);
    await until('it is sent', () => one.said('certificate sent') === 1);
    await grow();
    await mine();
    const two = node(1);
    two.submitter.offer(certificate, network.roster);
    await until('another sends', () => two.said('certificate sent') === 1);
    // The first sees the trip only as a rung in force: its provider keeps the event back.
    await anvil.test.mine({ blocks: 1 });
    assert.equal(await network.rung(), 3);
    const height = await anvil.client.getBlockNumber();
    for (let ahead = 1n; ahead <= 2n; ahead++)
      one.submitter.note({
        kind: 'block',
        block: { height: height + ahead },
        state: { rules: [] },
        trips: [],
      } as unknown as BlockEvent);
    await until('it takes it back', () => one.said('nonce taken back') === 1);
    const { nonce } = newest(one);
    await mine();
    assert.equal(await mined(), nonce + 1);
    const [{ transactionHash } = assert.fail()] = await anvil.client.getLogs({
      address: network.domain.registry,
      event: incident,
      args: { digest },
      fromBlock: 0n,
    });
    const { from } = await anvil.client.getTransaction({ hash: transactionHash });
    assert.equal(from.toLowerCase(), funded(1).address.toLowerCase());
  });

  it('replaces a transaction that is not mined within two blocks by one that pays an eighth more', async () => {
    const { certificate } = await network.certify();
    const one = node(0);
    one.submitter.offer(certificate, network.roster);
    await until('it is sent', () => one.said('certificate sent') === 1);
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
    await until('it is sent', () => one.said('certificate sent') === 1);
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
    await until('it is sent', () => one.said('certificate sent') === 1);
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

  it('sends nothing for a coverage whose escrow cannot pay it back, until it can', async () => {
    const { certificate } = await network.certify();
    const { coverageId, ruleId } = certificate.verdict;
    const covered = { coverageId, ruleId, notBefore: 0n, lastHeight: 0n };
    rulesSeen = [{ ...covered, escrow: 10n ** 9n }];
    const one = node(0, anvil.client, 0);
    await tell();
    one.submitter.offer(certificate, network.roster);
    await until('it keeps quiet', () => one.said('certificate not sent') === 1);
    assert.equal(one.lines.find(({ msg }) => msg === 'certificate not sent')?.code, 'ESCROW_SHORT');
    rulesSeen = [{ ...covered, escrow: 10n ** 18n }];
    await tell();
    await until('it is sent', () => one.said('certificate sent') === 1);
  });

  it('is not fooled by a target that looks at the gas price', async () => {
    const { certificate } = await network.certify();
    // GASPRICE ISZERO: as an honest target where it is zero, else out of gas.
    await withCode(network.vault, '0x3a15600857fe5b5f5ff3');
    const one = node(0, anvil.client, 0);
    one.submitter.offer(certificate, network.roster);
    await until('it keeps quiet', () => one.said('certificate not sent') === 1);
    assert.equal(one.lines.find(({ msg }) => msg === 'certificate not sent')?.code, 'TripFailed');
    assert.equal(one.said('certificate sent'), 0);
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
    await until('it is sent', () => one.said('certificate sent') === 1);
    await one.submitter.close();
  });
});
