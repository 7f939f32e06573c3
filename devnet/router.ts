import { type Address, encodeFunctionData, type Hex, keccak256, maxUint256 } from 'viem';
import {
  erc20Abi,
  paymentRouterAbi,
  paymentRouterBytecode,
  walletsSentinelAbi,
  walletsSentinelBytecode,
} from '../protocol/abi.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { Reserve } from './aave.ts';
import type { Chain } from './chain.ts';
import { LIFE } from './coverage.ts';
import { calls } from './vault.ts';

/** Blocks the sentinel compares: the newest with the oldest of them. */
export const SAMPLES = 8;
/** What the wallets hold together may fall by a twentieth in so many blocks. */
const MAX_FALL_BPS = 500n;
const GAS = 200_000;

/** A router that wallets have approved, and the sentinel over what they hold. */
export type Router = Readonly<{
  address: Address;
  sentinel: Address;
  codeHash: Hex;
  asset: Reserve;
  wallets: readonly Address[];
}>;

/** Deploys both; each wallet gets `amount` and approves the router, as people do: without a bound. */
export async function deployRouter(
  chain: Chain,
  parties: Readonly<{ hub: Address; guardian: Address; wallets: readonly Address[] }>,
  asset: Reserve,
  amount: bigint,
): Promise<Router> {
  const { hub, guardian, wallets } = parties;
  const own = { chain: null, gas: 3_000_000n } as const;
  const deployed = async (sent: Promise<Hex>): Promise<Address> => {
    const receipt = await chain.client.waitForTransactionReceipt({ hash: await sent });
    return receipt.contractAddress!;
  };
  const address = await deployed(
    chain.admin.deployContract({
      ...own,
      abi: paymentRouterAbi,
      bytecode: paymentRouterBytecode,
      args: [hub, guardian, asset.token],
    }),
  );
  const sentinel = await deployed(
    chain.admin.deployContract({
      ...own,
      abi: walletsSentinelAbi,
      bytecode: walletsSentinelBytecode,
      args: [asset.token, MAX_FALL_BPS, wallets],
    }),
  );
  await Promise.all(
    wallets.map(async (from) => {
      await chain.act({ from, to: asset.token, data: calls.mint(from, amount) });
      const data = encodeFunctionData({
        abi: erc20Abi,
        functionName: 'approve',
        args: [address, maxUint256],
      });
      await chain.act({ from, to: asset.token, data });
    }),
  );
  const code = await chain.client.getCode({ address: sentinel });
  return { address, sentinel, codeHash: keccak256(code ?? '0x'), asset, wallets };
}

/** Payments are stopped at rung 2, the highest that a sentinel may ask for. */
export const routerManifest = ({ address, sentinel, codeHash }: Router): Manifest => ({
  version: 1,
  name: 'Devnet payment router',
  target: address.toLowerCase() as Hex,
  rules: [
    {
      name: 'wallets',
      kind: 'sentinel',
      family: 'outflow',
      rung: 2,
      life: LIFE,
      detector: 'wallets@1.0.0',
      code: sentinel.toLowerCase() as Hex,
      codeHash,
      gas: GAS,
      samples: SAMPLES,
    },
  ],
});

/** A payment out of a wallet, as data to send. */
export const pay = (from: Address, to: Address, amount: bigint): Hex =>
  encodeFunctionData({ abi: paymentRouterAbi, functionName: 'pay', args: [from, to, amount] });

/** Whether the sentinel responds to the samples that end at a height. */
export async function responds(chain: Chain, router: Router, height: bigint): Promise<boolean> {
  const sentinel = { address: router.sentinel, abi: walletsSentinelAbi } as const;
  const samples = await Promise.all(
    Array.from({ length: SAMPLES }, (_, back) =>
      chain.client.readContract({
        ...sentinel,
        functionName: 'collect',
        blockNumber: height - BigInt(back),
      }),
    ),
  );
  const [fires] = await chain.client.readContract({
    ...sentinel,
    functionName: 'shouldRespond',
    args: [samples],
  });
  return fires;
}
