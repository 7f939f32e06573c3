import assert from 'node:assert/strict';
import { getAddress, zeroAddress } from 'viem';
import { deployWatchers, EPOCH, foretold, placeRegistry } from './support/committee.ts';
import { openCourt } from './support/court.ts';

const { connection, viem, fresh } = await openCourt();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

describe('deploying a court', () => {
  it('finds what it stands on through its registry', async () => {
    const { court, registry, committee, watchers, judge } = await fresh();
    assert.equal(await court.read.REGISTRY(), getAddress(registry.address));
    assert.equal(await court.read.COMMITTEE(), getAddress(committee.address));
    assert.equal(await court.read.WATCHERS(), getAddress(watchers.address));
    const [first] = await court.read.judges();
    assert.equal(first, getAddress(judge.address));
    assert.equal(await court.read.isSettled(), true);
  });

  it('refuses a registry that names another', async () => {
    const { court, registry } = await fresh();
    const second = viem.deployContract('Court', [registry.address, zeroAddress, []]);
    await reverts(second, court, 'WiredElsewhere', [getAddress(registry.address)]);
  });

  it('refuses Watchers that name another', async () => {
    const { court, token } = await fresh();
    const watchers = await deployWatchers(connection, token.address, { court: court.address });
    const committee = await viem.deployContract('Committee', [watchers.address, EPOCH]);
    const home = await foretold(connection, 2n);
    const registry = await placeRegistry(connection, committee.address, { court: home });
    const strayed = viem.deployContract('Court', [registry.address, zeroAddress, []]);
    await reverts(strayed, court, 'WiredElsewhere', [getAddress(watchers.address)]);
  });

  it('refuses a judge without code', async () => {
    const { court, token } = await fresh();
    // Minting, approving, and the four contracts before it.
    const home = await foretold(connection, 6n);
    const watchers = await deployWatchers(connection, token.address, { court: home });
    const committee = await viem.deployContract('Committee', [watchers.address, EPOCH]);
    const registry = await placeRegistry(connection, committee.address, { court: home });
    const empty = viem.deployContract('Court', [registry.address, zeroAddress, [zeroAddress]]);
    await reverts(empty, court, 'JudgeWithoutCode', [zeroAddress]);
  });
});
