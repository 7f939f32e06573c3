import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scenarios } from '../../devnet/scenarios/all.ts';

const main = fileURLToPath(new URL('../../devnet/main.ts', import.meta.url));

const devnet = async (args: readonly string[], env: Record<string, string> = {}) => {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...env } });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, out, err };
};
describe('devnet as a process', () => {
  it('says a wrong argument in one line and ends with 2', async () => {
    const { code, out, err } = await devnet(['--scenario', 'nothing', '--json']);
    assert.equal(code, 2);
    assert.equal(out, '');
    assert.match(err, /^devnet: --scenario: "nothing" is unknown; [^\n]+\n$/);
  });

  it('lists the scenarios on stdout and ends with 0', async () => {
    const { code, out, err } = await devnet(['--list']);
    assert.equal(code, 0);
    assert.equal(err, '');
    assert.equal(out.trimEnd().split('\n').length, scenarios.length);
  });

  it('says a port in use in one line and ends with 2', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { code, err } = await devnet(['--once', '--port', String(port)]);
    server.close();
    assert.equal(code, 2);
    assert.match(err, new RegExp(`^devnet: --port: ${port} is in use[^\n]*\n$`));
  });

  it('says a missing chain binary in one line, ends with 2 and leaves no folder behind', async () => {
    const room = await mkdtemp(join(tmpdir(), 'tocsin-test-'));
    const { code, out, err } = await devnet(['--once', '--json'], {
      ANVIL: '/nowhere/anvil',
      TMPDIR: room,
    });
    assert.equal(code, 2);
    assert.equal(out, '');
    assert.match(err, /^devnet: anvil: cannot start \/nowhere\/anvil \(ENOENT\)[^\n]*\n$/);
    assert.deepEqual(await readdir(room), []);
    await rm(room, { recursive: true });
  });
});
