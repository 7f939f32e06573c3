import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress, type Hex } from 'viem';
import { readVectors } from '../vectors/read.ts';
import type { codeScan } from '../vectors/scan-vectors.ts';

const { viem, networkHelpers } = await hre.network.create();
const probes = await viem.deployContract('Probes');
const ACCOUNT = getAddress('0x00000000000000000000000000000000000c0de5');
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;
const vectors = readVectors<ReturnType<typeof codeScan>>('code-scan');

const scans = {
  predicate: { read: () => probes.read.requirePure([ACCOUNT]), error: 'PredicateImpure' },
  sentinel: { read: () => probes.read.requireRepeatable([ACCOUNT]), error: 'SentinelImpure' },
} as const;

describe('the scans of code', () => {
  for (const kind of ['predicate', 'sentinel'] as const)
    it(`take of a ${kind} what the vectors say, and name what they do not`, async () => {
      const { read, error } = scans[kind];
      for (const { name, code, allowed } of vectors[kind]) {
        await networkHelpers.setCode(ACCOUNT, code);
        if (allowed === true) await assert.doesNotReject(read(), name);
        else
          await reverts(read(), probes, error, [ACCOUNT, BigInt(allowed.offset), allowed.opcode]);
      }
    });
});

describe('the scan of sentinels', () => {
  const scan = async (code: Hex) => {
    await networkHelpers.setCode(ACCOUNT, code);
    return scans.sentinel.read();
  };

  it('refuses an account without code, or with more than a contract may have', async () => {
    await reverts(scan('0x'), probes, 'SentinelSize', [ACCOUNT, 0n, 24_576n]);
    await reverts(scan(`0x${'5b'.repeat(24_577)}`), probes, 'SentinelSize', [
      ACCOUNT,
      24_577n,
      24_576n,
    ]);
  });

  it('fits the largest contract into a transaction', async () => {
    await networkHelpers.setCode(ACCOUNT, `0x${'5b'.repeat(24_576)}`);
    const gas = await (await viem.getPublicClient()).estimateContractGas({
      address: probes.address,
      abi: probes.abi,
      functionName: 'requireRepeatable',
      args: [ACCOUNT],
    });
    assert.ok(gas < 8_000_000n, `${gas}`);
  });
});
