import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { stringify } from 'yaml';
import { freePort } from '../anvil.ts';
import { createHostileWorld, type HostileWorld } from './hostile.ts';
import { importOperator, signedBy } from './network.ts';
import { assertRefused, tocsin } from './tocsin.ts';

const ZERO = `0x${'00'.repeat(20)}`;

describe('bad input of a command that sends', () => {
  let world: HostileWorld;
  before(async () => {
    world = await createHostileWorld();
  });
  after(() => world.close());

  describe('tocsin deploy', () => {
    const deploy = (...more: string[]) =>
      tocsin([
        'deploy',
        '--out',
        world.folder.at('none.json'),
        ...signedBy(world.folder, 'one'),
        ...more,
      ]);

    it('a chain without the BLS precompiles is refused before anything is sent', async () => {
      const before = await world.old.client.getBlockNumber();
      assertRefused(
        await deploy('--rpc', world.old.url, '--token', world.token),
        '--rpc: the chain has no BLS12-381 precompiles (EIP-2537)',
      );
      assert.equal(await world.old.client.getBlockNumber(), before);
    });

    it('a token that is none, a bad address and a bad URL are refused', async () => {
      assertRefused(
        await deploy('--rpc', world.anvil.url, '--token', ZERO),
        `--token: ${ZERO} is not an ERC-20 on this chain`,
      );
      assertRefused(
        await deploy('--rpc', world.anvil.url, '--token', '0x12'),
        '--token: 0x12 is not an address',
      );
      assertRefused(
        await deploy('--rpc', 'nowhere', '--token', world.token),
        '--rpc: nowhere is not an http://, https://, ws:// or wss:// URL',
      );
      assertRefused(
        await deploy('--token', world.token),
        '--rpc: is missing; name at least one RPC URL',
      );
    });

    it('an account that cannot pay is named', async () => {
      await importOperator(world.folder, 'poor', 50);
      const flags = [
        '--rpc',
        world.anvil.url,
        '--token',
        world.token,
        '--salt',
        'x',
        '--out',
        world.folder.at('none.json'),
      ];
      assertRefused(
        await tocsin(['deploy', ...flags, ...signedBy(world.folder, 'poor')]),
        'judge: 0x',
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
        const file = await world.folder.write('settings.yaml', stringify(settings));
        assertRefused(
          await deploy('--rpc', world.anvil.url, '--token', world.token, '--settings', file),
          `${file}: ${line}`,
        );
      });
  });

  describe('tocsin cover apply', () => {
    const manifest = () => JSON.stringify(world.manifest);

    it('an unreachable RPC, a wrong chain and an old one are refused before anything is signed', async () => {
      const url = `http://127.0.0.1:${await freePort()}`;
      assertRefused(
        await world.coverText(manifest(), url),
        `--rpc: ${url} does not answer (ECONNREFUSED); start it or correct the URL`,
      );
      assertRefused(
        await world.coverText(manifest(), world.other.url),
        `--rpc: ${world.other.url} serves chain 777, not 31337; name a provider of chain 31337`,
      );
      assertRefused(
        await world.coverText(manifest(), world.old.url),
        '--rpc: the chain has no BLS12-381 precompiles (EIP-2537): G1ADD at 0x',
      );
    });

    it('a loose keystore, a loose password and a wrong one are refused', async () => {
      const { folder } = world;
      const cover = ['cover', 'apply', folder.at('manifest.json'), '--rpc', world.anvil.url];
      const on = ['--deployment', folder.at('deployment.json')];
      const signed = (keystore: string, password: string) => {
        const by = ['--keystore', folder.at(keystore), '--password-file', folder.at(password)];
        return tocsin([...cover, ...on, ...by]);
      };
      await folder.write('manifest.json', manifest());
      await folder.write('loose', 'correct horse\n', 0o640);
      await folder.write('guess', 'wrong horse\n');
      await folder.write('loose.json', '{}', 0o644);
      assertRefused(
        await signed('loose.json', 'password'),
        `--keystore: ${folder.at('loose.json')} is open to other users (mode 644); run chmod 600`,
      );
      assertRefused(
        await signed('one/hot.json', 'loose'),
        `--password-file: ${folder.at('loose')} is open to other users (mode 640); run chmod 600`,
      );
      assertRefused(
        await signed('one/hot.json', 'guess'),
        `--keystore ${folder.at('one/hot.json')}: the password does not open it`,
      );
    });
  });

  describe('the others', () => {
    const on = () => ['--deployment', world.folder.at('deployment.json'), '--rpc', world.anvil.url];

    it('stakes that are no amounts, too small or not held are refused', async () => {
      const register = (stake: string) =>
        tocsin([
          'register',
          ...on(),
          '--bls-keystore',
          world.folder.at('one/bls.json'),
          ...signedBy(world.folder, 'one'),
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
        await tocsin(['epoch', 'open', ...on(), ...signedBy(world.folder, 'one')]),
        'epoch: the chain refuses it: NobodySeated(',
      );
    });

    it('an endpoint that is no URL is refused', async () => {
      assertRefused(
        await tocsin(['status', ...on(), '--api', 'nonsense']),
        '--api: nonsense is not an http:// or https:// URL; write it as http://',
      );
    });

    it('a missing flag is named', async () => {
      assertRefused(
        await tocsin(['status', '--rpc', world.anvil.url]),
        '--deployment: is missing; name the address file or a --config',
      );
      assertRefused(await tocsin(['epoch', 'open', ...on()]), '--keystore: is missing');
      await rm(world.folder.at('none.json'), { force: true });
      assertRefused(
        await tocsin(['status', '--config', world.folder.at('none.yaml')]),
        `--config: ${world.folder.at('none.yaml')} is not there`,
      );
    });
  });
});
