import assert from 'node:assert/strict';
import hre from 'hardhat';
import { type Hex, zeroHash } from 'viem';

const { viem, networkHelpers } = await hre.network.create();
const client = await viem.getPublicClient();
const probes = await viem.deployContract('Probes');
const HISTORY: Hex = '0x0000F90827F1C53a10cb7A02335B175320002935';
/** Answers every question with one word. */
const answering = (word: string): Hex => `0x7f${word}5f5260205ff3`;

describe('the hash of a past block', () => {
  before(() => networkHelpers.mine(300));

  it('comes from the opcode while it knows', async () => {
    const head = await client.getBlockNumber();
    for (const height of [head - 1n, head - 200n]) {
      const { hash } = await client.getBlock({ blockNumber: height });
      assert.equal(await probes.read.blockHash([height]), hash);
    }
  });

  it('is unknown for blocks to come, and for old ones on a chain without EIP-2935', async () => {
    await networkHelpers.setCode(HISTORY, '0x5f5ffd');
    assert.equal(await probes.read.blockHash([10n ** 6n]), zeroHash);
    assert.equal(await probes.read.blockHash([1n]), zeroHash);
    await networkHelpers.setCode(HISTORY, '0x');
    assert.equal(await probes.read.blockHash([1n]), zeroHash);
  });

  it('comes from the state that EIP-2935 keeps once the opcode has forgotten', async () => {
    await networkHelpers.setCode(HISTORY, answering('ab'.repeat(32)));
    assert.equal(await probes.read.blockHash([1n]), `0x${'ab'.repeat(32)}`);
    const head = await client.getBlockNumber();
    const { hash } = await client.getBlock({ blockNumber: head - 1n });
    assert.equal(await probes.read.blockHash([head - 1n]), hash);
  });

  it('is unknown when the answer is not one word', async () => {
    await networkHelpers.setCode(HISTORY, '0x60405ff3');
    assert.equal(await probes.read.blockHash([1n]), zeroHash);
  });
});
