import assert from 'node:assert/strict';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import hre from 'hardhat';
import {
  type Address,
  concatHex,
  encodeFunctionData,
  getAddress,
  type Hex,
  sha256,
  toHex,
} from 'viem';
import { hexOfWords, keyAt, mapG1, oppositeOf, wordsG1, wordsG2 } from './support/bls.ts';
import { deployCommittee, deployWatchers, EPOCH, settings } from './support/committee.ts';
import { reverts } from './support/revert.ts';
import { outsideSubgroupG1, outsideSubgroupG2 } from './support/subgroup.ts';

const { G1, G2 } = bls12_381;
const g1 = hexOfWords(wordsG1(G1.Point.BASE));
const g2 = hexOfWords(wordsG2(G2.Point.BASE));
const P = bls12_381.fields.Fp.ORDER;
const precompile = (number: number): Address =>
  getAddress(`0x${number.toString(16).padStart(40, '0')}`);
const word = (value: bigint): Hex => toHex(value, { size: 32 });
const element = (value: bigint): Hex => toHex(value, { size: 64 });
const modexp = (base: bigint): Hex =>
  concatHex([word(64n), word(1n), word(64n), element(base), '0x01', element(P)]);
/** Code that answers the same to every call: CODECOPY of what follows these 13 bytes, then RETURN. */
const answering = (answer: Hex): Hex => {
  const size = toHex((answer.length - 2) / 2, { size: 2 });
  return concatHex(['0x61', size, '0x600d5f3961', size, '0x5ff300', answer]);
};
const inputs = [
  ['g1Add', 0x0b, concatHex([g1, g1])],
  ['g1Mul', 0x0c, concatHex([g1, word(2n)])],
  ['g2Add', 0x0d, concatHex([g2, g2])],
  ['pairsToOne', 0x0f, concatHex([g1, g2, g1, g2])],
  ['mapToG1', 0x10, element(1n)],
] as const;

