import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../../node/lib/config.ts';
import { refusedWith } from '../refused.ts';

const least = {
  deployment: 'deployment.json',
  rpc: ['http://127.0.0.1:8545'],
  dataDir: './data',
  blsKeystore: 'bls.json',
  hotKeystore: 'hot.json',
  passwordFile: 'password',
};

describe('node.yaml', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tocsin-config-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const file = () => join(folder, 'node.yaml');
  const write = (text: string) => writeFile(file(), text);
  const writeValues = (values: object) => write(JSON.stringify(values));

  it('needs six keys and gives the rest defaults; its paths start at its own folder', async () => {
    await writeValues(least);
    assert.deepEqual(await readConfig(file()), {
      deployment: join(folder, 'deployment.json'),
      rpc: ['http://127.0.0.1:8545'],
      dataDir: join(folder, 'data'),
      blsKeystores: [join(folder, 'bls.json')],
      hotKeystore: join(folder, 'hot.json'),
      blsPasswordFile: join(folder, 'password'),
      hotPasswordFile: join(folder, 'password'),
      listen: '/ip4/0.0.0.0/tcp/9750',
      peers: [],
      api: null,
      submitDelayMs: 150,
      tripByProof: true,
      leastPay: '1',
      pollMs: 250,
      logLevel: 'info',
      logFormat: 'json',
    });
  });

  it('cannot be changed once it is read', async () => {
    await writeValues({ ...least, api: { host: '127.0.0.1', port: 0 } });
    const config = await readConfig(file());
    for (const part of [config, config.rpc, config.peers, config.api])
      assert.ok(Object.isFrozen(part));
  });

  it('takes two signing keys of one watcher, from the file and from the environment', async () => {
    const both = [join(folder, 'bls.json'), join(folder, 'next.json')];
    await writeValues({ ...least, blsKeystore: ['bls.json', 'next.json'] });
    assert.deepEqual((await readConfig(file())).blsKeystores, both);
    await writeValues(least);
    const environment = { TOCSIN_BLS_KEYSTORE: 'bls.json,next.json' };
    assert.deepEqual((await readConfig(file(), environment)).blsKeystores, both);
    await writeValues({ ...least, blsKeystore: ['a', 'b', 'c'] });
    const line = `${file()}: blsKeystore: must be a path, or a list of up to 2; correct it: EIP-2335`;
    await refusedWith('CONFIG_INVALID', line, () => readConfig(file()));
  });

  it('takes the least pay as text, as a number or as none, from the file and from the environment', async () => {
    for (const [leastPay, taken] of [
      ['0.5', '0.5'],
      [2, '2'],
      [null, null],
    ] as const) {
      await writeValues({ ...least, leastPay });
      assert.equal((await readConfig(file())).leastPay, taken);
      await writeValues(least);
      const environment = { TOCSIN_LEAST_PAY: `${leastPay}` };
      assert.equal((await readConfig(file(), environment)).leastPay, taken);
    }
  });

  it('takes one password file each, and absolute paths as they are', async () => {
    await writeValues({
      ...least,
      dataDir: '/var/lib/tocsin',
      passwordFile: { bls: 'one', hot: 'two' },
    });
    const config = await readConfig(file());
    assert.equal(config.blsPasswordFile, join(folder, 'one'));
    assert.equal(config.hotPasswordFile, join(folder, 'two'));
    assert.equal(config.dataDir, '/var/lib/tocsin');
  });

  it('goes behind the environment, and both behind flags', async () => {
    await writeValues({ ...least, pollMs: 100, logLevel: 'debug' });
    const environment = {
      TOCSIN_POLL_MS: '300',
      TOCSIN_LOG_LEVEL: 'warn',
      TOCSIN_RPC: 'http://a:1,http://b:2',
      TOCSIN_API: '127.0.0.1:9000',
      PATH: '/bin',
    };
    const config = await readConfig(file(), environment, {
      logLevel: 'error',
      logFormat: undefined,
    });
    assert.equal(config.pollMs, 300);
    assert.equal(config.logLevel, 'error');
    assert.deepEqual(config.rpc, ['http://a:1', 'http://b:2']);
    assert.deepEqual(config.api, { host: '127.0.0.1', port: 9000 });
  });

  for (const [what, change, line] of [
    ['an unknown key', { pollMS: 100 }, 'pollMS: is not a known key; did you mean pollMs?'],
    ['a key nothing is near to', { colour: 'red' }, 'colour: is not a known key; remove it'],
    ['a wrong type', { pollMs: 'often' }, 'pollMs: must be a whole number'],
    ['a number out of range', { pollMs: 5 }, 'pollMs: must be 20 or more'],
    [
      'an RPC that is no URL',
      { rpc: ['localhost'] },
      'rpc[0]: must be an http://, https://, ws:// or wss:// URL',
    ],
    [
      'an RPC of another protocol',
      { rpc: ['ftp://127.0.0.1:8545'] },
      'rpc[0]: must be an http://, https://, ws:// or wss:// URL',
    ],
    ['no RPC', { rpc: [] }, 'rpc: needs at least one URL'],
    [
      'a listen address that is no multiaddr',
      { listen: '127.0.0.1:9000' },
      'listen: must be a multiaddr',
    ],
    [
      'a peer that is no multiaddr',
      { peers: ['/ip4/127.0.0.1/tcp/1', 'nonsense'] },
      'peers[1]: must be a multiaddr',
    ],
    [
      'an unknown key of the endpoint',
      { api: { host: 'x', port: 1, tls: true } },
      'api.tls: is not a known key',
    ],
    [
      'passwords that are half named',
      { passwordFile: { bls: 'x' } },
      'passwordFile: must be a path, or {bls, hot} with a path each',
    ],
    [
      'pay that is no amount',
      { leastPay: true },
      'leastPay: must be an amount, as 1 or 0.5, or null',
    ],
    ['a list that is none', { rpc: 'http://a' }, 'rpc: must be a list, not text'],
    [
      'a port out of range',
      { api: { host: 'x', port: 70_000 } },
      'api.port: must be 65535 or less',
    ],
    [
      'a missing key',
      { dataDir: undefined },
      'dataDir: is missing; add it: Folder of the signing record',
    ],
    [
      'an unknown log level',
      { logLevel: 'loud' },
      'logLevel: must be debug, info, warn, error or silent',
    ],
  ] as const)
    it(`refuses ${what} and names it`, async () => {
      await writeValues({ ...least, ...change });
      await refusedWith('CONFIG_INVALID', `${file()}: ${line}`, () => readConfig(file()));
    });

  for (const [what, text] of [
    ['a key given twice', 'pollMs: 1\npollMs: 2'],
    ['two documents', 'pollMs: 1\n---\npollMs: 2'],
    ['what is nested without end', '['.repeat(100_000)],
    ['aliases', 'a: &a [x]\nrpc: *a'],
    ['broken YAML', 'rpc: [http://a'],
    ['a list at the top', '- a'],
    ['nothing', ''],
    ['a tag of code', 'rpc: !!js/function "x"'],
  ] as const)
    it(`refuses ${what}`, async () => {
      await write(text);
      await refusedWith('CONFIG_INVALID', file(), () => readConfig(file()));
    });

  it('refuses a variable it does not know and one with a bad value', async () => {
    await writeValues(least);
    await refusedWith(
      'CONFIG_INVALID',
      'TOCSIN_POL_MS: is not a known variable; did you mean TOCSIN_POLL_MS?',
      () => readConfig(file(), { TOCSIN_POL_MS: '1' }),
    );
    await refusedWith('CONFIG_INVALID', 'TOCSIN_POLL_MS: must be a whole number', () =>
      readConfig(file(), { TOCSIN_POLL_MS: 'fast' }),
    );
  });

  it('refuses a file that is missing or larger than 1 MiB', async () => {
    await refusedWith('FILE_MISSING', `--config: ${file()} is not there`, () => readConfig(file()));
    await write(`# ${'x'.repeat(1 << 20)}`);
    await refusedWith('FILE_TOO_LARGE', '--config:', () => readConfig(file()));
  });
});
