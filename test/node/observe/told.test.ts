import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { createSocket } from '../../../node/lib/socket.ts';
import { type Relay, type RelayOptions, startRelay } from '../../relay.ts';
import { type Chase, createChase } from './chase.ts';
import { until } from './support.ts';

/** Longer than a test may last: whatever is seen sooner was told. */
const NEVER_MS = 60_000;
/** Between two looks, however much is told. */
const LEAST_MS = 20;

describe('heads that a provider tells', () => {
  let chase: Chase;
  const relays: Relay[] = [];
  beforeEach(async () => {
    chase = await createChase();
  });
  afterEach(async () => {
    await chase.end();
    for (const relay of relays.splice(0)) await relay.stop();
  });

  const relayed = async (options: RelayOptions = {}): Promise<Relay> => {
    const relay = await startRelay(chase.anvil.url.replace('http', 'ws'), options);
    relays.push(relay);
    return relay;
  };
  const isHead = (text: string) => text.includes('"eth_subscription"');
  const looksIn = (asked: readonly string[]) =>
    asked.filter((text) => text.includes('"latest"')).length;

  it('are seen without a look, each once, through reorgs too', async () => {
    await chase.mine(12);
    const asked: string[] = [];
    const relay = await relayed({ onAsked: (text) => asked.push(text) });
    const { reach, steps, matches, faults } = chase.follow([relay.url], undefined, NEVER_MS);
    await reach();
    await until(() => asked.some((text) => text.includes('eth_subscribe')));
    await pause(200);
    const before = looksIn(asked);
    for (const count of [1, 1, 5, 1]) {
      await chase.mine(count);
      await reach();
    }
    await chase.reorg(3);
    await chase.mine(1);
    await reach();
    assert.equal(steps.filter(({ kind }) => kind === 'reorg').length, 1);
    await matches();
    assert.equal(looksIn(asked), before);
    assert.deepEqual(faults, []);
  });

  for (const [name, pass] of [
    [
      'refuses to tell',
      (text) =>
        text.replace(/"result":"0x[0-9a-f]{1,32}"/, '"error":{"code":-32601,"message":"no"}'),
    ],
    ['tells nothing', (text) => (isHead(text) ? null : text)],
    [
      'tells what is none',
      (text) => (isHead(text) ? text.replace(/"stateRoot":"0x..../, '"stateRoot":"0xffff') : text),
    ],
    ['sends what nobody asked for', (text) => (isHead(text) ? '{"id":99999,"result":1}' : text)],
    ['sends what is no JSON', (text) => (isHead(text) ? '{"id":' : text)],
  ] as readonly (readonly [string, (text: string) => string | null])[])
    it(`are looked for where a provider ${name}`, async () => {
      await chase.mine(12);
      const { reach, matches, faults } = chase.follow([(await relayed({ pass })).url]);
      await reach();
      for (let count = 0; count < 8; count++) {
        await chase.mine(1);
        await reach();
      }
      await matches();
      assert.deepEqual(faults, []);
    });

  it('are told again once a connection that was cut is back, and none was missed', async () => {
    await chase.mine(12);
    const relay = await relayed();
    const { reach, copy, matches } = chase.follow([relay.url]);
    await reach();
    relay.cut();
    await chase.mine(4);
    await reach();
    await chase.mine(1);
    await reach();
    assert.deepEqual([...copy.keys()].slice(-5), [13n, 14n, 15n, 16n, 17n]);
    await matches();
  });

  it('keep no node busy, however many are told', async () => {
    await chase.mine(12);
    const asked: string[] = [];
    const flood = (text: string) => {
      const lie = text.replace(/"stateRoot":"0x..../, '"stateRoot":"0xffff');
      for (let ms = 0; isHead(text) && ms < 400; ms++) setTimeout(() => relay.say(lie), ms);
      return text;
    };
    const relay: Relay = await relayed({ onAsked: (text) => asked.push(text), pass: flood });
    const { reach, matches } = chase.follow([relay.url], undefined, NEVER_MS);
    await reach();
    await until(() => asked.some((text) => text.includes('eth_subscribe')));
    await pause(200);
    const [before, from] = [looksIn(asked), performance.now()];
    await chase.mine(1);
    await reach();
    await pause(400);
    const [looks, passed] = [looksIn(asked) - before, performance.now() - from];
    assert.ok(looks <= 1 + passed / LEAST_MS, `${looks} looks in ${passed} ms`);
    await matches();
  });

  it('are compared with what a provider is asked that tells nothing', async () => {
    await chase.mine(12);
    const { reach, matches, faults } = chase.follow([
      (await relayed()).url,
      (await chase.provider()).url,
    ]);
    await reach();
    await chase.mine(3);
    await reach();
    await matches();
    assert.deepEqual(faults, []);
  });

  describe('a socket', () => {
    const open = (
      url: string,
      options: Readonly<{ timeoutMs?: number; largestAnswer?: number }> = {},
    ) => createSocket(url, { timeoutMs: NEVER_MS, largestAnswer: 1_000_000, ...options });

    it('answers many calls at once, each with its own answer', async () => {
      const { request, close } = open((await relayed()).url);
      await chase.mine(9);
      const heights = Array.from({ length: 10 }, (_, height) => `0x${height.toString(16)}`);
      const blocks = await Promise.all(
        heights.map((height) =>
          request({ method: 'eth_getBlockByNumber', params: [height, false] }),
        ),
      );
      assert.deepEqual(
        blocks.map((block) => (block as { number: string }).number),
        heights,
      );
      close();
    });

    it('throws what a provider refuses, as viem does', async () => {
      const { request, close } = open((await relayed()).url);
      await assert.rejects(request({ method: 'eth_getBlockByNumber', params: ['none', false] }), {
        name: 'RpcRequestError',
        code: -32602,
      });
      close();
    });

    it('takes no answer above its bound, and works on', async () => {
      const { request, close } = open((await relayed()).url, { largestAnswer: 100 });
      const block = { method: 'eth_getBlockByNumber', params: ['latest', false] };
      await assert.rejects(request(block), { code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' });
      assert.equal(await request({ method: 'eth_chainId' }), '0x7a69');
      close();
    });

    it('ends a connection on which nothing comes, and opens another', async () => {
      let isSilent = true;
      const relay = await relayed({ pass: (text) => (isSilent ? null : text) });
      const { request, close } = open(relay.url, { timeoutMs: 300 });
      await assert.rejects(request({ method: 'eth_chainId' }), { name: 'TimeoutError' });
      isSilent = false;
      assert.equal(await request({ method: 'eth_chainId' }), '0x7a69');
      close();
    });

    it('fails at once where nobody listens, and is tried again', async () => {
      const relay = await relayed();
      await relay.stop();
      relays.splice(0);
      const { request } = open(relay.url);
      await assert.rejects(request({ method: 'eth_chainId' }), /ECONNREFUSED/);
      await assert.rejects(request({ method: 'eth_chainId' }), /ECONNREFUSED/);
    });

    it('tells of heads until it is closed', async () => {
      let told = 0;
      const { request, isTelling, takeHead, close } = createSocket((await relayed()).url, {
        timeoutMs: NEVER_MS,
        largestAnswer: 1_000_000,
        onHead: () => told++,
      });
      assert.equal(isTelling(), false);
      await request({ method: 'eth_chainId' });
      await until(() => told === 1);
      assert.equal(isTelling(), false);
      await chase.mine(1);
      await until(() => told === 2);
      assert.equal(isTelling(), true);
      assert.equal((takeHead() as { number: string }).number, '0x1');
      assert.equal(takeHead(), null);
      close();
      assert.equal(isTelling(), false);
    });
  });
});
