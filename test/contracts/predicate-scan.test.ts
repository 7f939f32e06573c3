import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress, type Hex, hexToBytes } from 'viem';
import { impurityOf } from '../../protocol/code-scan.ts';

const { viem, networkHelpers } = await hre.network.create();
const probes = await viem.deployContract('Probes');
const ACCOUNT: Hex = '0x00000000000000000000000000000000000c0de5';
const ACCOUNT_CHECKSUM = getAddress(ACCOUNT);
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

const hex = (opcode: number) => opcode.toString(16).padStart(2, '0');
const scan = async (code: Hex) => {
  await networkHelpers.setCode(ACCOUNT, code);
  return probes.read.requirePure([ACCOUNT]);
};
const named: Record<string, number> = {
  CLZ: 0x1e,
  ADDRESS: 0x30,
  BALANCE: 0x31,
  ORIGIN: 0x32,
  CALLER: 0x33,
  GASPRICE: 0x3a,
  EXTCODESIZE: 0x3b,
  EXTCODECOPY: 0x3c,
  EXTCODEHASH: 0x3f,
  BLOCKHASH: 0x40,
  COINBASE: 0x41,
  TIMESTAMP: 0x42,
  NUMBER: 0x43,
  PREVRANDAO: 0x44,
  GASLIMIT: 0x45,
  CHAINID: 0x46,
  SELFBALANCE: 0x47,
  BASEFEE: 0x48,
  BLOBHASH: 0x49,
  BLOBBASEFEE: 0x4a,
  SLOAD: 0x54,
  SSTORE: 0x55,
  GAS: 0x5a,
  TLOAD: 0x5c,
  TSTORE: 0x5d,
  LOG0: 0xa0,
  LOG4: 0xa4,
  CREATE: 0xf0,
  CALL: 0xf1,
  CALLCODE: 0xf2,
  DELEGATECALL: 0xf4,
  CREATE2: 0xf5,
  STATICCALL: 0xfa,
  SELFDESTRUCT: 0xff,
};

describe('the scan of predicates', () => {
  for (const name of ['FeedBound', 'SharePriceFall'])
    it(`takes ${name} as the compiler made it`, async () => {
      const predicate = await viem.deployContract(name);
      await probes.read.requirePure([predicate.address]);
    });

  for (const [name, opcode] of Object.entries(named))
    it(`refuses ${name}`, async () => {
      await reverts(scan(`0x6000${hex(opcode)}`), probes, 'PredicateImpure', [
        ACCOUNT_CHECKSUM,
        2n,
        opcode,
      ]);
    });

  it('refuses an account without code, or with more than 8192 bytes', async () => {
    await reverts(scan('0x'), probes, 'PredicateSize', [ACCOUNT_CHECKSUM, 0n, 8192n]);
    await scan(`0x${'5b'.repeat(8192)}`);
    await reverts(scan(`0x${'5b'.repeat(8193)}`), probes, 'PredicateSize', [
      ACCOUNT_CHECKSUM,
      8193n,
      8192n,
    ]);
  });

  it('refuses a compiled function that reads the clock', async () => {
    const impure = await viem.deployContract('Impure');
    const client = await viem.getPublicClient();
    const code = (await client.getCode({ address: impure.address })) ?? '0x';
    const found = impurityOf('predicate', hexToBytes(code));
    assert.ok(found !== null);
    await reverts(probes.read.requirePure([impure.address]), probes, 'PredicateImpure', [
      getAddress(impure.address),
      BigInt(found.offset),
      found.opcode,
    ]);
  });

  it('fits the largest predicate into a transaction several times', async () => {
    await networkHelpers.setCode(ACCOUNT, `0x${'5b'.repeat(8192)}`);
    const gas = await (await viem.getPublicClient()).estimateContractGas({
      address: probes.address,
      abi: probes.abi,
      functionName: 'requirePure',
      args: [ACCOUNT],
    });
    assert.ok(gas < 3_000_000n, `${gas}`);
  });
});
