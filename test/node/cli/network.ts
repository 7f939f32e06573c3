import { encodeAbiParameters, type Hex, keccak256 } from 'viem';
import {
  leakyVaultAbi,
  leakyVaultBytecode,
  sharePriceFallAbi,
  sharePriceFallBytecode,
  tokenAbi,
  tokenBytecode,
} from '../../../protocol/abi.ts';
import type { Deployment } from '../../../protocol/deployment.ts';
import { type Anvil, funded, secretOf } from '../anvil.ts';
import { type Folder, printed, tocsin } from './tocsin.ts';

/** Deploys a contract from the first funded account. */
export async function place(
  { wallet, client }: Anvil,
  contract: { abi: readonly object[]; bytecode: Hex; args: readonly unknown[] },
): Promise<Hex> {
  const hash = await wallet.deployContract({ ...contract } as Parameters<
    typeof wallet.deployContract
  >[0]);
  const { contractAddress } = await client.waitForTransactionReceipt({ hash });
  if (contractAddress == null) throw new TypeError('no contract');
  return contractAddress.toLowerCase() as Hex;
}

/** A stake token of which a funded account holds a million. */
export async function placeToken(anvil: Anvil, holders: number): Promise<Hex> {
  const token = await place(anvil, {
    abi: tokenAbi,
    bytecode: tokenBytecode,
    args: ['Stake', 'STK', 18],
  });
  for (let index = 0; index < holders; index++) {
    const args = [funded(index).address, 10n ** 24n] as const;
    const hash = await anvil.wallet.writeContract({
      address: token,
      abi: tokenAbi,
      functionName: 'mint',
      args,
    });
    await anvil.client.waitForTransactionReceipt({ hash });
  }
  return token;
}

/** Imports a funded account's key and makes a BLS key beside it: `<name>/hot.json` and `<name>/bls.json`. */
export async function importOperator(folder: Folder, name: string, index: number): Promise<void> {
  const password = await folder.write('password', 'correct horse\n');
  const hot = await folder.write(`${name}.hex`, secretOf(funded(index)));
  const bls = await folder.write(`${name}.bls`, (index + 1).toString(16).padStart(64, '0'));
  printed(
    await tocsin([
      'keys',
      'import',
      '--hot',
      hot,
      '--bls',
      bls,
      '--out',
      folder.at(name),
      '--password-file',
      password,
      '--light',
      '--json',
    ]),
  );
}

/** `--keystore` and `--password-file` of an imported operator. */
export const signedBy = (folder: Folder, name: string) => [
  '--keystore',
  folder.at(`${name}/hot.json`),
  '--password-file',
  folder.at('password'),
];

/** A guarded vault, a predicate, and the manifest that covers the one by the other. */
export async function placeVault(
  anvil: Anvil,
  { hub, token }: Deployment,
): Promise<{ target: Hex; manifest: object }> {
  const target = await place(anvil, {
    abi: leakyVaultAbi,
    bytecode: leakyVaultBytecode,
    args: [hub, funded(0).address, token],
  });
  const code = await place(anvil, {
    abi: sharePriceFallAbi,
    bytecode: sharePriceFallBytecode,
    args: [],
  });
  const found = await anvil.client.getCode({ address: code });
  const slot = (index: number) => ({
    account: target,
    slot: `0x${index.toString(16).padStart(64, '0')}`,
  });
  const rule = {
    name: 'share-price',
    kind: 'predicate',
    family: 'share-price',
    rung: 3,
    life: 3600,
    detector: 'share-price-fall@1.0.0',
    code,
    codeHash: keccak256(found ?? '0x'),
    gas: 100_000,
    reference: { kind: 'lookback', blocks: 1 },
    hold: 0,
    slots: [slot(1), slot(2)],
    params: encodeAbiParameters([{ type: 'uint32' }], [200]),
  };
  return { target, manifest: { version: 1, name: 'vault', target, rules: [rule] } };
}
