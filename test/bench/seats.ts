import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeFunctionData, numberToHex, parseEther } from 'viem';
import { generatePrivateKey } from 'viem/accounts';
import type { Chain } from '../../devnet/chain.ts';
import { type Keys, passwordFileOf } from '../../devnet/watchers.ts';
import { writeBls, writeHot } from '../../node/cli/write-keys.ts';
import { fromHex } from '../../node/keys/cipher.ts';
import { erc20Abi, tokenAbi, watchersAbi } from '../../protocol/abi.ts';
import {
  evmKey,
  evmSignature,
  provePossession,
  publicKeyOf,
  secretFromSeed,
} from '../../protocol/bls.ts';
import type { Deployment } from '../../protocol/deployment.ts';
import { ask, together } from './together.ts';

/** A watcher's keys with the secret that signs. */
export type Sealed = Keys & Readonly<{ secret: Uint8Array }>;

/** Keys of so many watchers, sealed as `tocsin keys new --light` does, without a process each. */
export async function sealKeys(folder: string, count: number): Promise<readonly Sealed[]> {
  const password = (await readFile(passwordFileOf(folder), 'utf8')).trim();
  const sealed: Sealed[] = [];
  for (let number = 0; number < count; number++) {
    const out = join(folder, `watcher-${number}`);
    await mkdir(out);
    const secret = secretFromSeed(randomBytes(48));
    await writeBls(join(out, 'bls.json'), secret, password, 'light');
    const { hotKeystore, address } = await writeHot(
      join(out, 'hot.json'),
      fromHex(generatePrivateKey().slice(2)),
      password,
      'light',
    );
    sealed.push({ folder: out, hotKeystore, address, secret });
  }
  return sealed;
}

/** Registers all in their order, which is the order of their seats; the chain plays the operators. */
export async function registerAll(
  chain: Chain,
  { chainId, token, watchers }: Deployment,
  sealed: readonly Sealed[],
  stakes: readonly bigint[],
): Promise<void> {
  const minter = chain.accounts[0]!;
  await ask(chain, 'anvil_autoImpersonateAccount', true);
  const wei = numberToHex(parseEther('1000'));
  await Promise.all(sealed.map(({ address }) => ask(chain, 'anvil_setBalance', address, wei)));
  const mint = sealed.map(({ address }, number) => ({
    from: minter,
    to: token,
    gas: 200_000n,
    data: encodeFunctionData({
      abi: tokenAbi,
      functionName: 'mint',
      args: [address, baseUnits(stakes[number]!)],
    }),
  }));
  const approve = sealed.map(({ address }, number) => ({
    from: address,
    to: token,
    gas: 200_000n,
    data: encodeFunctionData({
      abi: erc20Abi,
      functionName: 'approve',
      args: [watchers, baseUnits(stakes[number]!)],
    }),
  }));
  const register = sealed.map(({ address, secret }, number) => {
    const possession = provePossession(secret, {
      chainId: BigInt(chainId),
      watchers,
      operator: address,
    });
    const key = evmKey(publicKeyOf(secret));
    return {
      from: address,
      to: watchers,
      gas: 1_000_000n,
      data: encodeFunctionData({
        abi: watchersAbi,
        functionName: 'register',
        args: [baseUnits(stakes[number]!), key, evmSignature(possession), address, address],
      }),
    };
  });
  await together(chain, [...mint, ...approve, ...register]);
  await ask(chain, 'anvil_autoImpersonateAccount', false);
}

/** Stakes are named in whole tokens. */
const baseUnits = (tokens: bigint) => tokens * 10n ** 18n;
