import { createRequire } from 'node:module';
import {
  type Abi,
  type Account,
  type Address,
  type Chain,
  encodeDeployData,
  type Hex,
  type PublicClient,
  type Transport,
  type WalletClient,
} from 'viem';
import { tokenAbi } from '../protocol/abi.ts';
import { uniswapV2FactoryAbi, uniswapV2PairAbi } from './uniswap-abi.ts';

const require = createRequire(import.meta.url);
/** What a swap pays, per mille of what it brings. */
const FEE = 3n;

/** Who sends, and where it is mined. */
type Sender = Readonly<{
  wallet: WalletClient<Transport, Chain | undefined, Account>;
  client: PublicClient;
}>;

/** A Uniswap v2 pair from the published artifact; `token0` is the lower address. */
export type Pair = Readonly<{ address: Address; token0: Address; token1: Address }>;

/** Deploys a factory and a pair of two devnet tokens, with that much of each in it. */
export async function deployPair(
  sender: Sender,
  deposits: readonly [readonly [Address, bigint], readonly [Address, bigint]],
): Promise<Pair> {
  const { wallet, client } = sender;
  const { abi, bytecode } = require('@uniswap/v2-core/build/UniswapV2Factory.json') as Readonly<{
    abi: Abi;
    bytecode: string;
  }>;
  const owner = wallet.account.address;
  const data = encodeDeployData({ abi, bytecode: `0x${bytecode}`, args: [owner] });
  const hash = await wallet.sendTransaction({ chain: null, data });
  const address = (await client.waitForTransactionReceipt({ hash })).contractAddress!;
  const tokens = [deposits[0][0], deposits[1][0]] as const;
  const factory = { address, abi: uniswapV2FactoryAbi } as const;
  await mined(
    sender,
    wallet.writeContract({ ...factory, chain: null, functionName: 'createPair', args: tokens }),
  );
  const pair = await client.readContract({ ...factory, functionName: 'getPair', args: tokens });
  for (const [token, amount] of deposits) await give(sender, token, pair, amount);
  const self = { address: pair, abi: uniswapV2PairAbi, chain: null } as const;
  await mined(sender, wallet.writeContract({ ...self, functionName: 'mint', args: [owner] }));
  const token0 = await client.readContract({ ...self, functionName: 'token0' });
  return { address: pair, token0, token1: token0 === tokens[0] ? tokens[1] : tokens[0] };
}

/** Sells an amount of one of the pair's tokens for the other, at whatever price. */
export async function sell(
  sender: Sender,
  pair: Pair,
  token: Address,
  amount: bigint,
): Promise<void> {
  const { wallet, client } = sender;
  const self = { address: pair.address, abi: uniswapV2PairAbi, chain: null } as const;
  const [reserve0, reserve1] = await client.readContract({ ...self, functionName: 'getReserves' });
  const isFirst = token.toLowerCase() === pair.token0.toLowerCase();
  const [own, other] = isFirst ? [reserve0, reserve1] : [reserve1, reserve0];
  const brought = amount * (1_000n - FEE);
  const out = (brought * other) / (own * 1_000n + brought);
  await give(sender, token, pair.address, amount);
  const [out0, out1] = isFirst ? [0n, out] : [out, 0n];
  const args = [out0, out1, wallet.account.address, '0x'] as const;
  await mined(sender, wallet.writeContract({ ...self, functionName: 'swap', args }));
}

const give = ({ wallet, client }: Sender, token: Address, to: Address, amount: bigint) =>
  mined(
    { wallet, client },
    wallet.writeContract({
      address: token,
      abi: tokenAbi,
      chain: null,
      functionName: 'mint',
      args: [to, amount],
    }),
  );

const mined = async ({ client }: Sender, sent: Promise<Hex>): Promise<void> =>
  void (await client.waitForTransactionReceipt({ hash: await sent }));
