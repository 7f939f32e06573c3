import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { parseBlsKeystore } from '../../../node/keys/bls-keystore.ts';
import { unlockBls, unlockHot } from '../../../node/keys/unlock.ts';
import { eip2335, web3 } from '../keys/vectors.ts';
import { assertRefused, createFolder, type Folder, printed, tocsin } from './tocsin.ts';

describe('tocsin keys', () => {
  let folder: Folder;
  let password: string;
  before(async () => {
    folder = await createFolder();
    password = await folder.write('password', 'correct horse\n');
  });
  after(() => folder.remove());
  const make = (out: string, ...more: string[]) =>
    tocsin([
      'keys',
      'new',
      '--out',
      folder.at(out),
      '--password-file',
      password,
      '--light',
      ...more,
    ]);

  it('new makes two keystores that only their owner reads and that open again', async () => {
    const keys = printed<{ publicKey: string; keyHash: string; address: string }>(
      await make('new', '--json'),
    );
    assert.match(keys.publicKey, /^0x[0-9a-f]{192}$/);
    for (const name of ['bls.json', 'hot.json'])
      assert.equal((await stat(folder.at(`new/${name}`))).mode & 0o777, 0o600);
    const bls = await unlockBls({ keystore: folder.at('new/bls.json'), passwordFile: password });
    assert.equal(`0x${Buffer.from(bls.publicKey).toString('hex')}`, keys.publicKey);
    const hot = await unlockHot({ keystore: folder.at('new/hot.json'), passwordFile: password });
    assert.equal(hot.address, keys.address);
  });

  it('new never writes over a key', async () => {
    printed(await make('twice', '--json'));
    const before = await readFile(folder.at('twice/bls.json'), 'utf8');
    assertRefused(
      await make('twice'),
      `--out: ${folder.at('twice/bls.json')} already exists and is never overwritten`,
    );
    assert.equal(await readFile(folder.at('twice/bls.json'), 'utf8'), before);
  });

  it('import seals secrets given as hex and as keystores', async () => {
    const bls = await folder.write('bls.hex', `0x${eip2335.secret}\n`);
    const [vector] = web3.filter(({ name }) => name === 'pbkdf2');
    const hot = await folder.write('hot-old.json', JSON.stringify(vector?.keystore));
    const old = await folder.write('old-password', vector?.password ?? '');
    const flags = [
      '--out',
      folder.at('imported'),
      '--password-file',
      password,
      '--old-password-file',
      old,
      '--light',
      '--json',
    ];
    printed(await tocsin(['keys', 'import', '--bls', bls, '--hot', hot, ...flags]));
    const { secret } = await unlockBls({
      keystore: folder.at('imported/bls.json'),
      passwordFile: password,
    });
    assert.equal(Buffer.from(secret).toString('hex'), eip2335.secret);
    const account = await unlockHot({
      keystore: folder.at('imported/hot.json'),
      passwordFile: password,
    });
    assert.equal(account.address, '0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b');
    assert.equal(
      parseBlsKeystore(await readFile(folder.at('imported/bls.json'), 'utf8'), 'bls').pubkey
        ?.length,
      192,
    );
  });

  it('import refuses a validator key, a zero secret, a loose file and garbage', async () => {
    const validator = await folder.write('validator.json', JSON.stringify(eip2335.pbkdf2));
    const zero = await folder.write('zero.hex', '00'.repeat(32));
    const loose = await folder.write('loose.hex', eip2335.secret, 0o644);
    const garbage = await folder.write('garbage', 'hello');
    const flags = ['--out', folder.at('none'), '--password-file', password];
    for (const [file, line] of [
      [validator, `--bls ${validator}: pubkey: belongs to an Ethereum validator (48 bytes)`],
      [zero, `--bls ${zero}: holds no valid BLS12-381 secret`],
      [loose, `--bls: ${loose} is open to other users (mode 644); run chmod 600`],
      [garbage, `--bls: ${garbage} holds neither a keystore nor 32 bytes of hex`],
    ] as const)
      assertRefused(await tocsin(['keys', 'import', '--bls', file, ...flags]), line);
    assertRefused(await tocsin(['keys', 'import', ...flags]), '--bls or --hot: is missing');
  });

  it('refuses a password file that others can read', async () => {
    const loose = await folder.write('loose-password', 'x', 0o644);
    assertRefused(
      await tocsin(['keys', 'new', '--out', folder.at('none'), '--password-file', loose]),
      `--password-file: ${loose} is open to other users (mode 644); run chmod 600 ${loose}`,
    );
  });
});

describe('the command line', () => {
  for (const [args, line] of [
    [[], 'command: is missing; run tocsin --help for the list'],
    [['keys'], 'command: is missing'],
    [['rnu'], "unknown command 'rnu'; did you mean run?"],
    [['status', '--confg', 'x'], "unknown option '--confg'; did you mean --config?"],
    [['run'], "required option '-c, --config <file>' not specified"],
    [['cover', 'apply'], "missing required argument 'file'"],
    [['status', '--password', 'secret'], "unknown option '--password'"],
  ] as const)
    it(`answers "tocsin ${args.join(' ')}" with one line`, async () => {
      assertRefused(await tocsin(args), line);
    });

  for (const command of [
    '',
    'run',
    'keys',
    'keys new',
    'keys import',
    'keys rotate',
    'register',
    'page write',
    'epoch open',
    'cover apply',
    'cover trip',
    'status',
    'deploy',
  ])
    it(`explains "tocsin ${command} --help"`, async () => {
      const { code, stdout, stderr } = await tocsin([
        ...command.split(' ').filter(Boolean),
        '--help',
      ]);
      assert.equal(code, 0);
      assert.equal(stderr, '');
      assert.match(stdout, /^Usage: tocsin/);
    });
});
