import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { Deployment } from '../../../protocol/deployment.ts';
import { type Anvil, freePort, startAnvil } from '../anvil.ts';
import { importOperator, placeToken, signedBy } from './network.ts';
import {
  assertRefused,
  createFolder,
  type Folder,
  printed,
  tocsin,
  tocsinProcess,
} from './tocsin.ts';

const main = fileURLToPath(new URL('../../../node/main.ts', import.meta.url));
const DEADLINE_MS = 30_000;

describe('tocsin run', () => {
  let anvil: Anvil;
  let folder: Folder;
  let child: ChildProcess | null = null;
  before(async () => {
    [anvil, folder] = await Promise.all([startAnvil(['--block-time', '1']), createFolder()]);
    await importOperator(folder, 'one', 0);
    const token = await placeToken(anvil, 1);
    const out = folder.at('deployment.json');
    printed<Deployment>(
      await tocsin([
        'deploy',
        '--rpc',
        anvil.url,
        '--token',
        token,
        '--out',
        out,
        ...signedBy(folder, 'one'),
        '--json',
      ]),
    );
  });
  after(async () => {
    if (child?.exitCode === null) child.kill('SIGKILL');
    await anvil.stop();
    await folder.remove();
  });

  const config = async (api: number) =>
    await folder.write(
      'node.yaml',
      stringify({
        deployment: 'deployment.json',
        rpc: [anvil.url],
        dataDir: 'data',
        blsKeystore: 'one/bls.json',
        hotKeystore: 'one/hot.json',
        passwordFile: 'password',
        listen: '/ip4/127.0.0.1/tcp/0',
        api: { host: '127.0.0.1', port: api },
      }),
    );

  it('watches the chain, says so on its endpoint, keeps others off its data, and stops when told', async () => {
    const port = await freePort();
    const started = spawn(process.execPath, [main, 'run', '--config', await config(port)], {
      env: { PATH: process.env.PATH ?? '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    let [stdout, stderr] = ['', ''];
    started.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    started.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    type Status = { head: { height: string } | null; seat: number | null };
    const status = async (): Promise<Status | null> =>
      await fetch(`http://127.0.0.1:${port}/status`).then(
        (response) => response.json() as Promise<Status>,
        () => null,
      );
    const end = Date.now() + DEADLINE_MS;
    while ((await status())?.head == null) {
      assert.ok(Date.now() < end && started.exitCode === null, stderr);
      await pause(100);
    }
    assert.equal((await status())?.seat, null);

    const second = await tocsinProcess(['run', '--config', await config(await freePort())]);
    assertRefused(second, `dataDir: ${folder.at('data')} is in use by another process`);
    const crowded = await folder.write(
      'crowded.yaml',
      (await readFile(await config(port), 'utf8')).replace('dataDir: data', 'dataDir: other'),
    );
    assertRefused(
      await tocsinProcess(['run', '--config', crowded]),
      `api: cannot listen on 127.0.0.1:${port} (EADDRINUSE)`,
    );

    const deaf = await folder.write(
      'deaf.yaml',
      (await readFile(await config(0), 'utf8'))
        .replace('dataDir: data', 'dataDir: deaf')
        .replace('/ip4/127.0.0.1/tcp/0', `/ip4/127.0.0.1/tcp/${port}`),
    );
    assertRefused(
      await tocsinProcess(['run', '--config', deaf]),
      `listen: cannot listen on /ip4/127.0.0.1/tcp/${port}`,
    );

    started.kill('SIGTERM');
    const [code] = (await once(started, 'exit')) as [number | null];
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '');
    for (const line of stderr.trimEnd().split('\n')) JSON.parse(line);
  });

  it('refuses a log level that is none, given as a flag', async () => {
    const file = await config(0);
    assertRefused(
      await tocsinProcess(['run', '--config', file, '--log-level', 'loud']),
      '--log-level: must be debug, info, warn, error or silent; correct it',
    );
  });
});

describe('a chain without the deployment proxy', () => {
  it('is given it by its presigned transaction', async () => {
    const [anvil, folder] = await Promise.all([
      startAnvil(['--disable-default-create2-deployer']),
      createFolder(),
    ]);
    try {
      await importOperator(folder, 'one', 0);
      const token = await placeToken(anvil, 1);
      const flags = [
        '--rpc',
        anvil.url,
        '--token',
        token,
        '--out',
        folder.at('d.json'),
        ...signedBy(folder, 'one'),
        '--json',
      ];
      const { registry } = printed<Deployment>(await tocsin(['deploy', ...flags]));
      assert.ok(await anvil.client.getCode({ address: registry }));
    } finally {
      await anvil.stop();
      await folder.remove();
    }
  });
});
