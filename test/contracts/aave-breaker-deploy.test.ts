import assert from 'node:assert/strict';
import { getAddress } from 'viem';
import { LTV_SHARE_BPS, openAave } from './support/aave.ts';

const { viem, guardian, user, fresh } = await openAave();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

describe('the breaker of an Aave v3 market', () => {
  it('names its hub, guardian, market and reserves', async () => {
    const { breaker, hub, market } = await fresh();
    assert.equal(await breaker.read.hub(), getAddress(hub.address));
    assert.equal(await breaker.read.guardian(), getAddress(guardian.account.address));
    assert.equal(await breaker.read.PROVIDER(), getAddress(market.provider));
    assert.deepEqual(
      await breaker.read.assets(),
      market.reserves.map(({ token }) => getAddress(token)),
    );
    assert.equal(await breaker.read.rung(), 0);
  });

  for (const count of [0, 9])
    it(`does not guard ${count} reserves`, async () => {
      const { hub, market, usdc } = await fresh();
      const assets = Array(count).fill(usdc.token);
      const probe = await viem.deployContract('AaveV3Breaker', [
        hub.address,
        guardian.account.address,
        market.provider,
        [usdc.token],
        LTV_SHARE_BPS,
        false,
      ]);
      const call = viem.deployContract('AaveV3Breaker', [
        hub.address,
        guardian.account.address,
        market.provider,
        assets,
        LTV_SHARE_BPS,
        false,
      ]);
      await reverts(call as never, probe, 'AssetCount', [BigInt(count), 8n]);
    });

  it('takes no provider without code', async () => {
    const { hub, breaker, usdc } = await fresh();
    const stranger = getAddress(user.account.address);
    const call = viem.deployContract('AaveV3Breaker', [
      hub.address,
      guardian.account.address,
      stranger,
      [usdc.token],
      LTV_SHARE_BPS,
      false,
    ]);
    await reverts(call as never, breaker, 'ProviderWithoutCode', [stranger]);
  });

  it('guards only reserves the market lists', async () => {
    const { hub, market, breaker } = await fresh();
    const stranger = getAddress(user.account.address);
    const call = viem.deployContract('AaveV3Breaker', [
      hub.address,
      guardian.account.address,
      market.provider,
      [stranger],
      LTV_SHARE_BPS,
      false,
    ]);
    await reverts(call as never, breaker, 'AssetUnlisted', [stranger]);
  });

  for (const bps of [0n, 10_001n])
    it(`does not leave a reserve ${bps} basis points of its loan-to-value`, async () => {
      const { hub, market, breaker, usdc } = await fresh();
      const call = viem.deployContract('AaveV3Breaker', [
        hub.address,
        guardian.account.address,
        market.provider,
        [usdc.token],
        bps,
        false,
      ]);
      await reverts(call as never, breaker, 'LtvShareInvalid', [bps]);
    });
});
