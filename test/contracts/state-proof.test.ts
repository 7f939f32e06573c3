import assert from 'node:assert/strict';
import hre from 'hardhat';
import { bytesToHex, type Hex, hexToBigInt, keccak256, numberToHex, toRlp } from 'viem';
import { encodeHeader } from '../../protocol/header.ts';
import { startWorld, type World } from './support/proven-world.ts';
import { errorOf, reverts } from './support/revert.ts';
import { anyWord, trieOf } from './support/tries.ts';

const { viem } = await hre.network.create();
const harness = await viem.deployContract('ProofHarness');
const word = (value: bigint | number): Hex => numberToHex(value, { size: 32 });
const NOBODY: Hex = '0x00000000000000000000000000000000000dead0';
const EMPTY_ROOT = keccak256('0x80');

describe('the state of a real chain', () => {
  let world: World;
  before(async () => {
    world = await startWorld();
  });
  after(() => world.anvil.stop());

  const canonical = (header: Hex, height: bigint) =>
    world.anvil.client.readContract({
      ...world.harness,
      functionName: 'canonical',
      args: [header, height],
    });
  const storageRoot = async (stateRoot: Hex, account: Hex, nodes: Hex) =>
    (await world.anvil.client.readContract({
      ...world.harness,
      functionName: 'storageRoot',
      args: [stateRoot, account, nodes],
    })) as Hex;
  const valueOf = async (root: Hex, slot: Hex, nodes: Hex) =>
    (await world.anvil.client.readContract({
      ...world.harness,
      functionName: 'valueOf',
      args: [root, slot, nodes],
    })) as Hex;
  /** The values of one account, proven. */
  const proven = async (height: bigint, account: Hex, keys: readonly Hex[]) => {
    const { nodes, slots } = await world.partsAt(height, account, keys);
    const { stateRoot } = await world.headerAt(height);
    const root = await storageRoot(stateRoot, account, nodes);
    return Promise.all(keys.map((key, index) => valueOf(root, key, slots[index]!)));
  };

  for (const count of [1, 2, 40, 300])
    it(`is shown slot by slot of an account that has ${count}, those that are empty too`, async () => {
      const account = await world.account(`${count} slots`);
      const values = [1n, 127n, 128n, 255n, 2n ** 64n, hexToBigInt(anyWord()), 2n ** 256n - 1n];
      const keys = Array.from({ length: count }, (_, index) =>
        index % 2 === 0 ? word(index) : anyWord(),
      );
      let height = 0n;
      for (let from = 0; from < count; from += 100)
        height = await world.write(
          keys
            .slice(from, from + 100)
            .map((slot, index) => [{ account, slot }, values[index % values.length]!] as const),
        );
      const asked = [
        ...keys.slice(0, 25),
        ...Array.from({ length: 25 }, (_, index) =>
          index % 2 === 0 ? word(999 + index) : anyWord(),
        ),
      ];
      const expected = await Promise.all(
        asked.map((slot) => world.valueAt(height, { account, slot })),
      );
      assert.deepEqual(await proven(height, account, asked), expected);
      assert.ok(expected.includes(word(0)) && expected.includes(word(1)));
    }).timeout(60_000);

  it('is shown after slots were emptied again', async () => {
    const account = await world.account('emptied');
    const keys = [word(1), word(2), word(3)];
    await world.write(keys.map((slot) => [{ account, slot }, 7n]));
    let height = 0n;
    for (const [index, slot] of keys.entries()) {
      height = await world.write([[{ account, slot }, 0n]]);
      assert.deepEqual(
        await proven(height, account, keys),
        keys.map((_, other) => word(other <= index ? 0 : 7)),
      );
    }
  });

  it('is shown of accounts without storage, and of what is no account', async () => {
    const height = await world.mine(1);
    const { stateRoot } = await world.headerAt(height);
    for (const account of [
      world.anvil.wallet.account.address,
      NOBODY,
      anyWord().slice(0, 42) as Hex,
    ]) {
      const { nodes, slots } = await world.partsAt(height, account, [word(1)]);
      assert.equal(await storageRoot(stateRoot, account, nodes), EMPTY_ROOT);
      assert.equal(await valueOf(EMPTY_ROOT, word(1), slots[0]!), word(0));
    }
  });

  it('is not shown by the proof of another account, slot, or block', async () => {
    const [first, second] = [await world.account('first'), await world.account('second')];
    const slot = word(1);
    const before = await world.write([
      [{ account: first, slot }, 11n],
      [{ account: second, slot }, 22n],
      [{ account: first, slot: word(2) }, 33n],
    ]);
    const height = await world.write([[{ account: first, slot }, 12n]]);
    const { stateRoot } = await world.headerAt(height);
    const at = async (where: bigint, account: Hex) => {
      const parts = await world.partsAt(where, account, [slot]);
      return [parts.nodes, parts.slots[0]!] as const;
    };
    const [nodes, slots] = await at(height, first);
    const root = await storageRoot(stateRoot, first, nodes);
    const [formerNodes, formerSlots] = await at(before, first);
    const [otherNodes, otherSlots] = await at(height, second);
    for (const call of [
      () => storageRoot(stateRoot, first, formerNodes),
      () => valueOf(root, slot, formerSlots),
      () => valueOf(root, slot, otherSlots),
      () => valueOf(EMPTY_ROOT, slot, slots),
      () => valueOf(stateRoot, slot, slots),
    ])
      assert.match(
        (await errorOf(call(), harness)).name,
        /NodeMismatch|NodeInvalid|ProofTooLong|RlpTruncated/,
      );
    const answer = await storageRoot(stateRoot, first, otherNodes).catch(() => null);
    assert.equal(answer, null);
  });

  it('is of the block that the chain has at a height', async () => {
    const height = await world.mine(3);
    for (const back of [1n, 2n, 3n]) {
      const header = await world.headerAt(height - back);
      const { stateRoot, timestamp } = header;
      assert.deepEqual(await canonical(encodeHeader(header), height - back), {
        stateRoot,
        height: height - back,
        timestamp: hexToBigInt(timestamp),
      });
    }
    const encoded = encodeHeader(await world.headerAt(height - 1n));
    const { hash } = await world.headerAt(height - 2n);
    await reverts(
      canonical(encoded, height - 2n),
      harness,
      'HeaderMismatch',
      hash,
      keccak256(encoded),
    );
    for (const unknown of [height + 1n, height + 2n, 2n ** 255n])
      await reverts(canonical(encoded, unknown), harness, 'BlockUnknown', unknown);
  });

  it('is of a block that the opcode has forgotten too', async () => {
    const old = await world.mine(1);
    const header = await world.headerAt(old);
    await world.mine(300);
    const { height } = (await canonical(encodeHeader(header), old)) as { height: bigint };
    assert.equal(height, old);
  });
});

