import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What has been asked: HTTP requests, the calls in them, and the requests that look for a head and do nothing else. */
export type Asked = Readonly<{ requests: number; calls: number; polls: number }>;

/** Stands between a node and its provider, and counts. */
export async function startCounting(url: string) {
  let [requests, calls, polls] = [0, 0, 0];

  const count = (body: string): void => {
    const asked = [JSON.parse(body) as Call | Call[]].flat();
    requests++;
    calls += asked.length;
    if (asked.every(isOfHead)) polls++;
  };

  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString('utf8');
    count(body);
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body });
    response.writeHead(answer.status, headers);
    response.end(Buffer.from(await answer.arrayBuffer()));
  };

  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: (): Asked => ({ requests, calls, polls }),
    stop: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type Call = Readonly<{ method: string; params: readonly unknown[] }>;

const isOfHead = ({ method, params }: Call) =>
  method === 'eth_getBlockByNumber' && (params[0] === 'latest' || params[0] === 'finalized');
