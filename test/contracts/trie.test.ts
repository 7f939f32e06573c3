import assert from 'node:assert/strict';
import hre from 'hardhat';
import { concatHex, type Hex, keccak256, numberToHex, size, slice, toRlp } from 'viem';
import { packProof } from '../../protocol/trie-proof.ts';
import { errorOf, reverts } from './support/revert.ts';
import { anyWord, neighbours, sharing, trieOf } from './support/tries.ts';

const { viem } = await hre.network.create();
const harness = await viem.deployContract('ProofHarness');
const get = (root: Hex, key: Hex, nodes: Hex) => harness.read.get([root, key, nodes]);

const EMPTY_ROOT = keccak256('0x80');
const KEY: Hex = `0x${'5a'.repeat(32)}`;
const word: Hex = `0x${'77'.repeat(32)}`;
const bytes = (count: number, byte = '11'): Hex => `0x${byte.repeat(count)}`;
/** A path as nodes hold it: with its flag, and filling when it is even. */
const path = (nibbles: string, leaf: boolean): Hex =>
  nibbles.length % 2 === 0 ? `0x${leaf ? 2 : 0}0${nibbles}` : `0x${leaf ? 3 : 1}${nibbles}`;
const leaf = (nibbles = KEY.slice(2), value: Hex = '0x6162') => toRlp([path(nibbles, true), value]);
const branch = (children: Readonly<Record<number, Hex | Hex[]>>, value: Hex = '0x', count = 16) =>
  toRlp([...Array.from({ length: count }, (_, index) => children[index] ?? '0x'), value] as Hex[]);
/** A list of these bytes, whatever they are. */
const listOf = (payload: Hex): Hex => {
  const length = size(payload);
  return concatHex([
    length < 56 ? numberToHex(0xc0 + length) : concatHex(['0xf8', numberToHex(length)]),
    payload,
  ]);
};
const REFUSALS = [
  'NodeMismatch',
  'NodeInvalid',
  'ProofTooLong',
  'RlpTruncated',
  'RlpNotCanonical',
  'RlpUnexpected',
];
const refuses = async (root: Hex, key: Hex, nodes: Hex) => {
  const { name } = await errorOf(get(root, key, nodes), harness);
  assert.ok(REFUSALS.includes(name), name);
};

describe('a proof of what a trie holds', () => {
  for (const count of [1, 2, 3, 17, 120])
    it(`shows each of ${count} values, and that nothing else is there`, async () => {
      const keys = Array.from({ length: count }, anyWord);
      const values = keys.map((_, index) => numberToHex(index + 1, { size: 1 + (index % 40) }));
      const trie = await trieOf(keys.map((key, index) => [key, values[index]!]));
      for (const [index, key] of keys.slice(0, 20).entries()) {
        assert.equal(await get(trie.root, key, await trie.proof(key)), values[index]);
        for (const shared of [0, 1, 2, 3, 30, 63]) {
          const other = sharing(key.slice(0, 2 + shared));
          if (keys.includes(other)) continue;
          assert.equal(await get(trie.root, other, await trie.proof(other)), '0x');
        }
      }
    });

  it('shows that an empty trie holds nothing, with no nodes at all', async () => {
    assert.equal(await get(EMPTY_ROOT, KEY, '0x'), '0x');
    await reverts(get(EMPTY_ROOT, KEY, '0x80'), harness, 'ProofTooLong', 0n, 1n);
  });

  it('goes through an extension at the root, and past one', async () => {
    const start = KEY.slice(0, 22);
    const [first, second] = [sharing(`${start}1`), sharing(`${start}2`)];
    const trie = await trieOf([
      [first, '0x61'],
      [second, '0x62'],
    ]);
    assert.equal((await trie.nodes(first)).length, 3);
    assert.equal(await get(trie.root, first, await trie.proof(first)), '0x61');
    const near = sharing(`${start}3`);
    assert.equal(await get(trie.root, near, await trie.proof(near)), '0x');
    for (const far of [sharing('0x5a0'), sharing('0x6'), sharing(`${start.slice(0, -1)}f`)])
      assert.equal(await get(trie.root, far, await trie.proof(far)), '0x');
  });

  for (const shared of [56, 60, 61, 62, 63])
    it(`goes through nodes within their parents, when keys share ${shared} of 64 digits`, async () => {
      const start = anyWord().slice(0, 2 + shared);
      const keys = '0189f'.split('').map((nibble) => sharing(`${start}${nibble}`));
      const trie = await trieOf(keys.map((key) => [key, '0x05']));
      const nodes = await trie.nodes(keys[0]!);
      assert.ok(nodes.some((node) => size(node) < 32));
      for (const key of keys)
        assert.equal(await get(trie.root, key, await trie.proof(key)), '0x05');
      const other = sharing(`${start}7`);
      assert.equal(await get(trie.root, other, await trie.proof(other)), '0x');
    });

  it('goes as deep as keys are long', async () => {
    const keys = [KEY, ...neighbours(KEY, 64)];
    const trie = await trieOf(keys.map((key) => [key, word]));
    assert.equal((await trie.nodes(KEY)).length, 65);
    assert.equal(await get(trie.root, KEY, await trie.proof(KEY)), word);
  });
});

