import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { stringify } from 'yaml';
import type { Deployment } from '../../../protocol/deployment.ts';
import { type Anvil, freePort, startAnvil } from '../anvil.ts';
import { importOperator, placeToken, placeVault, signedBy } from './network.ts';
import { assertRefused, createFolder, type Folder, printed, tocsin } from './tocsin.ts';

const ZERO = `0x${'00'.repeat(20)}`;

describe('bad input', () => {
  let anvil: Anvil;
  let old: Anvil;
  let other: Anvil;
  let folder: Folder;
  let token: string;
  let deployment: Deployment;
  let manifest: { rules: object[] };

  before(async () => {
    [anvil, old, other, folder] = await Promise.all([
      startAnvil(),
      startAnvil(['--hardfork', 'cancun']),
      startAnvil([], 777),
      createFolder(),
    ]);
    await importOperator(folder, 'one', 0);
    token = await placeToken(anvil, 1);
    deployment = printed(
      await tocsin([
        'deploy',
        '--rpc',
        anvil.url,
        '--token',
        token,
        '--out',
        folder.at('deployment.json'),
        ...signedBy(folder, 'one'),
        '--json',
      ]),
    );
    manifest = (await placeVault(anvil, deployment)).manifest as typeof manifest;
  });
  after(async () => {
    await Promise.all([anvil, old, other].map(({ stop }) => stop()));
    await folder.remove();
  });

  const run = async (change: object, environment: Record<string, string> = {}) => {
    const values = {
      deployment: 'deployment.json',
      rpc: [anvil.url],
      dataDir: 'never',
      blsKeystore: 'one/bls.json',
      hotKeystore: 'one/hot.json',
      passwordFile: 'password',
      ...change,
    };
    const ran = await tocsin(
      ['run', '--config', await folder.write('node.yaml', stringify(values))],
      environment,
    );
    // Whatever was wrong, nothing was opened.
    assert.ok(!(await readdir(folder.at('.'))).includes('never'));
    return ran;
  };

  describe('of tocsin run', () => {
    for (const [what, change, line] of [
      ['an unknown key', { pasword: 'x' }, 'pasword: is not a known key'],
      [
        'a key that is nearly right',
        { pollMS: 5 },
        'pollMS: is not a known key; did you mean pollMs?',
      ],
      ['a wrong type', { peers: 'all' }, 'peers: invalid input: expected array, received string'],
      ['a missing key', { rpc: undefined }, 'rpc: is missing; add it: RPC providers'],
    ] as const)
      it(`${what} is refused`, async () => {
        assertRefused(await run(change), `${folder.at('node.yaml')}: ${line}`);
      });

    it('an unreachable RPC is refused', async () => {
      const url = `http://127.0.0.1:${await freePort()}`;
      assertRefused(
        await run({ rpc: [url] }),
        `rpc: ${url} does not answer (ECONNREFUSED); start it or correct the URL`,
      );
    });

    it('a wrong chain id is refused, of any provider', async () => {
      assertRefused(
        await run({ rpc: [anvil.url, other.url] }),
        `rpc[1]: ${other.url} serves chain 777, not 31337; name a provider of chain 31337`,
      );
    });

    it('a registry without code is refused', async () => {
      await folder.write(
        'empty.json',
        JSON.stringify({ ...deployment, registry: '0x00000000000000000000000000000000000000aa' }),
      );
      assertRefused(
        await run({ deployment: 'empty.json' }),
        `${folder.at('empty.json')}: registry: 0x00000000000000000000000000000000000000aa has no code on this chain`,
      );
    });

    it('an address file that is none is refused', async () => {
      await folder.write('wrong.json', JSON.stringify({ ...deployment, hub: 'here' }));
      assertRefused(
        await run({ deployment: 'wrong.json' }),
        `${folder.at('wrong.json')}: hub: must be an address`,
      );
      assertRefused(
        await run({ deployment: 'missing.json' }),
        `deployment: ${folder.at('missing.json')} is not there`,
      );
    });

    it('a chain without the BLS precompiles is refused', async () => {
      // The same contracts exist there, so that only the precompiles are missing.
      const { chainId: _, deployedAt: __, ...addresses } = deployment;
      for (const address of Object.values(addresses))
        await old.test.setCode({ address, bytecode: '0x00' });
      assertRefused(
        await run({ rpc: [old.url] }),
        'rpc: the chain has no BLS12-381 precompiles (EIP-2537): G1ADD at 0x000000000000000000000000000000000000000b gives a wrong answer; use a chain at Prague or later',
      );
    });

    it('loose permissions are refused, of keystores and passwords', async () => {
      await folder.write('loose', 'correct horse\n', 0o640);
      assertRefused(
        await run({ passwordFile: 'loose' }),
        `passwordFile: ${folder.at('loose')} is open to other users (mode 640); run chmod 600`,
      );
      await folder.write('loose.json', '{}', 0o644);
      assertRefused(
        await run({ blsKeystore: 'loose.json' }),
        `blsKeystore ${folder.at('loose.json')}: ${folder.at('loose.json')} is open to other users`,
      );
    });

    it('a wrong password is refused, of either key', async () => {
      await folder.write('guess', 'wrong horse\n');
      assertRefused(
        await run({ passwordFile: 'guess' }),
        `blsKeystore ${folder.at('one/bls.json')}: the password does not open it; check the password file`,
      );
      assertRefused(
        await run({ passwordFile: { bls: 'password', hot: 'guess' } }),
        `hotKeystore ${folder.at('one/hot.json')}: the password does not open it`,
      );
    });

    it('a keystore of the other kind is refused', async () => {
      assertRefused(
        await run({ blsKeystore: 'one/hot.json' }),
        `blsKeystore ${folder.at('one/hot.json')}: crypto.kdf: `,
      );
    });

    it('a variable that is not known is refused', async () => {
      assertRefused(
        await run({}, { TOCSIN_DATADIR: 'x' }),
        'TOCSIN_DATADIR: is not a known variable; did you mean TOCSIN_DATA_DIR?',
      );
    });
  });

  describe('of tocsin deploy', () => {
    const deploy = (...more: string[]) =>
      tocsin(['deploy', '--out', folder.at('none.json'), ...signedBy(folder, 'one'), ...more]);

    it('a chain without the BLS precompiles is refused before anything is sent', async () => {
      const before = await old.client.getBlockNumber();
      assertRefused(
        await deploy('--rpc', old.url, '--token', token),
        '--rpc: the chain has no BLS12-381 precompiles (EIP-2537)',
      );
      assert.equal(await old.client.getBlockNumber(), before);
    });

    it('a token that is none, a bad address and a bad URL are refused', async () => {
      assertRefused(
        await deploy('--rpc', anvil.url, '--token', ZERO),
        `--token: ${ZERO} is not an ERC-20 on this chain`,
      );
      assertRefused(
        await deploy('--rpc', anvil.url, '--token', '0x12'),
        '--token: 0x12 is not an address',
      );
      assertRefused(
        await deploy('--rpc', 'nowhere', '--token', token),
        '--rpc: nowhere is not an http:// or https:// URL',
      );
      assertRefused(await deploy('--token', token), '--rpc: is missing; name at least one RPC URL');
    });

    it('an account that cannot pay is named', async () => {
      await importOperator(folder, 'poor', 50);
      const flags = [
        '--rpc',
        anvil.url,
        '--token',
        token,
        '--salt',
        'x',
        '--out',
        folder.at('none.json'),
      ];
      assertRefused(
        await tocsin(['deploy', ...flags, ...signedBy(folder, 'poor')]),
        'watchers: 0x',
      );
    });

    for (const [what, settings, line] of [
      [
        'an unknown setting',
        { epochLenght: '1h' },
        'epochLenght: is not a known key; did you mean epochLength?',
      ],
      [
        'a duration that is none',
        { epochLength: 'long' },
        'epochLength: long is not a duration; write it as 90s, 15m, 24h or 7d',
      ],
      [
        'an exit that is too quick',
        { exitDelay: '1d' },
        'exitDelay: is below rosterLife + certificateAge + disputeWindow; raise it to 694800s',
      ],
      ['stakes that contradict', { minStake: 5, maxStake: 4 }, 'minStake: is above maxStake'],
      ['a zero', { weightUnit: 0 }, 'weightUnit: is zero'],
    ] as const)
      it(`${what} is refused`, async () => {
        const file = await folder.write('settings.yaml', stringify(settings));
        assertRefused(
          await deploy('--rpc', anvil.url, '--token', token, '--settings', file),
          `${file}: ${line}`,
        );
      });
  });

  describe('of a manifest', () => {
    const cover = async (change: object) => {
      const file = await folder.write('manifest.json', JSON.stringify({ ...manifest, ...change }));
      return await tocsin([
        'cover',
        'apply',
        file,
        '--deployment',
        folder.at('deployment.json'),
        '--rpc',
        anvil.url,
        ...signedBy(folder, 'one'),
      ]);
    };
    const rule = (change: object) => ({ rules: [{ ...manifest.rules[0], ...change }] });
    for (const [what, change, line] of [
      ['an unknown key', { rulez: [] }, 'rulez: is not a known key; did you mean rules?'],
      [
        'an unknown key of a rule',
        () => rule({ colour: 'red' }),
        'rules[0].colour: is not a known key',
      ],
      ['a wrong type', () => rule({ gas: 'much' }), 'rules[0].gas: must be a whole number'],
      ['a target that is no address', { target: '0x12' }, 'target: must be an address'],
      [
        'a rung above what the class may do',
        () => rule({ class: 'C' }),
        'rules[0].rung: must be 1 or less for class C',
      ],
      ['a version that is not known', { version: 2 }, 'version: must be 1'],
    ] as const)
      it(`${what} is refused`, async () => {
        assertRefused(
          await cover(typeof change === 'function' ? change() : change),
          `${folder.at('manifest.json')}: ${line}`,
        );
      });

    it('a code hash that is not that of the code is refused by the chain, before anything is signed', async () => {
      assertRefused(
        await cover(rule({ codeHash: `0x${'11'.repeat(32)}` })),
        'cover: the chain refuses it: CodeHashMismatch(',
      );
    });
  });

  describe('of other commands', () => {
    const on = () => ['--deployment', folder.at('deployment.json'), '--rpc', anvil.url];

    it('stakes that are no amounts, too small or not held are refused', async () => {
      const register = (stake: string) =>
        tocsin([
          'register',
          ...on(),
          '--bls-keystore',
          folder.at('one/bls.json'),
          ...signedBy(folder, 'one'),
          '--stake',
          stake,
        ]);
      assertRefused(
        await register('lots'),
        '--stake: lots is not an amount; write digits, as 12 or 12.5',
      );
      assertRefused(await register('0'), 'register: the chain refuses it: StakeOutOfRange(');
      assertRefused(await register('1.5'), 'register: the chain refuses it: StakeNotWhole(');
      assertRefused(await register('1000001'), '--stake: ');
    });

    it('an epoch in which nobody can be seated is refused', async () => {
      assertRefused(
        await tocsin(['epoch', 'open', ...on(), ...signedBy(folder, 'one')]),
        'epoch: the chain refuses it: NobodySeated()',
      );
    });

    it('a missing flag is named', async () => {
      assertRefused(
        await tocsin(['status', '--rpc', anvil.url]),
        '--deployment: is missing; name the address file or a --config',
      );
      assertRefused(await tocsin(['epoch', 'open', ...on()]), '--keystore: is missing');
      await rm(folder.at('none.json'), { force: true });
      assertRefused(
        await tocsin(['status', '--config', folder.at('none.yaml')]),
        `--config: ${folder.at('none.yaml')} is not there`,
      );
    });
  });
});
