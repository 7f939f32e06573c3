import assert from 'node:assert/strict';
import hre from 'hardhat';
import { maxUint256, numberToHex } from 'viem';
import type { Wallet } from './support/registry.ts';

const { viem, networkHelpers } = await hre.network.create();
const [hub, user, thief] = (await viem.getWalletClients()) as [Wallet, Wallet, Wallet];
const client = await viem.getPublicClient();
const { revertWithCustomError: reverts } = viem.assertions;

const DAY = 86_400;
const HELD = 10_000_000n * 10n ** 6n;
const armed = { period: DAY, calmBps: 2_000, trippedBps: 500, accountBps: 10_000 };

/** A vault with a user's money of more than a period's age in it, and a thief's contract with as much as it likes. */
const open = (settings: typeof armed) => async () => {
  const token = await viem.deployContract('Token', ['Dollars', 'USD', 6]);
  const vault = await viem.deployContract('LeakyVault', [
    hub.account.address,
    hub.account.address,
    token.address,
    settings,
  ]);
  const drainer = await viem.deployContract('VaultDrainer', [vault.address], {
    client: { wallet: thief },
  });
  await token.write.mint([user.account.address, HELD]);
  await token.write.approve([vault.address, maxUint256], { account: user.account });
  await vault.write.deposit([HELD], { account: user.account });
  await networkHelpers.time.increase(DAY);
  return { token, vault, drainer };
};
const openArmed = open(armed);
const openCalm = open({ ...armed, calmBps: 10_000 });
type Rig = Awaited<ReturnType<typeof openArmed>>;

/** Strikes with money brought for it; null when it reverts. */
const strike = async ({ token, drainer }: Rig, assets: bigint, times: bigint) => {
  await token.write.mint([drainer.address, assets]);
  const before = await token.read.balanceOf([drainer.address]);
  const hash = await drainer.write
    .strike([assets, times], { account: thief.account, gas: 10_000_000n })
    .catch(() => null);
  if (hash !== null) await client.waitForTransactionReceipt({ hash });
  return hash === null ? null : (await token.read.balanceOf([drainer.address])) - before;
};

/** The largest gain of one transaction that the vault lets out, over all stakes, for a number of redemptions. */
const greatest = async (rig: Rig, times: bigint) => {
  let [low, high] = [1n, HELD * 4n];
  const gains = async (assets: bigint) => {
    const snapshot = await networkHelpers.takeSnapshot();
    const gain = await strike(rig, assets, times);
    await snapshot.restore();
    return gain;
  };
  while (high - low > 10n ** 6n) {
    const middle = (low + high) / 2n;
    if ((await gains(middle)) === null) high = middle;
    else low = middle;
  }
  return low;
};

describe('a leaky vault behind its limiter', () => {
  it('keeps total assets in slot 1 and total shares in slot 2, which rules name', async () => {
    const { vault } = await openArmed();
    for (const slot of [1, 2]) {
      const found = await client.getStorageAt({ address: vault.address, slot: numberToHex(slot) });
      assert.equal(BigInt(found ?? '0x'), HELD);
    }
  });

  it('unarmed, one transaction takes more than half of it', async () => {
    const rig = await openCalm();
    await strike(rig, HELD, 12n);
    assert.ok((await rig.vault.read.totalAssets()) < HELD / 2n);
  });

  for (const times of [2n, 3n, 8n])
    it(`armed in advance, keeps four fifths of it against the best atomic drain of ${times} redemptions`, async () => {
      const rig = await openArmed();
      const gain = await strike(rig, await greatest(rig, times), times);
      assert.ok(gain !== null && gain > HELD / 10n, `${gain}`);
      const kept = await rig.vault.read.totalAssets();
      assert.ok(kept * 10_000n >= HELD * 8_000n, `${(kept * 10_000n) / HELD} basis points`);
      assert.equal(await rig.token.read.balanceOf([rig.vault.address]), kept);
    });

  it('gives no more to a thief who strikes again and again, from many contracts', async () => {
    const rig = await openArmed();
    const start = await networkHelpers.time.latest();
    for (let size = HELD; size > HELD / 1_000n; size /= 2n)
      for (let turn = 0; turn < 2; turn++) {
        const drainer = await viem.deployContract('VaultDrainer', [rig.vault.address], {
          client: { wallet: thief },
        });
        await strike({ ...rig, drainer }, size, 2n);
      }
    const elapsed = BigInt((await networkHelpers.time.latest()) - start);
    const kept = await rig.vault.read.totalAssets();
    assert.ok(kept >= HELD - (HELD / 5n) * (1n + elapsed / BigInt(DAY)) - HELD / 1_000n);
    assert.ok(kept < (HELD * 85n) / 100n);
  });

  it('pays a user later what it cannot pay now', async () => {
    const { vault, token } = await openArmed();
    const redeem = (shares: bigint) =>
      vault.write.redeem([shares, user.account.address], { account: user.account });
    await reverts(redeem(HELD / 2n), vault, 'OutflowLimited');
    await redeem(HELD / 5n);
    await networkHelpers.time.increase(DAY);
    await redeem((HELD * 16n) / 100n);
    assert.equal(await token.read.balanceOf([user.account.address]), (HELD * 36n) / 100n);
  });

  it('limits at rung 2 and stops at rung 3', async () => {
    const { vault } = await openCalm();
    const redeem = (shares: bigint) =>
      vault.write.redeem([shares, user.account.address], { account: user.account });
    const until = 2n ** 40n;
    await vault.write.trip([2, until]);
    await reverts(redeem(HELD / 10n), vault, 'OutflowLimited');
    await redeem(HELD / 25n);
    await vault.write.trip([3, until]);
    await reverts(redeem(1n), vault, 'Stopped');
    for (const rung of [2, 3]) await vault.write.release([rung]);
    await redeem(HELD / 2n);
  });
});
