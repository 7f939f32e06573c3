import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress, getContractAddress, zeroAddress } from 'viem';
import { deployRegistry } from './support/registry.ts';

const connection = await hre.network.create();
const { networkHelpers } = connection;
const deploy = () => deployRegistry(connection);
const fresh = () => networkHelpers.loadFixture(deploy);

describe('deploying a registry', () => {
  it('needs a committee', async () => {
    const { viem } = connection;
    const { registry } = await fresh();
    await viem.assertions.revertWithCustomErrorWithArgs(
      viem.deployContract('Registry', [zeroAddress, 0n, zeroAddress]),
      registry,
      'CommitteeWithoutCode',
      [zeroAddress],
    );
  });

  it('makes its hub, whose address follows from its own, and names its court', async () => {
    const { registry, hub, court } = await fresh();
    const made = getContractAddress({ from: registry.address, nonce: 1n });
    assert.equal(getAddress(hub.address), made);
    assert.equal(await registry.read.COURT(), getAddress(court.address));
    assert.equal(await hub.read.REGISTRY(), getAddress(registry.address));
  });

  it('fits the size a contract may have', async () => {
    const { registry, client } = await fresh();
    const code = await client.getCode({ address: registry.address });
    assert.ok(code && (code.length - 2) / 2 <= 24_576, `${((code?.length ?? 2) - 2) / 2}`);
  });

  it('is asked about a coverage it does not have', async () => {
    const { registry } = await fresh();
    const { viem } = connection;
    const unknown = `0x${'11'.repeat(32)}` as const;
    await viem.assertions.revertWithCustomErrorWithArgs(
      registry.read.coverage([unknown]),
      registry,
      'CoverageUnknown',
      [unknown],
    );
  });
});
