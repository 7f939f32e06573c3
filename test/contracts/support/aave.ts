import hre from 'hardhat';
import { encodeFunctionData, type Hex, maxUint256 } from 'viem';
import { aclManagerAbi, poolAbi, poolConfiguratorAbi } from '../../../devnet/aave-abi.ts';
import { deployAave, type Market, type Reserve } from '../../../devnet/aave.ts';
import type { Wallet } from './registry.ts';

const FROZEN = 1n << 57n;
const PAUSED = 1n << 60n;
const VARIABLE = 2n;

/** Share of its loan-to-value that rung 1 leaves a reserve. */
export const LTV_SHARE_BPS = 5_000n;

/** Whole tokens in the token's smallest unit. */
export const units = ({ decimals }: Reserve, amount: bigint) => amount * 10n ** BigInt(decimals);

/** A chain with a market, a position in it and its guard, and the verbs of those who use it. */
export const openAave = async () => {
  const { viem, networkHelpers } = await hre.network.create();
  const [admin, guardian, user, other] = (await viem.getWalletClients()) as [
    Wallet,
    Wallet,
    Wallet,
    Wallet,
  ];
  const client = await viem.getPublicClient();
  const wait = async (hash: Promise<Hex>) => client.waitForTransactionReceipt({ hash: await hash });

  /** A hub and an adapter that guards every reserve of a market through it. */
  const guard = async (market: Market, pauses = false) => {
    const hub = await viem.deployContract('BreakerHub');
    const breaker = await viem.deployContract('AaveV3Breaker', [
      hub.address,
      guardian.account.address,
      market.provider,
      market.reserves.map(({ token }) => token),
      LTV_SHARE_BPS,
      pauses,
    ]);
    await hub.write.enrol([breaker.address]);
    await grant({ market }, 'addRiskAdmin', breaker.address);
    if (pauses) await grant({ market }, 'addEmergencyAdmin', breaker.address);
    return { hub, breaker };
  };

  /** A real Aave v3 market with a position in it, and the adapter that guards its three reserves through a hub. */
  const deployWith = async (pauses: boolean) => {
    const market = await deployAave({ walletClient: admin, publicClient: client });
    const [usdc, weth, wbtc] = market.reserves as [Reserve, Reserve, Reserve];
    const { hub, breaker } = await guard(market, pauses);
    for (const wallet of [user, other])
      for (const reserve of market.reserves) {
        const token = await viem.getContractAt('Token', reserve.token);
        await token.write.mint([wallet.account.address, units(reserve, 1_000_000n)]);
        await token.write.approve([market.pool, maxUint256], { account: wallet.account });
      }
    const rig = { market, usdc, weth, wbtc, hub, breaker };
    await supply(rig, other, usdc, 500_000n);
    await supply(rig, user, weth, 10n);
    await borrow(rig, user, usdc, 20_000n);
    return rig;
  };
  const deploy = () => deployWith(false);
  const deployPausing = () => deployWith(true);
  const act = (
    rig: Rig,
    wallet: Wallet,
    functionName: 'supply' | 'borrow' | 'repay' | 'withdraw' | 'liquidationCall',
    args: readonly unknown[],
  ) =>
    wallet.sendTransaction({
      to: rig.market.pool,
      data: encodeFunctionData({ abi: poolAbi, functionName, args: args as never }),
      gas: 2_000_000n,
    });
  const supply = (rig: Rig, wallet: Wallet, asset: Reserve, amount: bigint) =>
    act(rig, wallet, 'supply', [asset.token, units(asset, amount), wallet.account.address, 0]);
  const borrow = (rig: Rig, wallet: Wallet, asset: Reserve, amount: bigint) =>
    act(rig, wallet, 'borrow', [
      asset.token,
      units(asset, amount),
      VARIABLE,
      0,
      wallet.account.address,
    ]);
  const repay = (rig: Rig, wallet: Wallet, asset: Reserve, amount: bigint) =>
    act(rig, wallet, 'repay', [
      asset.token,
      units(asset, amount),
      VARIABLE,
      wallet.account.address,
    ]);
  const withdraw = (rig: Rig, wallet: Wallet, asset: Reserve, amount: bigint) =>
    act(rig, wallet, 'withdraw', [asset.token, units(asset, amount), wallet.account.address]);

  /** The words the market keeps of its reserves. */
  const configurations = (rig: Rig) =>
    Promise.all(
      rig.market.reserves.map(async ({ token }) => {
        const { data } = await client.readContract({
          address: rig.market.pool,
          abi: poolAbi,
          functionName: 'getConfiguration',
          args: [token],
        });
        return data;
      }),
    );
  const paused = async (rig: Rig) =>
    (await configurations(rig)).map((word) => (word & PAUSED) !== 0n);
  const frozen = async (rig: Rig) =>
    (await configurations(rig)).map((word) => (word & FROZEN) !== 0n);
  const configure = (
    rig: Rig,
    functionName: Setter,
    { token }: Reserve,
    ...values: (boolean | bigint)[]
  ) =>
    wait(
      admin.sendTransaction({
        to: rig.market.configurator,
        data: encodeFunctionData({
          abi: poolConfiguratorAbi,
          functionName,
          args: [token, ...values] as never,
        }),
      }),
    );
  const freeze = (rig: Rig, reserve: Reserve, freezing: boolean) =>
    configure(rig, 'setReserveFreeze', reserve, freezing);
  const grant = (rig: Rig, functionName: Grant, account: Hex) =>
    wait(
      admin.writeContract({
        address: rig.market.acl,
        abi: aclManagerAbi,
        functionName,
        args: [account],
      }),
    );
  return {
    viem,
    networkHelpers,
    admin,
    guardian,
    user,
    other,
    client,
    wait,
    guard,
    fresh: () => networkHelpers.loadFixture(deploy),
    /** The same with a breaker that pauses at rung 3. */
    freshPausing: () => networkHelpers.loadFixture(deployPausing),
    act,
    supply,
    borrow,
    repay,
    withdraw,
    configurations,
    frozen,
    paused,
    freeze,
    configure,
    grant,
  };
};
type Rig = { market: Market };
type Grant = 'addRiskAdmin' | 'removeRiskAdmin' | 'addEmergencyAdmin';
type Setter =
  | 'setReserveBorrowing'
  | 'setReserveFreeze'
  | 'setBorrowCap'
  | 'configureReserveAsCollateral';