describe('a proof of something else', () => {
  const build = async () => {
    const keys = [KEY, ...neighbours(KEY, 2), sharing(KEY.slice(0, 40))];
    const trie = await trieOf(
      keys.map((key, index) => [key, bytes(33, numberToHex(index + 1, { size: 1 }).slice(2))]),
    );
    return { ...trie, keys, whole: await trie.proof(KEY) };
  };
  let trie: Awaited<ReturnType<typeof build>>;
  before(async () => {
    trie = await build();
  });

  it('is refused when any byte of it was changed', async () => {
    for (let index = 0; index < size(trie.whole); index++) {
      const at = 2 + 2 * index;
      const flipped = Number.parseInt(trie.whole.slice(at, at + 2), 16) ^ (1 << (index % 8));
      await refuses(
        trie.root,
        KEY,
        `${trie.whole.slice(0, at)}${numberToHex(flipped, { size: 1 }).slice(2)}${trie.whole.slice(at + 2)}` as Hex,
      );
    }
  }).timeout(60_000);

  it('is refused when any part of its end is missing', async () => {
    for (let index = 0; index < size(trie.whole); index++)
      await refuses(trie.root, KEY, index === 0 ? '0x' : slice(trie.whole, 0, index));
  }).timeout(60_000);

  it('is refused with anything after its end', async () => {
    const length = BigInt(size(trie.whole));
    for (const rest of ['0x00', '0x80', '0xc0', trie.whole] as const)
      await reverts(
        get(trie.root, KEY, concatHex([trie.whole, rest])),
        harness,
        'ProofTooLong',
        length,
        length + BigInt(size(rest)),
      );
  });

  it('is refused for another key, unless it shows something of that one too', async () => {
    for (const key of trie.keys.slice(1)) await refuses(trie.root, key, trie.whole);
    const beside = sharing(`${KEY.slice(0, 65)}0`);
    assert.equal(await get(trie.root, beside, trie.whole), '0x');
  });

  it('is refused for another root', async () => {
    const other = await build();
    const found = keccak256((await trie.nodes(KEY))[0]!);
    await reverts(get(other.root, KEY, trie.whole), harness, 'NodeMismatch', 0n, other.root, found);
    await reverts(
      get(EMPTY_ROOT, KEY, trie.whole),
      harness,
      'ProofTooLong',
      0n,
      BigInt(size(trie.whole)),
    );
  });

  it('is refused with its nodes in another order, or one left out', async () => {
    const parts = await trie.parts(KEY);
    assert.equal(concatHex(parts), trie.whole);
    await refuses(trie.root, KEY, concatHex(parts.toReversed()));
    for (const left of parts.keys())
      await refuses(trie.root, KEY, concatHex(parts.filter((_, index) => index !== left)));
  });
});

