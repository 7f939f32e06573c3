import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** One JSON-RPC request as a provider gets it. */
export type Call = Readonly<{ id: number; method: string; params: readonly unknown[] }>;
type Answer = { id: number; result?: unknown; error?: unknown };

/** A provider between a node and a chain: what it tells and when is up to the test. */
export type Proxy = Awaited<ReturnType<typeof startProxy>>;

/** Passes JSON-RPC on, except for what the test changes while it runs. */
export async function startProxy(url: string) {
  const proxy = {
    url: '',
    /** Changes an answer, or gives it back as it is. */
    tamper: (_: Call, result: unknown): unknown => result,
    /** Changes the whole answer's text. */
    garble: (text: string): string => text,
    /** Milliseconds an answer is held back. */
    delay: (): number => 0,
    shuffles: false,
    isDown: false,
    calls: [] as Call[],
    requests: 0,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (proxy.isDown) return request.destroy();
    const text = await textOf(request);
    const asked = JSON.parse(text) as Call | Call[];
    const calls = [asked].flat();
    proxy.calls.push(...calls);
    proxy.requests++;
    const passed = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: text,
    });
    const answers = [(await passed.json()) as Answer | Answer[]].flat().map((given) => {
      const call = calls.find(({ id }) => id === given.id);
      if (call === undefined || given.error !== undefined) return given;
      return { ...given, result: proxy.tamper(call, given.result) };
    });
    if (proxy.shuffles) answers.sort(() => Math.random() - 0.5);
    const ms = proxy.delay();
    if (ms > 0) await pause(ms);
    response.setHeader('content-type', 'application/json');
    response.end(proxy.garble(JSON.stringify(Array.isArray(asked) ? answers : answers[0])));
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
