import assert from 'node:assert/strict';
import { getAddress } from 'viem';
import { EPOCH } from './support/committee.ts';
import { reverts } from './support/revert.ts';
import { openCommittee } from './support/weighed-committee.ts';

describe('Committee at construction', () => {
  it('starts its first epoch at once', async () => {
    const { committee, networkHelpers, watchers } = await openCommittee();
    const genesis = await committee.read.GENESIS();
    assert.equal(genesis, BigInt(await networkHelpers.time.latest()));
    assert.equal(await committee.read.EPOCH_LENGTH(), EPOCH);
    assert.equal(await committee.read.WATCHERS(), getAddress(watchers.address));
    for (const [timestamp, epoch] of [
      [genesis - 1n, 0n],
      [genesis, 1n],
      [genesis + EPOCH - 1n, 1n],
      [genesis + EPOCH, 2n],
      [genesis + 9n * EPOCH, 10n],
    ] as const)
      assert.equal(await committee.read.epochAt([timestamp]), epoch);
  });

  it('refuses an epoch without length and watchers without code', async () => {
    const { viem, committee, watchers } = await openCommittee();
    const nobody = getAddress('0x00000000000000000000000000000000DeaDBeef');
    const timeless = viem.deployContract('Committee', [watchers.address, 0n]);
    await reverts(timeless, committee, 'EpochLengthIsZero');
    const orphan = viem.deployContract('Committee', [nobody, EPOCH]);
    await reverts(orphan, committee, 'WatchersWithoutCode', nobody);
  });
});
