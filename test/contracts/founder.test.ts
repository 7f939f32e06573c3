import assert from 'node:assert/strict';
import hre from 'hardhat';
import { concatHex, type Hex, keccak256, numberToHex, pad } from 'viem';
import { markOf } from '../../node/cli/founding.ts';

const { viem } = await hre.network.create();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

/** Creation code of a contract whose code is the words behind: what a constructor would be told. */
const keeping = (...words: readonly Hex[]): Hex => {
  const size = numberToHex(words.length * 32, { size: 1 });
  // PUSH1 size, DUP1, PUSH1 9, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN.
  return concatHex(['0x60', size, '0x8060093d393df3', ...words]);
};
const word = (hex: Hex) => pad(hex);
const found = async (...codes: readonly Hex[]) =>
  viem.deployContract('Founder', [codes.map((code) => keccak256(code))]);

describe('a founder', () => {
  it('tells each part where the others are, made already or not', async () => {
    const codes = [keeping(word(markOf(1n))), keeping(word('0x07'), word(markOf(0n)))] as const;
    const founder = await found(...codes);
    const client = await viem.getPublicClient();
    const [first, second] = [await founder.read.partAt([0n]), await founder.read.partAt([1n])];
    await emitWithArgs(founder.write.make([codes[0]]), founder, 'Made', [0n, first]);
    await emitWithArgs(founder.write.make([codes[1]]), founder, 'Made', [1n, second]);
    const low = (hex: Hex) => pad(hex.toLowerCase() as Hex);
    assert.equal(await client.getCode({ address: first }), low(second));
    assert.equal(await client.getCode({ address: second }), concatHex([word('0x07'), low(first)]));
  });

  it('takes the codes that it was made for, in their order, each once', async () => {
    const codes = [keeping(word('0x01')), keeping(word('0x02'))] as const;
    const founder = await found(...codes);
    const [one, two] = codes.map((code) => keccak256(code)) as [Hex, Hex];
    await reverts(founder.write.make([codes[1]]), founder, 'CodeMismatch', [0n, one, two]);
    await founder.write.make([codes[0]]);
    await reverts(founder.write.make([codes[0]]), founder, 'CodeMismatch', [1n, two, one]);
    await founder.write.make([codes[1]]);
    await reverts(founder.write.make([codes[1]]), founder, 'AllMade', [2n]);
  });

  it('leaves marks of no part as they are', async () => {
    const code = keeping(word(markOf(1n)));
    const founder = await found(code);
    await founder.write.make([code]);
    const client = await viem.getPublicClient();
    const address = await founder.read.partAt([0n]);
    assert.equal(await client.getCode({ address }), word(markOf(1n)));
  });

  it('throws on what a constructor throws, and can be asked again', async () => {
    // CALLDATASIZE is zero in a constructor; the revert carries 32 bytes of memory.
    const code: Hex = '0x60203dfd';
    const founder = await found(code);
    await assert.rejects(founder.write.make([code]));
    assert.equal(await founder.read.made(), 0n);
  });

  it('has 1 to 16 parts', async () => {
    const founder = await found('0x00');
    for (const count of [0, 17]) {
      const codes = Array.from({ length: count }, () => '0x00' as Hex);
      await reverts(found(...codes), founder, 'PartCount', [BigInt(count)]);
    }
  });
});
