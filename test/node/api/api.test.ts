import assert from 'node:assert/strict';
import { createApi } from '../../../node/api/server.ts';
import { createMetrics, createRegister } from '../../../node/lib/metrics.ts';
import type { NodeStatus } from '../../../node/lib/status.ts';
import { refusedWith } from '../refused.ts';

const status = (change: Partial<NodeStatus> = {}): NodeStatus => ({
  healthy: true,
  head: { height: 12n, hash: `0x${'ab'.repeat(32)}` },
  epoch: 3n,
  seat: 1,
  peers: { connected: 6, seated: 5 },
  evidence: 0,
  rules: [],
  counts: { blocks: 12, findings: 0, attested: 0, certificates: 0, trips: 0 },
  ...change,
});

const start = async (now: () => NodeStatus) => {
  const register = createRegister();
  return {
    metrics: createMetrics(register),
    api: await createApi({ register, status: now }, { host: '127.0.0.1', port: 0 }),
  };
};

describe('the endpoint of a node', () => {
  it('says what the node knows, with whole numbers as text', async () => {
    const { api } = await start(() => status());
    const answer = (await (await fetch(`${api.url}/status`)).json()) as {
      head: { height: string };
      memory: { rssBytes: number };
    };
    assert.equal(answer.head.height, '12');
    assert.ok(answer.memory.rssBytes > 0);
    await api.close();
  });

  for (const [healthy, code] of [
    [true, 200],
    [false, 503],
  ] as const)
    it(`answers ${code} on /health while the node is ${healthy ? 'well' : 'late'}`, async () => {
      const { api } = await start(() => status({ healthy }));
      assert.equal((await fetch(`${api.url}/health`)).status, code);
      await api.close();
    });

  it('shows metrics in the form Prometheus reads', async () => {
    const { api, metrics } = await start(() => status());
    metrics.head.set(77);
    const text = await (await fetch(`${api.url}/metrics`)).text();
    assert.match(text, /^tocsin_head_block 77$/m);
    assert.match(text, /^process_resident_memory_bytes /m);
    await api.close();
  });

  it('refuses other paths and other methods, and survives a status that throws', async () => {
    const { api } = await start(() => {
      throw new TypeError('not yet');
    });
    assert.equal((await fetch(`${api.url}/etc/passwd`)).status, 404);
    assert.equal((await fetch(`${api.url}/status`, { method: 'POST', body: 'x' })).status, 405);
    assert.equal((await fetch(`${api.url}/status`)).status, 500);
    assert.equal((await fetch(`${api.url}/metrics`)).status, 200);
    await api.close();
  });

  it('refuses a port in use with one line', async () => {
    const { api } = await start(() => status());
    const port = Number(new URL(api.url).port);
    await refusedWith(
      'CONFIG_INVALID',
      `api: cannot listen on 127.0.0.1:${port} (EADDRINUSE)`,
      () => createApi({ register: createRegister(), status }, { host: '127.0.0.1', port }),
    );
    await api.close();
  });
});
