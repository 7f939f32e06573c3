import assert from 'node:assert/strict';
import { zeroAddress } from 'viem';
import { openRegistry } from './support/coverage.ts';
import { asOwner, trip } from './support/registry.ts';

const { covered } = await openRegistry();

describe('a target that no longer says who guards it', () => {
  it('keeps its owner from nothing', async () => {
    const rig = await covered();
    await trip(rig, rig.id);
    await rig.target.write.appoint([zeroAddress]);
    await rig.registry.write.end([rig.id], asOwner(rig));
    assert.equal(await rig.target.read.rung(), 0);
    assert.equal(await rig.registry.read.nonce(), 1n);
  });
});