describe('a node that no trie has', () => {
  const hash: Hex = `0x${'33'.repeat(32)}`;
  const within: Hex[] = ['0x31', '0x05'];
  const inner = leaf(KEY.slice(3));
  for (const [what, node, error] of [
    ['a string', toRlp(bytes(40)), 'RlpUnexpected'],
    ['an empty list', '0xc0', 'RlpTruncated'],
    ['one item', toRlp([bytes(40)]), 'RlpTruncated'],
    ['three items', toRlp([path(KEY.slice(2), true), '0x01', '0x01']), 'NodeInvalid'],
    ['a branch of fourteen', branch({ 3: within }, '0x', 14), 'NodeInvalid'],
    ['a branch of fifteen', branch({ 3: within }, '0x', 15), 'NodeInvalid'],
    ['a branch of seventeen', branch({ 3: within }, '0x', 17), 'NodeInvalid'],
    ['a branch with a value', branch({ 3: within }, '0x61'), 'NodeInvalid'],
    ['a child of 31 bytes', branch({ 3: within, 5: bytes(31) }), 'NodeInvalid'],
    ['a child of 33 bytes', branch({ 3: within, 5: bytes(33) }), 'NodeInvalid'],
    ['a child of one byte', branch({ 3: within, 9: '0x01' }), 'NodeInvalid'],
    ['a child of 32 bytes within', branch({ 3: within, 9: [bytes(30)] }), 'NodeInvalid'],
    [
      'the child on the path, of 32 bytes within',
      branch({ 3: within, 5: [bytes(30)] }),
      'NodeInvalid',
    ],
    ['a branch of hashes that is not packed', branch({ 3: hash, 7: hash }), 'NodeInvalid'],
    ['a branch without children', branch({}), 'NodeInvalid'],
    ['a packed branch without children', '0x000000', 'NodeInvalid'],
    ['a packed branch of less than its mask', '0x0000', 'RlpTruncated'],
    ['a packed branch with a hash too few', concatHex(['0x000003', hash]), 'RlpTruncated'],
    ['a packed branch whose child on the path is missing', '0x000020', 'RlpTruncated'],
    ['a packed branch with its child on the path', concatHex(['0x000020', hash]), 'RlpUnexpected'],
    ['a path without a flag', toRlp(['0x', '0x61']), 'NodeInvalid'],
    ['a flag of four', toRlp([`0x40${KEY.slice(2)}`, '0x61']), 'NodeInvalid'],
    ['filling that is not zero', toRlp([`0x21${KEY.slice(2)}`, '0x61']), 'NodeInvalid'],
    ['a path that is a list', toRlp([['0x01'], '0x61']), 'RlpUnexpected'],
    ['a leaf above the end', leaf(KEY.slice(3)), 'NodeInvalid'],
    ['a leaf below the end', leaf(`${KEY.slice(2)}0`), 'NodeInvalid'],
    ['a leaf far below the end', leaf('a'.repeat(200)), 'NodeInvalid'],
    ['a leaf without a value', leaf(KEY.slice(2), '0x'), 'NodeInvalid'],
    ['another leaf without a value', leaf('6b'.repeat(32), '0x'), 'NodeInvalid'],
    ['a leaf with a list', toRlp([path(KEY.slice(2), true), ['0x61']]), 'RlpUnexpected'],
    ['an extension of no length', toRlp(['0x00', hash]), 'NodeInvalid'],
    ['an extension to the end', toRlp([path(KEY.slice(2), false), hash]), 'NodeInvalid'],
    ['an extension to nothing', toRlp([path('5a', false), '0x']), 'NodeInvalid'],
    ['an extension elsewhere, to nothing', toRlp([path('6a', false), '0x']), 'NodeInvalid'],
    ['an extension to 31 bytes', toRlp([path('5a', false), bytes(31)]), 'NodeInvalid'],
    ['a length that could be shorter', concatHex(['0xf8', '0x02', '0x2061']), 'RlpNotCanonical'],
    ['a length with a leading zero', concatHex(['0xf9', '0x0040', bytes(64)]), 'RlpNotCanonical'],
    ['a length of three bytes', concatHex(['0xfa', '0x010000', bytes(64)]), 'RlpNotCanonical'],
    ['a length that is cut off', '0xf9ff', 'RlpTruncated'],
    ['a list longer than what there is', '0xf84011', 'RlpTruncated'],
    ['an item longer than its list', listOf('0xa011'), 'RlpTruncated'],
    ['a byte that needs no prefix', listOf(concatHex(['0x8120', '0x61'])), 'RlpNotCanonical'],
    [
      'a byte after its items',
      listOf(concatHex([toRlp(path(KEY.slice(2), true)), '0x6161'])),
      'NodeInvalid',
    ],
  ] as const)
    it(`is refused: ${what}`, async () => {
      assert.equal((await errorOf(get(keccak256(node), KEY, node), harness)).name, error);
    });

  it('is refused: a short one by its hash', async () => {
    const start = KEY.slice(0, 62);
    const short = leaf(KEY.slice(63), '0x05');
    assert.ok(size(short) < 32);
    const mask = 1 << Number.parseInt(KEY[62]!, 16);
    const above = concatHex(['0x00', numberToHex(mask, { size: 2 })]);
    const top = toRlp([path(start.slice(2), false), hash]);
    await reverts(
      get(hash, KEY, concatHex([top, above, short])),
      harness,
      'NodeInvalid',
      BigInt(size(top) + size(above)),
    );
  });

  it('is refused: one whose hash is not what the one above holds', async () => {
    const top = toRlp([path('5a', false), hash]);
    const below = concatHex(['0x000009', hash, hash]);
    await reverts(
      get(keccak256(top), KEY, concatHex([top, below])),
      harness,
      'NodeMismatch',
      BigInt(size(top)),
      hash,
      keccak256(branch({ 0: hash, 3: hash })),
    );
  });

  it('is not looked at when it is well made: the same ones that are', async () => {
    const whole = leaf();
    assert.equal(await get(keccak256(whole), KEY, whole), '0x6162');
    const top = branch({ 5: keccak256(inner) });
    assert.equal(await get(keccak256(top), KEY, concatHex(['0x000020', inner])), '0x6162');
    const beside = branch({ 6: hash });
    assert.equal(await get(keccak256(beside), KEY, concatHex(['0x000040', hash])), '0x');
    const holding = branch({ 3: within, 7: hash });
    assert.equal(await get(keccak256(holding), KEY, holding), '0x');
  });

  for (const count of Array.from({ length: 16 }, (_, index) => index + 1))
    it(`is a branch of ${count} children, packed`, async () => {
      const others = Object.fromEntries(
        '012346789abcdef'
          .split('')
          .slice(0, count - 1)
          .map((digit) => [Number.parseInt(digit, 16), keccak256(`0x0${digit}`)]),
      );
      const top = branch({ ...others, 5: keccak256(inner) });
      const proof = packProof([top, inner], KEY);
      assert.equal(size(proof), 3 + 32 * (count - 1) + size(inner));
      assert.equal(await get(keccak256(top), KEY, proof), '0x6162');
    });
});
