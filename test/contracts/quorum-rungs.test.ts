import assert from 'node:assert/strict';
import hre from 'hardhat';

const { viem } = await hre.network.create();

describe('a rung that there is not', () => {
  for (const rung of [0, 4, 255])
    it(`${rung} has no quorum, whoever signs`, async () => {
      const harness = await viem.deployContract('VectorHarness');
      assert.equal(await harness.read.hasQuorum([rung, 1n, 1n]), false);
      assert.equal(await harness.read.hasQuorum([3, 1n, 1n]), true);
    });
});
