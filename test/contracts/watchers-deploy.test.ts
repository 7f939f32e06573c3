import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress } from 'viem';
import { deployWatchers, settings, TOKEN } from './support/committee.ts';
import { reverts } from './support/revert.ts';
import { openToken, openWatchers } from './support/watchers.ts';

describe('Watchers at construction', () => {
  for (const [what, changed] of [
    ['no smallest stake', { minStake: 0n }],
    ['a largest stake below the smallest', { maxStake: TOKEN - 1n }],
    ['no unit of weight', { weightUnit: 0n }],
    ['weights past 32 bits', { maxStake: 2n ** 32n * TOKEN }],
    ['stakes past 96 bits', { maxStake: 2n ** 96n, weightUnit: 2n ** 70n }],
    ['rosters without life', { rosterLife: 0n }],
    ['certificates without age', { certificateAge: 0n }],
    ['no time for disputes', { disputeWindow: 0n }],
    ['an exit before the last dispute can end', { exitDelay: 10n * 86_400n + 3_599n }],
    ['durations that overflow', { rosterLife: 2n ** 64n - 1n }],
  ] as const)
    it(`refuse ${what}`, async () => {
      const connection = await hre.network.create();
      const token = await connection.viem.deployContract('TestToken');
      const watchers = await deployWatchers(connection, token.address);
      const wrong = { ...settings, ...changed };
      const deployment = deployWatchers(connection, token.address, { given: wrong });
      await reverts(deployment, watchers, 'SettingsInvalid', wrong);
    });

  it('refuse a token without code', async () => {
    const { viem, watchers } = await openWatchers();
    const nobody = getAddress('0x00000000000000000000000000000000DeaDBeef');
    const deployment = viem.deployContract('Watchers', [nobody, settings, nobody]);
    await reverts(deployment, watchers, 'TokenWithoutCode', nobody);
  });

  it('take the shortest exit that outlives every dispute, and tell what they were given', async () => {
    const connection = await hre.network.create();
    const token = await connection.viem.deployContract('TestToken');
    const given = { ...settings, exitDelay: 10n * 86_400n + 3_600n };
    const court = getAddress(token.address);
    const watchers = await deployWatchers(connection, token.address, { given, court });
    assert.deepEqual(await watchers.read.settings(), given);
    assert.equal(await watchers.read.token(), getAddress(token.address));
    assert.equal(await watchers.read.COURT(), court);
  });

  it('try the token on whoever deploys them, and give all of it back', async () => {
    const { connection, operator } = await openToken();
    const token = await connection.viem.deployContract('TestToken');
    const watchers = await deployWatchers(connection, token.address);
    assert.equal(await token.read.balanceOf([operator]), settings.minStake);
    assert.equal(await token.read.balanceOf([watchers.address]), 0n);
    assert.equal(await token.read.allowance([operator, watchers.address]), 0n);
  });

  it('refuse a token that takes a fee', async () => {
    const { connection } = await openToken();
    const token = await connection.viem.deployContract('FeeToken');
    const { minStake } = settings;
    const deployment = deployWatchers(connection, token.address);
    const abi = (await connection.viem.getContractAt('Watchers', token.address)).abi;
    await reverts(deployment, { abi }, 'StakeNotReceived', minStake, (minStake * 99n) / 100n);
  });

  it('refuse a token that answers false', async () => {
    const { connection } = await openToken();
    const token = await connection.viem.deployContract('RefusingToken');
    const deployment = deployWatchers(connection, token.address);
    const abi = (await connection.viem.getContractAt('Watchers', token.address)).abi;
    await reverts(deployment, { abi }, 'SafeERC20FailedOperation', getAddress(token.address));
  });
});
