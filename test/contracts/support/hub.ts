import hre from 'hardhat';
import type { Wallet } from './registry.ts';

/** Classes as the hub takes them. */
export const CLASS = { A: 1, B: 2, C: 3 } as const;

/** A million for the target, of which a call is given 63/64, and what is done around it. */
const NEEDED = (1_250_000n * 64n) / 63n + 20_000n;

/** What `GasShort` says of a call that was given this much. */
export const shortOf = (gas: bigint): [(left: bigint) => boolean, bigint] => [
  (left) => left < gas,
  NEEDED,
];

/** A hub whose registry is an ordinary account, an ordinary target and one that misbehaves. */
export const openHub = async () => {
  const { viem, networkHelpers } = await hre.network.create();
  const [registry, stranger] = (await viem.getWalletClients()) as [Wallet, Wallet];
  const deploy = async () => {
    const hub = await viem.deployContract('BreakerHub');
    const [target, hostile] = [
      await viem.deployContract('GuardedSample', [hub.address, registry.account.address]),
      await viem.deployContract('HostileTarget', [hub.address, registry.account.address]),
    ];
    await hub.write.enrol([target.address]);
    await hub.write.enrol([hostile.address]);
    return { hub, target, hostile };
  };
  return {
    viem,
    networkHelpers,
    registry,
    stranger,
    fresh: () => networkHelpers.loadFixture(deploy),
  };
};
