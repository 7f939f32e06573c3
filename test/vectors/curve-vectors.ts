import { bls12_381 } from '@noble/curves/bls12-381.js';
import {
  encodeAbiParameters,
  type Hex,
  keccak256,
  parseAbiParameters,
  stringToBytes,
  toHex,
} from 'viem';
import { type Key, keyAt, signDigest } from '../contracts/support/bls.ts';
import { account, coordinate, word } from './labels.ts';

const { shortSignatures } = bls12_381;
const { Fr } = bls12_381.fields;

// RFC 9380, J.9.1: message, x, y.
const RFC_TAG = 'QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_';
const rfc = [
  [
    '',
    '052926add2207b76ca4fa57a8734416c8dc95e24501772c814278700eed6d1e4e8cf62d9c09db0fac349612b759e79a1',
    '08ba738453bfed09cb546dbb0783dbb3a5f1f566ed67bb6be0e8c67e2e81a4cc68ee29813bb7994998f3eae0c9c6a265',
  ],
  [
    'abc',
    '03567bc5ef9c690c2ab2ecdf6a96ef1c139cc0b2f284dca0a9a7943388a49a3aee664ba5379a7655d3c68900be2f6903',
    '0b9c15f3fe6e5cf4211f346271d7b01c8f3b28be689c8429c85b67af215533311f0b8dfaaa154fa6b88176c229f2885d',
  ],
  [
    'abcdef0123456789',
    '11e0b079dea29a68f0383ee94fed1b940995272407e3bb916bbf268c263ddd57a6a27200a784cbc248e84f357ce82d98',
    '03a87ae2caf14e8ee52e51fa2ed8eefe80f02457004ba4d486d6aa1f517c0889501dc7413753f9599b099ebcbbd2d709',
  ],
  [
    `q128_${'q'.repeat(128)}`,
    '15f68eaa693b95ccb85215dc65fa81038d69629f70aeee0d0f677cf22285e7bf58d7cb86eefe8f2e9bc3f8cb84fac488',
    '1807a1d50c29f430b8cafc4f8638dfeeadf51211e1602a5f184443076715f91bb90a48ba1e370edce6ae1062f5e6dd38',
  ],
  [
    `a512_${'a'.repeat(512)}`,
    '082aabae8b7dedb0e78aeb619ad3bfd9277a2f77ba7fad20ef6aabdc6c31d19ba5a6d12283553294c1825c4b3ca2dcfe',
    '05b84ae5a942248eea39e1d91030458c40153f3b654ab7872d779ad1e942856a20c438e8d99bc8abfbf74729ce1f7ac8',
  ],
] as const;

/** Tags of signatures and of proofs of possession. */
export const TAGS = [
  'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_',
  'BLS_POP_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_',
];

/** Points of G1 by RFC 9380 and by noble. */
export const hashes = () => [
  ...rfc.map(([message, x, y]) => ({
    source: 'RFC 9380 J.9.1',
    tag: RFC_TAG,
    message: toHex(message),
    x,
    y,
  })),
  ...TAGS.flatMap((tag) =>
    [word('digest 0'), word('digest 1')].map((message) => {
      const point = shortSignatures.hash(
        Uint8Array.from(Buffer.from(message.slice(2), 'hex')),
        stringToBytes(tag),
      );
      const { x, y } = point.toAffine() as { x: bigint; y: bigint };
      return { source: 'noble', tag, message, x: coordinate(x), y: coordinate(y) };
    }),
  ),
];

const secretHex = ({ secret }: Key): Hex => toHex(secret, { size: 32 });
/** 96 bytes. */
export const keyHex = ({ point }: Key): Hex => toHex(point.toBytes());

/** 48 bytes. */
export const signatureHex = (digest: Hex, tag: string, secret: bigint): Hex =>
  toHex(
    shortSignatures
      .hash(Uint8Array.from(Buffer.from(digest.slice(2), 'hex')), stringToBytes(tag))
      .multiply(Fr.create(secret))
      .toBytes(),
  );

/** Keys and signatures by noble. */
export const signatures = () =>
  Array.from({ length: 4 }, (_, index) => {
    const key = keyAt(index);
    const digest = word(`digest ${index}`);
    return {
      secret: secretHex(key),
      key: keyHex(key),
      rawKey: key.raw,
      keyHash: key.hash,
      evmKey: key.words,
      digest,
      signature: signatureHex(digest, TAGS[0] ?? '', key.secret),
      evmSignature: signDigest(digest, [key]),
    };
  });

/** Proofs of possession by noble, over viem's encoding. */
export const possessions = () =>
  Array.from({ length: 3 }, (_, index) => {
    const key = keyAt(index);
    const binding = {
      chainId: 31_337n,
      watchers: account('watchers'),
      operator: account(`operator ${index}`),
    };
    const message = keccak256(
      encodeAbiParameters(parseAbiParameters('string, uint256, address, address, bytes32'), [
        'Tocsin possession',
        binding.chainId,
        binding.watchers,
        binding.operator,
        key.hash,
      ]),
    );
    const proof = signatureHex(message, TAGS[1] ?? '', key.secret);
    return {
      secret: secretHex(key),
      keyHash: key.hash,
      evmKey: key.words,
      binding,
      message,
      proof,
    };
  });
