import { type Address, encodeDeployData, encodeFunctionData, type Hex } from 'viem';
import { leakyVaultAbi, vaultDrainerAbi, vaultDrainerBytecode } from '../protocol/abi.ts';
import type { Devnet } from './devnet.ts';
import { calls } from './vault.ts';

/** A thief's contract, with the dollars it needs to be a shareholder. */
export async function deployDrainer(
  { chain, vault }: Devnet,
  from: Address,
  dollars: bigint,
): Promise<Address> {
  const data = encodeDeployData({
    abi: vaultDrainerAbi,
    bytecode: vaultDrainerBytecode,
    args: [vault.address],
  });
  const hash = await chain.admin.request({
    method: 'eth_sendTransaction',
    params: [{ from, data }],
  });
  const { contractAddress } = await chain.client.waitForTransactionReceipt({ hash });
  const drainer = contractAddress!;
  await chain.act({ from, to: vault.asset.token, data: calls.mint(drainer, dollars) });
  return drainer;
}

/** Deposits and is paid `times` for the shares. */
export const strike = (assets: bigint, times: bigint): Hex =>
  encodeFunctionData({ abi: vaultDrainerAbi, functionName: 'strike', args: [assets, times] });

/** What the vault's limiter lets a contract take now beside what it brings. */
export async function leftFor({ chain, vault }: Devnet, drainer: Address): Promise<bigint> {
  const [left] = await chain.client.readContract({
    address: vault.address,
    abi: leakyVaultAbi,
    functionName: 'outflowLeft',
    args: [vault.asset.token, drainer],
  });
  return left;
}

/** Each contract in turn takes most of what it is let: a bound that another has moved first refuses all. */
export async function takeAll(
  devnet: Devnet,
  from: Address,
  drainers: readonly Address[],
): Promise<void> {
  for (const drainer of drainers) {
    const assets = ((await leftFor(devnet, drainer)) * 9n) / 10n;
    if (assets > 0n)
      await devnet.chain.send({ from, to: drainer, data: strike(assets, 2n), outbid: true });
  }
}
