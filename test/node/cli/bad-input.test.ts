import { freePort } from '../anvil.ts';
import { createHostileWorld, type HostileWorld } from './hostile.ts';
import { assertRefused } from './tocsin.ts';

describe('bad input of tocsin run', () => {
  let world: HostileWorld;
  before(async () => {
    world = await createHostileWorld();
  });
  after(() => world.close());

  for (const [what, change, line] of [
    ['an unknown key', { pasword: 'x' }, 'pasword: is not a known key'],
    [
      'a key that is nearly right',
      { pollMS: 5 },
      'pollMS: is not a known key; did you mean pollMs?',
    ],
    ['a wrong type', { peers: 'all' }, 'peers: must be a list, not text; correct it: Multiaddrs'],
    ['a missing key', { rpc: undefined }, 'rpc: is missing; add it: RPC providers'],
  ] as const)
    it(`${what} is refused`, async () => {
      assertRefused(await world.run(change), `${world.folder.at('node.yaml')}: ${line}`);
    });

  it('an unreachable RPC is refused', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    assertRefused(
      await world.run({ rpc: [url] }),
      `rpc: ${url} does not answer (ECONNREFUSED); start it or correct the URL`,
    );
  });

  it('a least pay that the token cannot be divided into is refused', async () => {
    assertRefused(
      await world.run({ leastPay: `0.${'0'.repeat(18)}1` }),
      `leastPay: 0.${'0'.repeat(18)}1 has more than 18 decimals; round it`,
    );
  });

  it('a wrong chain id is refused, of any provider', async () => {
    assertRefused(
      await world.run({ rpc: [world.anvil.url, world.other.url] }),
      `rpc[1]: ${world.other.url} serves chain 777, not 31337; name a provider of chain 31337`,
    );
  });

  it('a registry without code is refused', async () => {
    await world.folder.write(
      'empty.json',
      JSON.stringify({
        ...world.deployment,
        registry: '0x00000000000000000000000000000000000000aa',
      }),
    );
    assertRefused(
      await world.run({ deployment: 'empty.json' }),
      `${world.folder.at('empty.json')}: registry: 0x00000000000000000000000000000000000000aa has no code on this chain`,
    );
  });

  it('an address file that is not there is refused', async () => {
    assertRefused(
      await world.run({ deployment: 'missing.json' }),
      `deployment: ${world.folder.at('missing.json')} is not there; create it or correct the path`,
    );
  });

  it('a chain without the BLS precompiles is refused', async () => {
    assertRefused(
      await world.run({ rpc: [world.old.url] }),
      'rpc: the chain has no BLS12-381 precompiles (EIP-2537): G1ADD at 0x000000000000000000000000000000000000000b gives a wrong answer; use a chain at Prague or later',
    );
  });

  it('a password file that others may read is refused', async () => {
    await world.folder.write('loose', 'correct horse\n', 0o640);
    assertRefused(
      await world.run({ passwordFile: 'loose' }),
      `passwordFile: ${world.folder.at('loose')} is open to other users (mode 640); run chmod 600`,
    );
  });

  it('a wrong password is refused, of either key', async () => {
    await world.folder.write('guess', 'wrong horse\n');
    assertRefused(
      await world.run({ passwordFile: 'guess' }),
      `blsKeystore ${world.folder.at('one/bls.json')}: the password does not open it; check the password file`,
    );
    assertRefused(
      await world.run({ passwordFile: { bls: 'password', hot: 'guess' } }),
      `hotKeystore ${world.folder.at('one/hot.json')}: the password does not open it`,
    );
  });

  it('a keystore of the other kind is refused', async () => {
    assertRefused(
      await world.run({ blsKeystore: 'one/hot.json' }),
      `blsKeystore ${world.folder.at('one/hot.json')}: crypto.kdf: `,
    );
  });

  it('a variable or a flag that is wrong is named as it was given', async () => {
    assertRefused(
      await world.run({}, { TOCSIN_API: 'nowhere' }),
      'TOCSIN_API (api.host): must name a host; correct it: Host and port',
    );
  });

  it('a variable that is not known is refused', async () => {
    assertRefused(
      await world.run({}, { TOCSIN_DATADIR: 'x' }),
      'TOCSIN_DATADIR: is not a known variable; did you mean TOCSIN_DATA_DIR?',
    );
  });
});
