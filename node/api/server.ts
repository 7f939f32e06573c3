import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { refuse } from '../lib/refusal.ts';
import type { NodeStatus } from '../lib/status.ts';

/** What the endpoint shows. `status` must not block: it reads what the node already knows. */
export type ApiDeps = Readonly<{
  register: Registry;
  status: () => NodeStatus;
  /** Called before metrics are read: what nobody looks at is not counted. */
  refresh?: () => void;
}>;

/** Where it is reached, and how it is closed. */
export type Api = Readonly<{ url: string; close: () => Promise<void> }>;

/** Serves /health, /status and /metrics over HTTP, read only. */
export async function createApi(
  deps: ApiDeps,
  { host, port }: { host: string; port: number },
): Promise<Api> {
  const server = createServer((request, response) => {
    answer(deps, request, response).catch(() => {
      if (!response.headersSent) send(response, 500, 'application/json', '{"error":"INTERNAL"}');
      else response.destroy();
    });
  });
  server.requestTimeout = 5_000;
  server.headersTimeout = 5_000;
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        refuse(
          'CONFIG_INVALID',
          {
            field: 'api',
            problem: `cannot listen on ${host}:${port} (${error.code})`,
            fix: 'choose a free port of this machine',
          },
          error,
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  { register, status, refresh }: ApiDeps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return send(response, 405, 'application/json', '{"error":"METHOD"}');
  switch ((request.url ?? '').replace(/\?.*/s, '')) {
    case '/health': {
      const now = status();
      return send(
        response,
        now.healthy ? 200 : 503,
        'application/json',
        toJson({ healthy: now.healthy, head: now.head }),
      );
    }
    case '/status':
      return send(response, 200, 'application/json', toJson({ ...status(), memory: memory() }));
    case '/metrics':
      refresh?.();
      return send(response, 200, register.contentType, await register.metrics());
    default:
      return send(
        response,
        404,
        'application/json',
        '{"error":"NOT_FOUND","paths":["/health","/status","/metrics"]}',
      );
  }
}

function send(response: ServerResponse, code: number, type: string, body: string): void {
  response.writeHead(code, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

function memory() {
  const { rss, heapUsed } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed };
}

const toJson = (value: object) =>
  JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'bigint' ? field.toString() : field,
  );
