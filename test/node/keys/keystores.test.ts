import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  openBlsKeystore,
  parseBlsKeystore,
  sealBlsKeystore,
} from '../../../node/keys/bls-keystore.ts';
import { fromHex, toHex } from '../../../node/keys/cipher.ts';
import {
  openHotKeystore,
  parseHotKeystore,
  sealHotKeystore,
} from '../../../node/keys/hot-keystore.ts';
import { normalisePassword } from '../../../node/keys/password.ts';
import { refusedWith } from '../refused.ts';
import { eip2335, web3 } from './vectors.ts';

const seed = createHash('sha256').update('a secret').digest();

describe('EIP-2335 keystores', () => {
  for (const kind of ['scrypt', 'pbkdf2'] as const)
    it(`opens the official ${kind} vector`, async () => {
      const keystore = parseBlsKeystore(JSON.stringify(eip2335[kind]), 'bls.json');
      assert.equal(
        toHex(await openBlsKeystore(keystore, eip2335.password, 'bls.json')),
        eip2335.secret,
      );
    });

  it('normalises the official password to the official bytes', () => {
    assert.equal(toHex(normalisePassword(eip2335.password)), eip2335.encodedPassword);
  });

  it('strips C0, C1 and Delete from a password and keeps the space', () => {
    assert.equal(
      toHex(normalisePassword('\u0000a\u001f \u007fb\u0080\u009fc')),
      toHex(Buffer.from('a bc')),
    );
  });

  it('refuses a wrong password with one line', async () => {
    const keystore = await sealBlsKeystore(seed, 'right', {
      pubkey: new Uint8Array(96),
      cost: 'light',
    });
    await refusedWith('PASSWORD_WRONG', 'bls.json: the password does not open it', () =>
      openBlsKeystore(keystore, 'wrong', 'bls.json'),
    );
  });

  it('opens what it seals, and seals the same secret differently each time', async () => {
    const options = { pubkey: new Uint8Array(96).fill(7), cost: 'light' } as const;
    const [one, two] = [
      await sealBlsKeystore(seed, 'p', options),
      await sealBlsKeystore(seed, 'p', options),
    ];
    assert.notEqual(one.crypto.cipher.message, two.crypto.cipher.message);
    const read = parseBlsKeystore(JSON.stringify(one), 'bls.json');
    assert.equal(toHex(await openBlsKeystore(read, 'p', 'bls.json')), toHex(seed));
  });

  const { scrypt } = eip2335;
  const withKdf = (params: object) => ({
    ...scrypt,
    crypto: {
      ...scrypt.crypto,
      kdf: { ...scrypt.crypto.kdf, params: { ...scrypt.crypto.kdf.params, ...params } },
    },
  });
  for (const [what, keystore, line] of [
    ['another version', { ...scrypt, version: 5 }, 'bls.json: version: only version 4 is known'],
    [
      'a cost made to hang the reader',
      withKdf({ n: 2 ** 30 }),
      'bls.json: crypto.kdf.params: asks for more work',
    ],
    [
      'a cost that is no power of two',
      withKdf({ n: 262143 }),
      'bls.json: crypto.kdf.params.n: must be a power of two',
    ],
    ['a short derived key', withKdf({ dklen: 16 }), 'bls.json: crypto.kdf.params.dklen'],
    [
      'salt that is no hex',
      withKdf({ salt: 'zz' }),
      'bls.json: crypto.kdf.params.salt: must be hex without 0x',
    ],
    [
      'an unknown key derivation',
      {
        ...scrypt,
        crypto: { ...scrypt.crypto, kdf: { function: 'argon2', params: {}, message: '' } },
      },
      'bls.json: crypto.kdf.function',
    ],
    ['no crypto at all', { version: 4 }, 'bls.json: crypto'],
  ] as const)
    it(`refuses ${what} and names the field`, async () => {
      await refusedWith('KEYSTORE_INVALID', line, () =>
        parseBlsKeystore(JSON.stringify(keystore), 'bls.json'),
      );
    });

  it('refuses what is not JSON', async () => {
    await refusedWith('KEYSTORE_INVALID', 'bls.json: is not JSON', () =>
      parseBlsKeystore('{', 'bls.json'),
    );
  });
});

describe('Web3 keystores', () => {
  for (const { name, password, secret, keystore } of web3)
    it(`opens the official vector of ${name}`, async () => {
      const read = parseHotKeystore(JSON.stringify(keystore), 'hot.json');
      assert.equal(toHex(await openHotKeystore(read, password, 'hot.json')), secret);
    });

  it('opens what it seals', async () => {
    const address = `0x${'ab'.repeat(20)}` as const;
    const keystore = await sealHotKeystore(seed, 'p', { address, cost: 'light' });
    assert.equal(keystore.address, 'ab'.repeat(20));
    const read = parseHotKeystore(JSON.stringify(keystore), 'hot.json');
    assert.equal(toHex(await openHotKeystore(read, 'p', 'hot.json')), toHex(seed));
  });

  it('refuses a wrong password and a changed ciphertext alike', async () => {
    const keystore = await sealHotKeystore(seed, 'p', {
      address: `0x${'ab'.repeat(20)}`,
      cost: 'light',
    });
    const bytes = fromHex(keystore.crypto.ciphertext);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    const changed = { ...keystore, crypto: { ...keystore.crypto, ciphertext: toHex(bytes) } };
    for (const [candidate, password] of [
      [keystore, 'q'],
      [changed, 'p'],
    ] as const)
      await refusedWith('PASSWORD_WRONG', 'hot.json: the password does not open it', () =>
        openHotKeystore(candidate, password, 'hot.json'),
      );
  });

  it('refuses another version and too much work', async () => {
    const [, { keystore }] = web3;
    const costly = {
      ...keystore,
      crypto: { ...keystore.crypto, kdfparams: { ...keystore.crypto.kdfparams, c: 2 ** 31 } },
    };
    await refusedWith('KEYSTORE_INVALID', 'hot.json: version: only version 3 is known', () =>
      parseHotKeystore(JSON.stringify({ ...keystore, version: 1 }), 'hot.json'),
    );
    await refusedWith('KEYSTORE_INVALID', 'hot.json: crypto.kdfparams.c: asks for more work', () =>
      parseHotKeystore(JSON.stringify(costly), 'hot.json'),
    );
  });
});
