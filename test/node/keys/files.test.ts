import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPassword } from '../../../node/keys/password.ts';
import { unlockBls, unlockHot } from '../../../node/keys/unlock.ts';
import { readSecretText, replaceText, writeSecretText } from '../../../node/lib/files.ts';
import { refusedWith } from '../refused.ts';
import { eip2335, web3 } from './vectors.ts';

describe('files with secrets', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tocsin-files-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const place = (name: string) => join(folder, name);

  it('are written for their owner only and leave nothing beside them', async () => {
    await writeSecretText(place('key.json'), 'secret', '--out');
    assert.equal((await stat(place('key.json'))).mode & 0o777, 0o600);
    assert.equal(await readSecretText(place('key.json'), 'key'), 'secret');
    assert.deepEqual(await readdir(folder), ['key.json']);
  });

  it('are never written over one another', async () => {
    await writeSecretText(place('key.json'), 'first', '--out');
    await refusedWith('FILE_EXISTS', `--out: ${place('key.json')} already exists`, () =>
      writeSecretText(place('key.json'), 'second', '--out'),
    );
    assert.equal(await readFile(place('key.json'), 'utf8'), 'first');
    assert.deepEqual(await readdir(folder), ['key.json']);
  });

  it('are written by one of two who try at once', async () => {
    const results = await Promise.allSettled(
      ['a', 'b'].map((text) => writeSecretText(place('key.json'), text, '--out')),
    );
    assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  });

  for (const mode of [0o640, 0o604, 0o666, 0o620])
    it(`are refused with mode ${mode.toString(8)}`, async () => {
      await writeFile(place('key.json'), 'secret');
      await chmod(place('key.json'), mode);
      await refusedWith(
        'FILE_LOOSE',
        `key: ${place('key.json')} is open to other users (mode ${mode.toString(8)}); run chmod 600`,
        () => readSecretText(place('key.json'), 'key'),
      );
    });

  it('are refused when missing, a folder, or too large', async () => {
    await refusedWith('FILE_MISSING', `key: ${place('none')} is not there`, () =>
      readSecretText(place('none'), 'key'),
    );
    await writeFile(place('large'), 'x'.repeat((1 << 20) + 1), { mode: 0o600 });
    await refusedWith('FILE_TOO_LARGE', 'key:', () => readSecretText(place('large'), 'key'));
    await chmod(folder, 0o700);
    await refusedWith('FILE_MISSING', `key: ${folder} is a folder`, () =>
      readSecretText(folder, 'key'),
    );
  });

  it('may be replaced when they hold no secret', async () => {
    await replaceText(place('a.json'), 'one');
    await replaceText(place('a.json'), 'two');
    assert.equal(await readFile(place('a.json'), 'utf8'), 'two');
    assert.deepEqual(await readdir(folder), ['a.json']);
  });

  it('give a password without its last line break, and never an empty one', async () => {
    await writeFile(place('password'), ' two words \n', { mode: 0o600 });
    assert.equal(await readPassword(place('password'), 'passwordFile'), ' two words ');
    await writeFile(place('empty'), '\n', { mode: 0o600 });
    await refusedWith('PASSWORD_WRONG', `passwordFile: ${place('empty')} is empty`, () =>
      readPassword(place('empty'), 'passwordFile'),
    );
  });

  it('unlock no key of an Ethereum validator', async () => {
    await writeFile(place('bls.json'), JSON.stringify(eip2335.pbkdf2), { mode: 0o600 });
    await writeFile(place('password'), eip2335.password, { mode: 0o600 });
    await refusedWith(
      'KEYSTORE_INVALID',
      `blsKeystore ${place('bls.json')}: pubkey: belongs to an Ethereum validator`,
      () => unlockBls({ keystore: place('bls.json'), passwordFile: place('password') }),
    );
  });

  it('unlock no hot key under an address that is not its own', async () => {
    const [, { keystore, password }] = web3;
    await writeFile(place('password'), password, { mode: 0o600 });
    await writeFile(
      place('good.json'),
      JSON.stringify({ ...keystore, address: '008aeeda4d805471df9b2a5b0f38a0c3bcba786b' }),
      { mode: 0o600 },
    );
    await writeFile(place('bad.json'), JSON.stringify({ ...keystore, address: '00'.repeat(20) }), {
      mode: 0o600,
    });
    const account = await unlockHot({
      keystore: place('good.json'),
      passwordFile: place('password'),
    });
    assert.equal(account.address.toLowerCase(), '0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b');
    await refusedWith(
      'KEYSTORE_INVALID',
      `hotKeystore ${place('bad.json')}: address: is not the address of the secret inside`,
      () => unlockHot({ keystore: place('bad.json'), passwordFile: place('password') }),
    );
  });
});
