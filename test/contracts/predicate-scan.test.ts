import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress, type Hex, hexToBytes } from 'viem';

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
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** What a pure computation may use; everything else, known or not yet known, is refused. */
const pure = new Set([
  ...range(0x00, 0x0b),
  ...range(0x10, 0x1e),
  0x20,
  ...range(0x34, 0x39),
  ...range(0x50, 0x53),
  0x56,
  0x57,
  0x5b,
  0x5e,
  ...range(0x5f, 0x7f),
  ...range(0x80, 0x9f),
  0xf3,
  0xfd,
  0xfe,
]);
const named: Record<string, number> = {
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

  it('decides every one of the 256 opcodes', async () => {
    for (const opcode of range(0, 255)) {
      if (pure.has(opcode)) await scan(`0x${hex(opcode)}`);
      else
        await reverts(scan(`0x${hex(opcode)}`), probes, 'PredicateImpure', [
          ACCOUNT_CHECKSUM,
          0n,
          opcode,
        ]);
    }
  });

  for (const size of [1, 2, 31, 32])
    it(`does not take what PUSH${size} pushes for opcodes, but what follows it`, async () => {
      const push = `${hex(0x5f + size)}${'54'.repeat(size)}` as const;
      await scan(`0x${push}50`);
      await reverts(scan(`0x${push}54`), probes, 'PredicateImpure', [
        ACCOUNT_CHECKSUM,
        BigInt(size + 1),
        0x54,
      ]);
    });

  it('reads a push cut off by the end of the code as the EVM does', async () => {
    await scan('0x5b7f54');
    await scan('0x60');
  });

  it('takes PUSH0 to push nothing', async () => {
    await reverts(scan('0x5f54'), probes, 'PredicateImpure', [ACCOUNT_CHECKSUM, 1n, 0x54]);
  });

  it('looks at code after a stop, which a jump can reach', async () => {
    await reverts(scan('0x6003565b005b54'), probes, 'PredicateImpure', [
      ACCOUNT_CHECKSUM,
      6n,
      0x54,
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

  it('refuses an account that delegates its code', async () => {
    await reverts(scan(`0xef0100${'11'.repeat(20)}`), probes, 'PredicateImpure', [
      ACCOUNT_CHECKSUM,
      0n,
      0xef,
    ]);
  });

  it('refuses a compiled function that reads the clock', async () => {
    const impure = await viem.deployContract('Impure');
    const client = await viem.getPublicClient();
    const code = (await client.getCode({ address: impure.address })) ?? '0x';
    await reverts(probes.read.requirePure([impure.address]), probes, 'PredicateImpure', [
      getAddress(impure.address),
      ...firstImpure(code),
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

/** Offset and opcode of the first instruction that is not pure. */
const firstImpure = (code: Hex): [bigint, number] => {
  const bytes = hexToBytes(code);
  for (let offset = 0; offset < bytes.length; ++offset) {
    const opcode = bytes[offset] ?? 0;
    if (!pure.has(opcode)) return [BigInt(offset), opcode];
    if (opcode >= 0x60 && opcode <= 0x7f) offset += opcode - 0x5f;
  }
  return assert.fail('all of it is pure');
};
