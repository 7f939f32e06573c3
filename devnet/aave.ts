import {
  type Account,
  type Address,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  type PublicClient,
  type Transport,
  type WalletClient,
  zeroAddress,
} from 'viem';
import { feedAbi, feedBytecode, tokenAbi, tokenBytecode } from '../protocol/abi.ts';
import * as abi from './aave-abi.ts';
import { deployment } from './aave-artifacts.ts';
import { defaultReserves, type ReserveSettings } from './reserves.ts';

/** One asset of a deployed market. */
export type Reserve = ReserveSettings &
  Readonly<{ token: Address; feed: Address; aToken: Address; debtToken: Address }>;

/** A deployed Aave v3 market. */
export type Market = Readonly<{
  provider: Address;
  pool: Address;
  configurator: Address;
  oracle: Address;
  acl: Address;
  dataProvider: Address;
  reserves: readonly Reserve[];
}>;

/** What deployment needs: an account that pays and becomes the market's admin, and who may move the feeds. */
export type AaveDeps = Readonly<{
  walletClient: WalletClient<Transport, undefined | WalletClient['chain'], Account>;
  publicClient: Pick<
    PublicClient,
    'getTransactionCount' | 'readContract' | 'getTransactionReceipt' | 'waitForTransactionReceipt'
  >;
  reporters?: readonly Address[];
  reserves?: readonly ReserveSettings[];
}>;

// Osaka caps one transaction at 2^24 gas.
const GAS = 16_000_000n;
const RAY = 10n ** 27n;