describe('Bls', () => {
  it('adds in G1 and G2, multiplies in G1 and maps to G1 as noble does', async () => {
    const { viem } = await hre.network.create();
    const bls = await viem.deployContract('BlsHarness');
    const [a, b] = [G1.Point.BASE.multiply(7n), G1.Point.BASE.multiply(11n)];
    const [c, d] = [keyAt(0).point, keyAt(1).point];
    const hex1 = (point: typeof a) => hexOfWords(wordsG1(point));
    const hex2 = (point: typeof c) => hexOfWords(wordsG2(point));
    const table = [
      [await bls.read.g1Add([concatHex([hex1(a), hex1(b)])]), hex1(a.add(b))],
      [await bls.read.g1Mul([concatHex([hex1(a), word(9n)])]), hex1(a.multiply(9n))],
      [await bls.read.g2Add([concatHex([hex2(c), hex2(d)])]), hex2(c.add(d))],
      [await bls.read.g2Add([concatHex([hex2(c), hex2(c.negate())])]), hex2(G2.Point.ZERO)],
      [await bls.read.mapToG1([element(5n)]), mapG1(5n)],
      [await bls.read.negateG2([hex2(c)]), hex2(c.negate())],
      [await bls.read.negateG2([hex2(G2.Point.ZERO)]), hex2(G2.Point.ZERO)],
      [await bls.read.generatorG2([false]), g2],
      [await bls.read.generatorG2([true]), hex2(G2.Point.BASE.negate())],
      [await bls.read.sha256At([g1]), sha256(g1)],
      [await bls.read.reduce([modexp(P * 3n + 5n)]), element(5n)],
    ] as const;
    for (const [found, expected] of table) assert.equal(found, expected);
  });

  it('multiplies pairings to one only when they cancel', async () => {
    const { viem } = await hre.network.create();
    const bls = await viem.deployContract('BlsHarness');
    const negated = hexOfWords(wordsG2(G2.Point.BASE.negate()));
    assert.equal(await bls.read.pairsToOne([concatHex([g1, g2, g1, negated])]), true);
    assert.equal(await bls.read.pairsToOne([concatHex([g1, g2, g1, g2])]), false);
  });

  it('knows that a sum of opposite keys is infinity', () => {
    const key = keyAt(0);
    assert.ok(key.point.add(oppositeOf(key).point).is0());
  });

  for (const [name, number, input] of inputs)
    it(`refuses the empty success of a chain without the precompile of ${name}`, async () => {
      const { viem } = await hre.network.create({ override: { hardfork: 'cancun' } });
      const bls = await viem.deployContract('BlsHarness');
      await reverts(bls.read[name]([input]), bls, 'PrecompileFailed', precompile(number));
    });

  it('refuses an answer of any other length, from any address', async () => {
    const { viem } = await hre.network.create();
    const bls = await viem.deployContract('BlsHarness');
    const identity = precompile(4);
    const nobody = getAddress('0x00000000000000000000000000000000DeaDBeef');
    assert.equal(await bls.read.run([identity, 1_000n, word(7n), 32n]), word(7n));
    for (const size of [31n, 33n, 64n])
      await reverts(
        bls.read.run([identity, 1_000n, word(7n), size]),
        bls,
        'PrecompileFailed',
        identity,
      );
    await reverts(bls.read.run([nobody, 1_000n, word(7n), 32n]), bls, 'PrecompileFailed', nobody);
  });

  it('adds points outside the subgroup, which the pairing and the multiplication refuse', async () => {
    const { viem } = await hre.network.create();
    const bls = await viem.deployContract('BlsHarness');
    const strange1 = hexOfWords(outsideSubgroupG1());
    const strange2 = hexOfWords(outsideSubgroupG2());
    await bls.read.g1Add([concatHex([strange1, g1])]);
    await bls.read.g2Add([concatHex([strange2, g2])]);
    const refused = [
      bls.read.pairsToOne([concatHex([strange1, g2, g1, g2])]),
      bls.read.pairsToOne([concatHex([g1, strange2, g1, g2])]),
    ];
    for (const call of refused) await reverts(call, bls, 'PrecompileFailed', precompile(0x0f));
    const multiplied = bls.read.g1Mul([concatHex([strange1, word(2n)])]);
    await reverts(multiplied, bls, 'PrecompileFailed', precompile(0x0c));
  });

  it('refuses Fp2 in the serialised order c1, c0', async () => {
    const { viem } = await hre.network.create();
    const bls = await viem.deployContract('BlsHarness');
    const [a, b, c, d, e, f, g, h] = wordsG2(G2.Point.BASE);
    const swapped = hexOfWords([c, d, a, b, g, h, e, f]);
    const call = bls.read.g2Add([concatHex([swapped, g2])]);
    await reverts(call, bls, 'PrecompileFailed', precompile(0x0d));
  });

  it('hands a precompile no more than its bound, so that bad input cannot burn a whole transaction', async () => {
    const { viem } = await hre.network.create({ override: { throwOnTransactionFailures: false } });
    const bls = await viem.deployContract('BlsHarness');
    const [wallet] = await viem.getWalletClients();
    const client = await viem.getPublicClient();
    assert.ok(wallet);
    for (const [name, , input] of inputs) {
      const garbage = `0x${'ff'.repeat((input.length - 2) / 2)}` as Hex;
      const call = encodeFunctionData({ abi: bls.abi, functionName: name, args: [garbage] });
      const hash = await wallet.sendTransaction({ to: bls.address, data: call, gas: 10_000_000n });
      const receipt = await client.waitForTransactionReceipt({ hash });
      assert.equal(receipt.status, 'reverted', name);
      assert.ok(receipt.gasUsed < 300_000n, `${name} burnt ${receipt.gasUsed}`);
    }
  });

  it('passes its known answers where EIP-2537 is in force', async () => {
    for (const hardfork of ['prague', 'osaka']) {
      const { viem } = await hre.network.create({ override: { hardfork } });
      await (await viem.deployContract('BlsHarness')).read.requirePrecompiles();
      await viem.deployContract('QuorumVerifier');
    }
  });

  it('names the first precompile whose answer is wrong', async () => {
    const { viem, networkHelpers } = await hre.network.create({ override: { hardfork: 'cancun' } });
    const bls = await viem.deployContract('BlsHarness');
    const twice = hexOfWords(wordsG1(G1.Point.BASE.double()));
    const answers = [
      [0x0b, twice],
      [0x0c, twice],
      [0x0d, hexOfWords(wordsG2(G2.Point.BASE.double()))],
      [0x10, mapG1(1n)],
      [0x0f, word(1n)],
    ] as const;
    for (const [number, answer] of answers) {
      const address = precompile(number);
      const zeros = `0x${'00'.repeat((answer.length - 2) / 2)}` as Hex;
      await networkHelpers.setCode(address, answering(zeros));
      await reverts(bls.read.requirePrecompiles(), bls, 'PrecompileFailed', address);
      await networkHelpers.setCode(address, answering(answer));
    }
    // A pairing that holds for everything.
    await reverts(bls.read.requirePrecompiles(), bls, 'PrecompileFailed', precompile(0x0f));
  });

  it('keeps every contract that verifies off a chain without the precompiles', async () => {
    const connection = await hre.network.create({ override: { hardfork: 'cancun' } });
    const { viem } = connection;
    const bls = await viem.deployContract('BlsHarness');
    const token = await viem.deployContract('TestToken');
    const fake = await viem.deployContract('FakeWatchers', [settings.rosterLife]);
    const missing = precompile(0x0b);
    await reverts(bls.read.requirePrecompiles(), bls, 'PrecompileFailed', missing);
    const deployments = [
      () => viem.deployContract('QuorumVerifier'),
      () => deployWatchers(connection, token.address),
      () => viem.deployContract('Committee', [fake.address, EPOCH]),
      () => deployCommittee(connection),
    ];
    for (const deploy of deployments) await reverts(deploy(), bls, 'PrecompileFailed', missing);
  });
});