describe('a header', () => {
  const fields = (changes: Readonly<Record<number, Hex | Hex[]>> = {}, count = 21) =>
    Array.from({ length: count }, (_, index) => changes[index] ?? '0x');
  const open = (header: Hex) => harness.read.open([header, keccak256(header)]);
  const true_ = { 3: word(7), 8: '0x09', 11: '0x66' } as const;

  it('is read by the places of its fields, however many forks have added', async () => {
    for (const count of [12, 15, 21, 30])
      assert.deepEqual(await open(toRlp(fields(true_, count) as Hex[])), {
        stateRoot: word(7),
        height: 9n,
        timestamp: 102n,
      });
  });

  const whole = toRlp(fields(true_) as Hex[]);
  for (const [what, header, error] of [
    ['with eleven fields', toRlp(fields(true_, 11) as Hex[]), 'HeaderInvalid'],
    ['with two fields', toRlp(fields(true_, 2) as Hex[]), 'HeaderInvalid'],
    [
      'of more than 2,048 bytes',
      toRlp(fields({ ...true_, 12: `0x${'00'.repeat(2048)}` }) as Hex[]),
      'HeaderInvalid',
    ],
    ['with something after it', `${whole}00`, 'HeaderMismatch'],
    ['cut short', whole.slice(0, -2), 'RlpTruncated'],
    ['that is a string', toRlp(`0x${'11'.repeat(99)}`), 'RlpUnexpected'],
    ['of nothing', '0x', 'RlpTruncated'],
    ['with a short state root', toRlp(fields({ ...true_, 3: '0x07' }) as Hex[]), 'RlpUnexpected'],
    [
      'with a list for a state root',
      toRlp(fields({ ...true_, 3: [word(7)] }) as Hex[]),
      'RlpUnexpected',
    ],
    [
      'with a leading zero in its number',
      toRlp(fields({ ...true_, 8: '0x0009' }) as Hex[]),
      'RlpNotCanonical',
    ],
    [
      'with a number of 33 bytes',
      toRlp(fields({ ...true_, 8: `0x${'11'.repeat(33)}` }) as Hex[]),
      'RlpNotCanonical',
    ],
  ] as const)
    it(`${what} is refused`, async () => {
      assert.equal((await errorOf(open(header as Hex), harness)).name, error);
    });

  it('is refused when any byte of it was changed', async () => {
    const bytes = Buffer.from(whole.slice(2), 'hex');
    for (const index of bytes.keys()) {
      const other = Uint8Array.from(bytes, (byte, place) => (place === index ? byte ^ 1 : byte));
      const call = harness.read.open([bytesToHex(other), keccak256(whole)]);
      // Its first bytes say how long it is.
      const expected = index < 2 ? /HeaderMismatch|Rlp/ : /^HeaderMismatch$/;
      assert.match((await errorOf(call, harness)).name, expected);
    }
  });
});

