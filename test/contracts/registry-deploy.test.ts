import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress, getContractAddress, zeroAddress } from 'viem';
import { placeRegistry } from './support/committee.ts';
import { deployRegistry, UNKNOWN } from './support/registry.ts';

const connection = await hre.network.create();
const { viem, networkHelpers } = connection;
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;
const deploy = () => deployRegistry(connection);
const fresh = () => networkHelpers.loadFixture(deploy);

describe('deploying a registry', () => {
  it('needs a committee', async () => {
    const { registry } = await fresh();
    const call = placeRegistry(connection, zeroAddress);
    await reverts(call, registry, 'CommitteeWithoutCode', [zeroAddress]);
  });

  it('makes its hub, whose address follows from its own, and names its court and prover', async () => {
    const { registry, hub, court, prover } = await fresh();
    const made = getContractAddress({ from: registry.address, nonce: 1n });
    assert.equal(getAddress(hub.address), made);
    assert.equal(await registry.read.COURT(), getAddress(court.address));
    assert.equal(await registry.read.PROVER(), getAddress(prover.address));
    assert.equal(await hub.read.REGISTRY(), getAddress(registry.address));
  });

  it('fits the size a contract may have', async () => {
    const { registry, client } = await fresh();
    const code = await client.getCode({ address: registry.address });
    assert.ok(code && (code.length - 2) / 2 <= 24_576, `${((code?.length ?? 2) - 2) / 2}`);
  });

  it('is asked about a coverage it does not have', async () => {
    const { registry } = await fresh();
    await reverts(registry.read.coverage([UNKNOWN]), registry, 'CoverageUnknown', [UNKNOWN]);
  });
});
