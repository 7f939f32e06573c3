import hre from 'hardhat';
import { type Address, numberToHex } from 'viem';
import type { Settings } from './outflow-model.ts';
import type { Wallet } from './registry.ts';

/** Longer than any test. */
export const FAR = 2n ** 40n;
/** What may leave where nothing is bounded. */
export const MAX = 2n ** 256n - 1n;
export const DAY = 86_400;
export const token = numberToHex(0xa, { size: 20 });
export const [alice, bob, carol] = [1, 2, 3].map((id) => numberToHex(id, { size: 20 })) as [
  Address,
  Address,
  Address,
];

/** A chain on which purses with a limiter are made; time stands still there unless a test moves it. */
export async function createPurses() {
  const { viem, networkHelpers } = await hre.network.create({
    override: { allowBlocksWithSameTimestamp: true },
  });
  const { time } = networkHelpers;
  const [hub] = (await viem.getWalletClients()) as [Wallet];

  const deploy = (settings: Settings) =>
    viem.deployContract('LimitedPurse', [hub.account.address, settings]);
  type Purse = Awaited<ReturnType<typeof deploy>>;
  const left = async (purse: Purse, account: Address, of: Address = token) =>
    (await purse.read.outflowLeft([of, account]))[0];
  const refused = (purse: Purse, account: Address, asked: bigint, allowed: bigint) =>
    viem.assertions.revertWithCustomErrorWithArgs(
      purse.write.take([token, account, asked]),
      purse,
      'OutflowLimited',
      [token, account, asked, allowed],
    );
  const at = async (timestamp: number) => {
    await time.setNextBlockTimestamp(timestamp);
    await networkHelpers.mine();
  };

  return { assertions: viem.assertions, time, deploy, left, refused, at };
}