describe('a leaf that no state has', () => {
  const root = word(5);

  it('is taken for zero when it holds nothing: what anvil keeps of a slot that was emptied', async () => {
    const trie = await trieOf([[keccak256(word(1)), '0x80']]);
    const nodes = await trie.proof(keccak256(word(1)));
    assert.equal(await harness.read.valueOf([trie.root, word(1), nodes]), word(0));
  });

  for (const [what, leaf, error] of [
    ['an account that is a string', toRlp(word(1)), 'RlpUnexpected'],
    ['an account of three fields', toRlp(['0x01', '0x02', root]), 'RlpTruncated'],
    ['an account of five fields', toRlp(['0x01', '0x02', root, root, '0x01']), 'AccountInvalid'],
    ['an account with a short root', toRlp(['0x01', '0x02', '0x03', root]), 'RlpUnexpected'],
    ['an account with a short code hash', toRlp(['0x01', '0x02', root, '0x03']), 'RlpUnexpected'],
    ['an account with a list', toRlp([['0x01'], '0x02', root, root]), 'RlpUnexpected'],
    [
      'an account with something after it',
      `${toRlp(['0x01', '0x02', root, root])}00`,
      'AccountInvalid',
    ],
  ] as const)
    it(`is refused: ${what}`, async () => {
      const trie = await trieOf([[keccak256(NOBODY), leaf as Hex]]);
      const nodes = await trie.proof(keccak256(NOBODY));
      const call = harness.read.storageRoot([trie.root, NOBODY, nodes]);
      assert.equal((await errorOf(call, harness)).name, error);
    });

  for (const [what, leaf, error] of [
    ['a value that is a zero byte', '0x00', 'RlpNotCanonical'],
    ['a value with a leading zero', '0x820001', 'RlpNotCanonical'],
    ['a value of 33 bytes', toRlp(`0x${'11'.repeat(33)}`), 'RlpNotCanonical'],
    ['a value that is a list', '0xc105', 'RlpUnexpected'],
    ['a value with something after it', '0x0505', 'SlotInvalid'],
    ['a value that is cut short', '0x8201', 'RlpTruncated'],
    ['a value with a needless prefix', '0x8105', 'RlpNotCanonical'],
  ] as const)
    it(`is refused: ${what}`, async () => {
      const trie = await trieOf([[keccak256(word(1)), leaf as Hex]]);
      const nodes = await trie.proof(keccak256(word(1)));
      const call = harness.read.valueOf([trie.root, word(1), nodes]);
      assert.equal((await errorOf(call, harness)).name, error);
    });
});
