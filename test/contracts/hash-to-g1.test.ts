import assert from 'node:assert/strict';
import fc from 'fast-check';
import hre from 'hardhat';
import { type Hex, stringToBytes, toHex } from 'viem';
import { hashG1 } from './support/bls.ts';
import { reverts } from './support/revert.ts';

const RFC_TAG = 'QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_';
const EXPANDER_TAG = 'QUUX-V01-CS02-with-expander-SHA256-128';
const MESSAGES = [
  '',
  'abc',
  'abcdef0123456789',
  `q128_${'q'.repeat(128)}`,
  `a512_${'a'.repeat(512)}`,
];

// RFC 9380, J.9.1.
const POINTS = [
  [
    '052926add2207b76ca4fa57a8734416c8dc95e24501772c814278700eed6d1e4e8cf62d9c09db0fac349612b759e79a1',
    '08ba738453bfed09cb546dbb0783dbb3a5f1f566ed67bb6be0e8c67e2e81a4cc68ee29813bb7994998f3eae0c9c6a265',
  ],
  [
    '03567bc5ef9c690c2ab2ecdf6a96ef1c139cc0b2f284dca0a9a7943388a49a3aee664ba5379a7655d3c68900be2f6903',
    '0b9c15f3fe6e5cf4211f346271d7b01c8f3b28be689c8429c85b67af215533311f0b8dfaaa154fa6b88176c229f2885d',
  ],
  [
    '11e0b079dea29a68f0383ee94fed1b940995272407e3bb916bbf268c263ddd57a6a27200a784cbc248e84f357ce82d98',
    '03a87ae2caf14e8ee52e51fa2ed8eefe80f02457004ba4d486d6aa1f517c0889501dc7413753f9599b099ebcbbd2d709',
  ],
  [
    '15f68eaa693b95ccb85215dc65fa81038d69629f70aeee0d0f677cf22285e7bf58d7cb86eefe8f2e9bc3f8cb84fac488',
    '1807a1d50c29f430b8cafc4f8638dfeeadf51211e1602a5f184443076715f91bb90a48ba1e370edce6ae1062f5e6dd38',
  ],
  [
    '082aabae8b7dedb0e78aeb619ad3bfd9277a2f77ba7fad20ef6aabdc6c31d19ba5a6d12283553294c1825c4b3ca2dcfe',
    '05b84ae5a942248eea39e1d91030458c40153f3b654ab7872d779ad1e942856a20c438e8d99bc8abfbf74729ce1f7ac8',
  ],
] as const;

// RFC 9380, K.1, 32 bytes.
const EXPANDED = [
  '68a985b87eb6b46952128911f2a4412bbc302a9d759667f87f7a21d803f07235',
  'd8ccab23b5985ccea865c6c97b6e5b8350e794e603b4b97902f53a8a0d605615',
  'eff31487c770a893cfb36f912fbfcbff40d5661771ca4b2cb4eafe524333f5c1',
] as const;

const bytes = (text: string): Hex => toHex(stringToBytes(text));
const deploy = async () => (await hre.network.create()).viem.deployContract('BlsHarness');

describe('HashToG1', () => {
  for (const [index, [x, y]] of POINTS.entries())
    it(`gives the point of RFC 9380 for a message of ${MESSAGES[index]?.length} bytes`, async () => {
      const hasher = await deploy();
      const found = await hasher.read.hash([bytes(MESSAGES[index] ?? ''), bytes(RFC_TAG)]);
      assert.equal(found, `0x${'0'.repeat(32)}${x}${'0'.repeat(32)}${y}`);
    });

  it('expands messages to the bytes of RFC 9380', async () => {
    const hasher = await deploy();
    for (const [index, expected] of EXPANDED.entries()) {
      const message = bytes(MESSAGES[index] ?? '');
      const found = await hasher.read.expand([message, bytes(EXPANDER_TAG), 32]);
      assert.equal(found, `0x${expected}`);
    }
  });

  it('refuses a tag that is empty or does not fit its length byte', async () => {
    const hasher = await deploy();
    for (const length of [0, 256]) {
      const call = hasher.read.hash(['0x', bytes('t'.repeat(length))]);
      await reverts(call, hasher, 'TagLength', BigInt(length));
    }
    await hasher.read.hash(['0x', bytes('t'.repeat(255))]);
  });

  for (const [purpose, possession] of [
    ['SIG', false],
    ['POP', true],
  ] as const)
    it(`hashes a word under the ${purpose} tag as the plain version and noble do`, async () => {
      const hasher = await deploy();
      const tag = `BLS_${purpose}_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_`;
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), async (message) => {
          const found = await hasher.read.hashWord([toHex(message), possession]);
          assert.equal(found, await hasher.read.hash([toHex(message), bytes(tag)]));
          assert.equal(found, hashG1(message, tag));
        }),
        { numRuns: 40 },
      );
    });
});