/** Deploys an Aave v3 market from its published artifacts; the caller's account is pool, risk and emergency admin. */
export async function deployAave(deps: AaveDeps): Promise<Market> {
  const { walletClient, publicClient } = deps;
  const admin = walletClient.account.address;
  const settings = deps.reserves ?? defaultReserves;
  const reporters = [...(deps.reporters ?? [admin])];
  let nonce = await publicClient.getTransactionCount({ address: admin });
  let last: Hex = '0x';

  const send = async (to: Address | null, input: Hex): Promise<void> => {
    const request = {
      account: walletClient.account,
      chain: null,
      data: input,
      gas: GAS,
      nonce: nonce++,
    };
    last = await walletClient.sendTransaction(to === null ? request : { ...request, to });
  };
  const create = async (input: Hex): Promise<Address> => {
    const address = getContractAddress({ from: admin, nonce: BigInt(nonce) });
    await send(null, input);
    return address;
  };
  const aave = (
    path: string,
    args: readonly unknown[] = [],
    libraries: Record<string, Address> = {},
  ) => create(deployment(path, args, libraries));

  const assets: { token: Address; feed: Address; settings: ReserveSettings }[] = [];
  for (const asset of settings) {
    const token = await create(
      encodeDeployData({
        abi: tokenAbi,
        bytecode: tokenBytecode,
        args: [asset.symbol, asset.symbol, asset.decimals],
      }),
    );
    const feed = await create(
      encodeDeployData({ abi: feedAbi, bytecode: feedBytecode, args: [asset.price, reporters] }),
    );
    assets.push({ token, feed, settings: asset });
  }

  const provider = await aave('protocol/configuration/PoolAddressesProvider', ['Devnet', admin]);
  const toProvider = (input: Hex) => send(provider, input);
  await toProvider(
    encodeFunctionData({
      abi: abi.poolAddressesProviderAbi,
      functionName: 'setACLAdmin',
      args: [admin],
    }),
  );
  const acl = await aave('protocol/configuration/ACLManager', [provider]);
  await toProvider(
    encodeFunctionData({
      abi: abi.poolAddressesProviderAbi,
      functionName: 'setACLManager',
      args: [acl],
    }),
  );
  for (const functionName of ['addPoolAdmin', 'addRiskAdmin', 'addEmergencyAdmin'] as const)
    await send(acl, encodeFunctionData({ abi: abi.aclManagerAbi, functionName, args: [admin] }));

  const libraries: Record<string, Address> = {};
  for (const name of [
    'SupplyLogic',
    'BorrowLogic',
    'LiquidationLogic',
    'EModeLogic',
    'BridgeLogic',
    'PoolLogic',
    'ConfiguratorLogic',
    'FlashLoanLogic',
  ])
    libraries[name] = await aave(`protocol/libraries/logic/${name}`, [], libraries);
  const poolCode = await aave('protocol/pool/Pool', [provider], libraries);
  await toProvider(
    encodeFunctionData({
      abi: abi.poolAddressesProviderAbi,
      functionName: 'setPoolImpl',
      args: [poolCode],
    }),
  );
  const configuratorCode = await aave('protocol/pool/PoolConfigurator', [], libraries);
  await toProvider(
    encodeFunctionData({
      abi: abi.poolAddressesProviderAbi,
      functionName: 'setPoolConfiguratorImpl',
      args: [configuratorCode],
    }),
  );
  const oracle = await aave('misc/AaveOracle', [
    provider,
    assets.map((asset) => asset.token),
    assets.map((asset) => asset.feed),
    zeroAddress,
    zeroAddress,
    10n ** 8n,
  ]);
  await toProvider(
    encodeFunctionData({
      abi: abi.poolAddressesProviderAbi,
      functionName: 'setPriceOracle',
      args: [oracle],
    }),
  );

  await publicClient.waitForTransactionReceipt({ hash: last });
  const read = (functionName: 'getPool' | 'getPoolConfigurator') =>
    publicClient.readContract({
      address: provider,
      abi: abi.poolAddressesProviderAbi,
      functionName,
    });
  const pool = await read('getPool');
  const configurator = await read('getPoolConfigurator');

  const implementations = {
    aTokenImpl: await aave('protocol/tokenization/AToken', [pool]),
    stableDebtTokenImpl: await aave('protocol/tokenization/StableDebtToken', [pool]),
    variableDebtTokenImpl: await aave('protocol/tokenization/VariableDebtToken', [pool]),
  };
  const strategy = await aave('protocol/pool/DefaultReserveInterestRateStrategy', [
    provider,
    (RAY * 80n) / 100n,
    0n,
    (RAY * 4n) / 100n,
    (RAY * 75n) / 100n,
    0n,
    0n,
    RAY / 100n,
    RAY / 100n,
    RAY / 5n,
  ]);
  for (const { token, settings: asset } of assets) {
    const input = {
      ...implementations,
      underlyingAssetDecimals: asset.decimals,
      interestRateStrategyAddress: strategy,
      underlyingAsset: token,
      treasury: admin,
      incentivesController: zeroAddress,
      aTokenName: `Aave ${asset.symbol}`,
      aTokenSymbol: `a${asset.symbol}`,
      variableDebtTokenName: `Aave variable debt ${asset.symbol}`,
      variableDebtTokenSymbol: `vd${asset.symbol}`,
      stableDebtTokenName: `Aave stable debt ${asset.symbol}`,
      stableDebtTokenSymbol: `sd${asset.symbol}`,
      params: '0x10',
    } as const;
    await send(
      configurator,
      encodeFunctionData({
        abi: abi.poolConfiguratorAbi,
        functionName: 'initReserves',
        args: [[input]],
      }),
    );
    for (const call of configuration(token, asset)) await send(configurator, call);
  }
  const dataProvider = await aave('misc/AaveProtocolDataProvider', [provider]);
  await publicClient.waitForTransactionReceipt({ hash: last });

  const reserves = await Promise.all(
    assets.map(async ({ token, feed, settings: asset }): Promise<Reserve> => {
      const [aToken, , debtToken] = await publicClient.readContract({
        address: dataProvider,
        abi: abi.aaveProtocolDataProviderAbi,
        functionName: 'getReserveTokensAddresses',
        args: [token],
      });
      return { ...asset, token, feed, aToken, debtToken };
    }),
  );
  return { provider, pool, configurator, oracle, acl, dataProvider, reserves };
}

/** The calls that set one reserve's risk parameters. */
const configuration = (token: Address, asset: ReserveSettings): readonly Hex[] => {
  const { poolConfiguratorAbi } = abi;
  return [
    encodeFunctionData({
      abi: poolConfiguratorAbi,
      functionName: 'configureReserveAsCollateral',
      args: [token, asset.ltv, asset.threshold, asset.bonus],
    }),
    encodeFunctionData({
      abi: poolConfiguratorAbi,
      functionName: 'setReserveBorrowing',
      args: [token, asset.borrowable],
    }),
    encodeFunctionData({
      abi: poolConfiguratorAbi,
      functionName: 'setReserveFactor',
      args: [token, 1_000n],
    }),
    encodeFunctionData({
      abi: poolConfiguratorAbi,
      functionName: 'setSupplyCap',
      args: [token, asset.supplyCap],
    }),
    encodeFunctionData({
      abi: poolConfiguratorAbi,
      functionName: 'setBorrowCap',
      args: [token, asset.borrowCap],
    }),
  ];
};
