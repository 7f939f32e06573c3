import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { keccak256 } from 'viem';
import { stringify } from 'yaml';
import { committeeAbi } from '../../../protocol/abi.ts';
import { keyHash, publicKeyOf } from '../../../protocol/bls.ts';
import { type Deployment, deploymentSchema } from '../../../protocol/deployment.ts';
import { manifestSchema, rulesOf } from '../../../protocol/manifest.ts';
import { ruleId } from '../../../protocol/verdict.ts';
import { type Anvil, funded, startAnvil } from '../anvil.ts';
import { sentinels, targetCode, targets } from './codes.ts';
import { importOperator, placeToken, placeVault, signedBy } from './network.ts';
import { assertRefused, createFolder, type Folder, printed, tocsin } from './tocsin.ts';

describe('setting up a network with tocsin', () => {
  let anvil: Anvil;
  let folder: Folder;
  let token: string;
  let deployment: Deployment;
  const on = () => ['--deployment', folder.at('deployment.json'), '--rpc', anvil.url];
  const deploy = (...more: string[]) =>
    tocsin([
      'deploy',
      '--rule-delay',
      '0',
      '--rpc',
      anvil.url,
      '--token',
      token,
      '--out',
      folder.at('deployment.json'),
      ...signedBy(folder, 'one'),
      '--json',
      ...more,
    ]);

  before(async () => {
    [anvil, folder] = await Promise.all([startAnvil(), createFolder()]);
    await importOperator(folder, 'one', 0);
    await importOperator(folder, 'two', 1);
    token = await placeToken(anvil, 2);
  });
  after(async () => {
    await anvil.stop();
    await folder.remove();
  });

  it('deploy writes an address file whose contracts all have code', async () => {
    deployment = printed(await deploy());
    assert.deepEqual(
      deploymentSchema.parse(JSON.parse(await readFile(folder.at('deployment.json'), 'utf8'))),
      deployment,
    );
    const { chainId, deployedAt, ...addresses } = deployment;
    assert.equal(chainId, 31_337);
    assert.ok(deployedAt > 0);
    for (const [name, address] of Object.entries(addresses))
      assert.ok(await anvil.client.getCode({ address }), name);
  });

  it('deploy run again sends nothing and prints the same, with the file or without it', async () => {
    const nonce = () => anvil.client.getTransactionCount({ address: funded(0).address });
    const before = await nonce();
    assert.deepEqual(printed(await deploy()), deployment);
    const elsewhere = folder.at('again.json');
    assert.deepEqual(printed(await deploy('--out', elsewhere)), deployment);
    assert.equal(await nonce(), before);
  });

  it('deploy never writes over the address file of another deployment', async () => {
    assertRefused(
      await deploy('--salt', 'another'),
      `--out: ${folder.at('deployment.json')} is the address file of another deployment`,
    );
    const other = printed<Deployment>(
      await deploy('--salt', 'another', '--out', folder.at('other.json')),
    );
    assert.notEqual(other.registry, deployment.registry);
    assert.equal(other.verifier === deployment.verifier, false);
  });

  it('register stakes an operator and binds its key; a second time is refused by name', async () => {
    const flags = [
      '--bls-keystore',
      folder.at('one/bls.json'),
      '--stake',
      '160000',
      ...signedBy(folder, 'one'),
      '--json',
    ];
    const registered = printed<{
      keyHash: string;
      stake: string;
      submitter: string;
      pages: string[];
    }>(await tocsin(['register', ...on(), ...flags, '--page']));
    const secret = new Uint8Array(32);
    secret[31] = 1;
    assert.equal(registered.keyHash, keyHash(publicKeyOf(secret)));
    assert.equal(registered.stake, (160_000n * 10n ** 18n).toString());
    assert.deepEqual(registered.pages, [registered.keyHash]);
    assertRefused(
      await tocsin(['register', ...on(), ...flags]),
      'register: the chain refuses it: AlreadyRegistered(',
    );
  });

  it('page write gives every other registered key its place, once', async () => {
    const flags = [
      '--bls-keystore',
      folder.at('two/bls.json'),
      '--stake',
      '12.0',
      '--payout',
      funded(5).address,
      ...signedBy(folder, 'two'),
      '--json',
    ];
    const { keyHash: hash } = printed<{ keyHash: string }>(
      await tocsin(['register', ...on(), ...flags]),
    );
    const write = () => tocsin(['page', 'write', ...on(), ...signedBy(folder, 'two'), '--json']);
    assert.deepEqual(printed(await write()), { keyHashes: [hash] });
    assert.deepEqual(printed(await write()), { keyHashes: [] });
  });

  it('epoch open seats them, once an epoch', async () => {
    const open = () => tocsin(['epoch', 'open', ...on(), ...signedBy(folder, 'two'), '--json']);
    const first = printed<{ epoch: string; opened: boolean; seats: number }>(await open());
    assert.deepEqual([first.opened, first.seats], [true, 2]);
    const second = printed<{ epoch: string; opened: boolean }>(await open());
    assert.deepEqual([second.opened, second.epoch], [false, first.epoch]);
    const latest = await anvil.client.readContract({
      address: deployment.committee,
      abi: committeeAbi,
      functionName: 'latestEpoch',
    });
    assert.equal(latest.toString(), first.epoch);
  });

  it('cover apply covers a target by YAML with hex unquoted, arms it, and changes nothing when run again', async () => {
    const { manifest } = await placeVault(anvil, deployment);
    const text = stringify(manifest).replaceAll('"', '');
    assert.match(text, /target: 0x/);
    const file = await folder.write('vault.yaml', text);
    const apply = (...more: string[]) =>
      tocsin(['cover', 'apply', file, ...on(), ...signedBy(folder, 'one'), '--json', ...more]);
    type Applied = { coverageId: string; ruleIds: string[]; change: string; armed: string[] };
    const first = printed<Applied>(await apply('--fund', '1.5'));
    assert.deepEqual(first.ruleIds, rulesOf(manifestSchema.parse(manifest)).map(ruleId));
    assert.deepEqual([first.change, first.armed], ['cover', []]);
    const second = printed<Applied>(await apply('--arm'));
    assert.deepEqual(
      [second.change, second.armed, second.coverageId],
      ['none', first.ruleIds, first.coverageId],
    );
    assert.deepEqual(printed<Applied>(await apply('--arm')).armed, []);
  });

  it('cover apply leaves a rule in shadow while it fires', async () => {
    const { manifest, target } = await placeVault(anvil, deployment);
    const code = `0x${'f1'.repeat(20)}` as const;
    await anvil.test.setCode({ address: code, bytecode: sentinels.firing });
    const rule = {
      kind: 'sentinel',
      name: 'alarm',
      family: 'alarm',
      rung: 2,
      life: 600,
      detector: 'alarm@1.0.0',
      code,
      codeHash: keccak256(sentinels.firing),
      gas: 100_000,
      samples: 1,
    };
    const file = await folder.write(
      'alarm.json',
      JSON.stringify({ ...manifest, target, rules: [rule] }),
    );
    const { armed, waiting } = printed<{ armed: string[]; waiting: { ruleId: string }[] }>(
      await tocsin([
        'cover',
        'apply',
        file,
        ...on(),
        ...signedBy(folder, 'one'),
        '--fund',
        '1',
        '--arm',
        '--json',
      ]),
    );
    assert.deepEqual([armed.length, waiting.length], [0, 1]);
  });

  it('cover apply is refused for a target that cannot be tripped', async () => {
    const { manifest, target } = await placeVault(anvil, deployment);
    const file = await folder.write('stuck.json', JSON.stringify(manifest));
    const apply = ['cover', 'apply', file, ...on(), ...signedBy(folder, 'one')];
    const { address } = funded(0);
    await anvil.test.setCode({
      address: target,
      bytecode: targetCode(deployment.hub, address, targets.reverting),
    });
    const signed = () => anvil.client.getTransactionCount({ address });
    const before = await signed();
    assertRefused(await tocsin(apply), 'cover: the chain refuses it: TripFailed(');
    assert.equal(await signed(), before);
  });

  it('cover apply is refused from an account that is not the guardian', async () => {
    const { manifest } = await placeVault(anvil, deployment);
    const file = await folder.write('mine.json', JSON.stringify(manifest));
    assertRefused(
      await tocsin(['cover', 'apply', file, ...on(), ...signedBy(folder, 'two')]),
      'cover: the chain refuses it: NotGuardian(',
    );
  });

  it('status shows roster, coverage, escrow and rules, for people and for machines', async () => {
    const status = printed<{
      roster: { seats: number };
      coverages: {
        name: string;
        escrow: string;
        rungInForce: number;
        rules: { phase: string }[];
      }[];
    }>(await tocsin(['status', ...on(), '--json']));
    assert.equal(status.roster.seats, 2);
    assert.equal(status.coverages.length, 2);
    const [coverage] = status.coverages;
    assert.deepEqual(
      [coverage?.name, coverage?.escrow, coverage?.rungInForce, coverage?.rules[0]?.phase],
      ['vault', '1500000000000000000', 0, 'armed'],
    );
    const { stdout } = await tocsin(['status', ...on(), '--api', 'http://127.0.0.1:1']);
    assert.match(stdout, /^epoch +\d+, 2 seats, up to rung 1$/m);
    assert.match(stdout, /vault: clear$/m);
    assert.match(stdout, /node at http:\/\/127.0.0.1:1: does not answer$/m);
  });
});
