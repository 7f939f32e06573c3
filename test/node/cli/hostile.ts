import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { stringify } from 'yaml';
import type { Hex } from 'viem';
import type { Deployment } from '../../../protocol/deployment.ts';
import { funded, startAnvil } from '../anvil.ts';
import { importOperator, placeToken, placeVault, signedBy } from './network.ts';
import { createFolder, printed, type Ran, tocsin, tocsinProcess } from './tocsin.ts';

/** A chain with Tocsin on it, one too old for it, one of another number, and an operator's folder. */
export async function createHostileWorld() {
  const [anvil, old, other, folder] = await Promise.all([
    startAnvil(),
    startAnvil(['--hardfork', 'cancun']),
    startAnvil([], 777),
    createFolder(),
  ]);
  await importOperator(folder, 'one', 0);
  const token = await placeToken(anvil, 1);
  const out = folder.at('deployment.json');
  const flags = ['--rpc', anvil.url, '--token', token, '--out', out, '--json'];
  const deployment = printed<Deployment>(
    await tocsin(['deploy', ...flags, ...signedBy(folder, 'one')]),
  );
  const manifest = (await placeVault(anvil, deployment)).manifest as {
    target: Hex;
    rules: object[];
  };
  // The same addresses have code on the old chain, so that only its precompiles are missing.
  const { chainId: _, deployedAt: __, ...addresses } = deployment;
  for (const address of Object.values(addresses))
    await old.test.setCode({ address, bytecode: '0x00' });

  const signedSoFar = () =>
    anvil.client.getTransactionCount({ address: funded(0).address, blockTag: 'pending' });

  /** What a node is told when nothing is wrong. */
  const config = {
    deployment: 'deployment.json',
    rpc: [anvil.url],
    dataDir: 'never',
    blsKeystore: 'one/bls.json',
    hotKeystore: 'one/hot.json',
    passwordFile: 'password',
  };

  /** `tocsin run` on a config of this text: whatever was wrong, nothing was opened. */
  const runText = async (text: string, environment?: Record<string, string>): Promise<Ran> => {
    const file = await folder.write('node.yaml', text);
    const args = ['run', '--config', file];
    const ran = await (environment ? tocsinProcess(args, environment) : tocsin(args));
    assert.ok(!(await readdir(folder.at('.'))).includes('never'));
    return ran;
  };

  const on = (rpc = anvil.url) => ['--deployment', folder.at('deployment.json'), '--rpc', rpc];

  /** `tocsin cover apply` of this text: whatever was wrong, nothing was signed. */
  const coverText = async (text: string, rpc = anvil.url): Promise<Ran> => {
    const file = await folder.write('manifest.json', text);
    const before = await signedSoFar();
    const ran = await tocsin(['cover', 'apply', file, ...on(rpc), ...signedBy(folder, 'one')]);
    assert.equal(await signedSoFar(), before);
    return ran;
  };

  /** `tocsin cover plan` of a manifest: it signs nothing, whatever it finds. */
  const plan = async (change: object, ...flags: string[]): Promise<Ran> => {
    const file = await folder.write(
      'plan.yaml',
      stringify({ ...manifest, ...change }, { aliasDuplicateObjects: false }),
    );
    const before = await signedSoFar();
    const ran = await tocsin(['cover', 'plan', file, ...on(), '--fund', '1', ...flags]);
    assert.equal(await signedSoFar(), before);
    return ran;
  };

  return {
    anvil,
    old,
    other,
    folder,
    token,
    deployment,
    manifest,
    config,
    runText,
    run: (change: object, environment?: Record<string, string>) =>
      runText(stringify({ ...config, ...change }), environment),
    coverText,
    on,
    plan,
    close: async () => {
      await Promise.all([anvil, old, other].map(({ stop }) => stop()));
      await folder.remove();
    },
  };
}

/** Everything a bad line is tried against. */
export type HostileWorld = Awaited<ReturnType<typeof createHostileWorld>>;
