import assert from 'node:assert/strict';
import { rm, stat } from 'node:fs/promises';
import { stringify } from 'yaml';
import type { Hex } from 'viem';
import { unlockBls } from '../../../node/keys/unlock.ts';
import { committeeAbi, watchersAbi } from '../../../protocol/abi.ts';
import {
  evmKey,
  evmSignature,
  keyHash,
  provePossession,
  publicKeyOf,
} from '../../../protocol/bls.ts';
import type { Deployment } from '../../../protocol/deployment.ts';
import { type Anvil, funded, startAnvil } from '../anvil.ts';
import { importOperator, placeToken, signedBy } from './network.ts';
import { assertRefused, createFolder, type Folder, printed, tocsin } from './tocsin.ts';

const EPOCH = 600;

type Rotated = Readonly<{
  blsKeystore: string;
  keyHash: Hex;
  formerKeyHash: Hex;
  keyTransaction: Hex | null;
  seating: Readonly<{ kind: string; epoch: string; opens: string }>;
  submitter: Hex;
  submitterTransaction: Hex | null;
}>;

describe('tocsin keys rotate', () => {
  let anvil: Anvil;
  let folder: Folder;
  let deployment: Deployment;
  let snapshot: Hex;
  const on = () => ['--deployment', folder.at('deployment.json'), '--rpc', anvil.url];
  const by = (name = 'one') => signedBy(folder, name);
  before(async () => {
    [anvil, folder] = await Promise.all([startAnvil(), createFolder()]);
    await importOperator(folder, 'one', 0);
    await importOperator(folder, 'two', 1);
    const token = await placeToken(anvil, 1);
    const settings = await folder.write('settings.yaml', stringify({ epochLength: `${EPOCH}s` }));
    const out = ['--out', folder.at('deployment.json'), '--settings', settings, '--json'];
    deployment = printed(
      await tocsin(['deploy', '--rpc', anvil.url, '--token', token, ...out, ...by()]),
    );
    const key = ['--bls-keystore', folder.at('one/bls.json'), '--stake', '100', '--page'];
    printed(await tocsin(['register', ...on(), ...key, ...by(), '--json']));
    printed(await tocsin(['epoch', 'open', ...on(), ...by(), '--json']));
    snapshot = await anvil.test.snapshot();
  });
  beforeEach(async () => {
    await anvil.test.revert({ id: snapshot });
    snapshot = await anvil.test.snapshot();
  });
  after(async () => {
    await anvil.stop();
    await folder.remove();
  });

  const rotate = (...more: string[]) =>
    tocsin(['keys', 'rotate', ...on(), ...by(), '--light', ...more]);
  const toKey = async (name: string) =>
    printed<Rotated>(await rotate('--bls-keystore', folder.at(name), '--json'));
  const watcher = () =>
    anvil.client.readContract({
      address: deployment.watchers,
      abi: watchersAbi,
      functionName: 'watcher',
      args: [funded(0).address],
    });
  const sent = () => anvil.client.getTransactionCount({ address: funded(0).address });
  const isMember = async (hash: Hex) => {
    const [, , member] = await anvil.client.readContract({
      address: deployment.committee,
      abi: committeeAbi,
      functionName: 'seatOf',
      args: [hash],
    });
    return member;
  };
  const firstKey = () =>
    unlockBls({ keystore: folder.at('one/bls.json'), passwordFile: password() });
  const password = () => folder.at('password');
  const nextEpoch = async () => {
    await anvil.test.increaseTime({ seconds: EPOCH });
    await anvil.test.mine({ blocks: 33 });
    printed(await tocsin(['epoch', 'open', ...on(), ...by(), '--json']));
  };

  it('makes a keystore, registers its key and writes its page; the next epoch seats it', async () => {
    const former = keyHash((await firstKey()).publicKey);
    const rotated = await toKey('next.json');
    const { publicKey } = await unlockBls({
      keystore: folder.at('next.json'),
      passwordFile: password(),
    });
    assert.equal((await stat(folder.at('next.json'))).mode & 0o777, 0o600);
    assert.deepEqual([rotated.keyHash, rotated.formerKeyHash], [keyHash(publicKey), former]);
    assert.equal((await watcher()).keyHash, rotated.keyHash);
    assert.ok(await isMember(rotated.keyHash));
    assert.equal(rotated.seating.kind, 'joining');
    const committee = { address: deployment.committee, abi: committeeAbi } as const;
    const opens = await anvil.client.readContract({
      ...committee,
      functionName: 'epochAt',
      args: [BigInt(rotated.seating.opens)],
    });
    assert.equal(opens.toString(), rotated.seating.epoch);

    await nextEpoch();
    const { seating, keyTransaction } = await toKey('next.json');
    assert.deepEqual(
      [seating, keyTransaction],
      [{ kind: 'seated', epoch: rotated.seating.epoch }, null],
    );
  });

  it('says what is to be done, and who signs until then', async () => {
    await rm(folder.at('spoken.json'), { force: true });
    const { stdout, stderr, code } = await rotate('--bls-keystore', folder.at('spoken.json'));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^key +0x[0-9a-f]{64} registered$/m);
    assert.match(stdout, /^seated +once epoch \d+ is opened, 20\S+Z at the earliest$/m);
    assert.match(stdout, /^until then +the former key signs$/m);
    assert.match(stdout, /^node +name both keystores in blsKeystore and restart it before/m);
  });

  it('run again sends nothing', async () => {
    const first = await toKey('again.json');
    const before = await sent();
    const second = await toKey('again.json');
    assert.equal(await sent(), before);
    assert.deepEqual(second, { ...first, keyTransaction: null });
  });

  it('goes on from a keystore that was made and not registered', async () => {
    const first = await toKey('made.json');
    await anvil.test.revert({ id: snapshot });
    snapshot = await anvil.test.snapshot();
    const second = await toKey('made.json');
    assert.equal(second.keyHash, first.keyHash);
    assert.equal((await watcher()).keyHash, first.keyHash);
    assert.ok(await isMember(first.keyHash));
  });

  it('goes on from a key that was registered and has no page', async () => {
    const secret = new Uint8Array(32).fill(7);
    const publicKey = publicKeyOf(secret);
    const bls = await folder.write('seven.hex', Buffer.from(secret).toString('hex'));
    const to = ['--out', folder.at('seven'), '--password-file', password(), '--light', '--json'];
    printed(await tocsin(['keys', 'import', '--bls', bls, ...to]));
    const { watchers } = deployment;
    const binding = { chainId: 31_337n, watchers, operator: funded(0).address };
    const args = [evmKey(publicKey), evmSignature(provePossession(secret, binding))] as const;
    const call = { address: watchers, abi: watchersAbi, functionName: 'rotateKey', args } as const;
    await anvil.client.waitForTransactionReceipt({ hash: await anvil.wallet.writeContract(call) });
    const before = await sent();
    const { keyTransaction, seating } = await toKey('seven/bls.json');
    assert.deepEqual([keyTransaction, seating.kind], [null, 'joining']);
    assert.ok(await isMember(keyHash(publicKey)));
    assert.equal(await sent(), before + 1);
  });

  it('replaces the submitter, alone or with the key', async () => {
    const [first, second] = [funded(5).address, funded(6).address];
    const alone = printed<Rotated>(await rotate('--submitter', first, '--json'));
    assert.deepEqual([(await watcher()).submitter, alone.submitter], [first, first]);
    const again = printed<Rotated>(await rotate('--submitter', first, '--json'));
    assert.equal(again.submitterTransaction, null);
    const key = ['--bls-keystore', folder.at('both.json')];
    const both = printed<Rotated>(await rotate('--submitter', second, ...key, '--json'));
    assert.deepEqual(
      [(await watcher()).submitter, (await watcher()).keyHash],
      [second, both.keyHash],
    );
  });

  it('refuses, before a key is made, what can only fail', async () => {
    const none = folder.at('none.json');
    assertRefused(await rotate(), '--bls-keystore or --submitter: is missing');
    assertRefused(await rotate('--submitter', '0x12'), '--submitter: 0x12 is not an address');
    const stranger = ['--bls-keystore', none, ...by('two')];
    assertRefused(
      await tocsin(['keys', 'rotate', ...on(), ...stranger]),
      `--keystore: ${funded(1).address} is the operator of no watcher`,
    );
    await assert.rejects(stat(none), { code: 'ENOENT' });
  });

  it('refuses a key that was held before, and a keystore that the password does not open', async () => {
    await toKey('later.json');
    assertRefused(
      await rotate('--bls-keystore', folder.at('one/bls.json')),
      'rotate: the chain refuses it: KeyTaken(',
    );
    const guess = await folder.write('guess', 'wrong horse\n');
    assertRefused(
      await rotate('--bls-keystore', folder.at('later.json'), '--bls-password-file', guess),
      `--bls-keystore ${folder.at('later.json')}: the password does not open it`,
    );
  });
});
