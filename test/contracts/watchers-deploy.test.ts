import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress } from 'viem';
import { settings, TOKEN } from './support/committee.ts';
import { reverts } from './support/revert.ts';
import { openWatchers } from './support/watchers.ts';

describe('Watchers at construction', () => {
  for (const [what, changed] of [
    ['no smallest stake', { minStake: 0n }],
    ['a largest stake below the smallest', { maxStake: TOKEN - 1n }],
    ['no unit of weight', { weightUnit: 0n }],
    ['weights past 32 bits', { maxStake: 2n ** 32n * TOKEN }],
    ['rosters without life', { rosterLife: 0n }],
    ['certificates without age', { certificateAge: 0n }],
    ['no time for disputes', { disputeWindow: 0n }],
    ['an exit before the last dispute can end', { exitDelay: 10n * 86_400n + 3_599n }],
    ['durations that overflow', { rosterLife: 2n ** 64n - 1n }],
  ] as const)
    it(`refuse ${what}`, async () => {
      const { viem } = await hre.network.create();
      const token = await viem.deployContract('TestToken');
      const watchers = await viem.deployContract('Watchers', [token.address, settings]);
      const wrong = { ...settings, ...changed };
      const deployment = viem.deployContract('Watchers', [token.address, wrong]);
      await reverts(deployment, watchers, 'SettingsInvalid', wrong);
    });

  it('refuse a token without code', async () => {
    const { viem, watchers } = await openWatchers();
    const nobody = getAddress('0x00000000000000000000000000000000DeaDBeef');
    const deployment = viem.deployContract('Watchers', [nobody, settings]);
    await reverts(deployment, watchers, 'TokenWithoutCode', nobody);
  });

  it('take the shortest exit that outlives every dispute, and tell what they were given', async () => {
    const { viem } = await hre.network.create();
    const token = await viem.deployContract('TestToken');
    const shortest = { ...settings, exitDelay: 10n * 86_400n + 3_600n };
    const watchers = await viem.deployContract('Watchers', [token.address, shortest]);
    assert.deepEqual(await watchers.read.settings(), shortest);
    assert.equal(await watchers.read.token(), getAddress(token.address));
  });
});
