import assert from 'node:assert/strict';
import fc from 'fast-check';
import hre from 'hardhat';
import {
  type Address,
  concatHex,
  encodeFunctionData,
  getAddress,
  getContractAddress,
  type Hex,
  keccak256,
  slice,
  toHex,
} from 'viem';
import { type Key, keyAt, keysFrom, oppositeOf, provePossession } from './support/bls.ts';
import { reverts } from './support/revert.ts';
import {
  absentees,
  bitmapOf,
  type CertificateArgs,
  certify,
  pageCode,
  rosterCode,
  type SeatAt,
  seatsOf,
} from './support/roster.ts';
import { outsideSubgroupG1, outsideSubgroupG2 } from './support/subgroup.ts';

const DIGEST = keccak256(toHex('a verdict'));
const NOWHERE = 77;
const PAIRING = getAddress(`0x${'0f'.padStart(40, '0')}`);
const weightOf = (seat: number): number => 1_000 + seat ** 2;
const weigh = (seats: readonly number[]): bigint =>
  BigInt(seats.reduce((sum, seat) => sum + weightOf(seat), 0));
const all = (count: number): number[] => Array.from({ length: count }, (_, seat) => seat);

const open = async (override: object = {}) => {
  const { viem } = await hre.network.create({ override });
  const harness = await viem.deployContract('QuorumHarness');
  const write = async (...codes: readonly Hex[]) => {
    for (const code of codes) await harness.write.write([code]);
  };
  const verify = (nonce: number, certificate: CertificateArgs, digest = DIGEST) =>
    harness.read.verify([harness.address, nonce, digest, certificate]);
  const child = (nonce: number): Address =>
    getContractAddress({ from: harness.address, nonce: BigInt(nonce) });
  return { viem, harness, write, verify, child };
};

/** A committee of these keys, one page with nonce 1 and one roster with nonce 2. */
const seat = async (keys: readonly Key[], change: (seats: SeatAt[]) => SeatAt[] = (s) => s) => {
  const opened = await open();
  await opened.write(pageCode(keys), rosterCode(change(seatsOf(keys, weightOf))));
  return opened;
};

describe('Quorum', () => {
  for (const listsSigners of [false, true])
    it(`weighs the seats that signed when the ${listsSigners ? 'signers' : 'absent'} are listed`, async () => {
      const keys = keysFrom(7);
      const { verify } = await seat(keys);
      for (const absent of [[], [0], [6], [1, 2, 5]]) {
        const missing = new Set(absent);
        const signers = all(7).filter((index) => !missing.has(index));
        const found = await verify(2, certify(DIGEST, keys, absent, listsSigners));
        assert.deepEqual(found, [weigh(signers), weigh(all(7))]);
      }
    });

  // The plain version copies whole pages for each seat: small ones only.
  for (const [count, plain] of [
    [30, true],
    [300, false],
  ] as const)
    it(`weighs any of ${count} seats${plain ? ' as the plain version does' : ''}, wherever their keys are`, async () => {
      const keys = keysFrom(count);
      const { harness, write, verify } = await open();
      const third = count / 3;
      const pages = [0, 1, 2].map((page) => keys.slice(page * third, (page + 1) * third));
      // Neighbouring seats lie in different pages.
      const seats = seatsOf(keys, () => 0, third)
        .map((found, index) => ({ found, order: (index * 7) % count }))
        .sort((a, b) => a.order - b.order)
        .map(({ found }, index) => ({ ...found, weight: weightOf(index) }));
      const seated = seats.map(({ key }) => key);
      await write(...pages.map(pageCode), rosterCode(seats));
      const subset = fc.uniqueArray(fc.nat(count - 1), { maxLength: count - 1 });
      await fc.assert(
        fc.asyncProperty(subset, fc.boolean(), async (absent, listsSigners) => {
          const missing = new Set(absent);
          const signers = all(count).filter((index) => !missing.has(index));
          const certificate = certify(DIGEST, seated, absent, listsSigners);
          const call = [harness.address, 4, DIGEST, certificate] as const;
          const found = await verify(4, certificate);
          assert.deepEqual(found, [weigh(signers), weigh(all(count))]);
          if (plain) assert.deepEqual(found, await harness.read.verifyPlainly(call));
        }),
        { numRuns: 12, examples: [[all(count).filter((i) => i % 2 === 0), true], [[], true]] },
      );
    });

  it('runs on a chain that has EIP-2537 and no later opcode', async () => {
    const { viem } = await hre.network.create({ override: { hardfork: 'prague' } });
    const verifier = await viem.deployContract('QuorumVerifier');
    const committee = await viem.deployContract('QuorumHarness');
    const keys = keysFrom(5);
    await committee.write.write([pageCode(keys)]);
    await committee.write.write([rosterCode(seatsOf(keys, weightOf))]);
    const call = [committee.address, 2, DIGEST, certify(DIGEST, keys, [1, 3])] as const;
    assert.deepEqual(await verifier.read.verify(call), [weigh([0, 2, 4]), weigh(all(5))]);
  });

  it('names who signed, whichever way they are listed', async () => {
    const { harness } = await open();
    const full = (1n << 256n) - 1n;
    const table = [
      [false, [], 5, [0b11111n, 0n]],
      [true, [], 5, [0n, 0n]],
      [false, [1], 5, [0b11101n, 0n]],
      [true, [1], 5, [0b00010n, 0n]],
      [false, [], 256, [full, 0n]],
      [false, [257], 258, [full, 0b01n]],
      [true, [3, 511], 512, [0b1000n, 1n << 255n]],
      [false, [], 512, [full, full]],
    ] as const;
    for (const [listsSigners, listed, seats, words] of table) {
      const certificate = { listsSigners, signature: noPoint, seats: bitmapOf(listed, seats) };
      assert.deepEqual(await harness.read.signers([certificate, BigInt(seats)]), words);
    }
  });

  it('derives the address of a contract from its creator for every length of nonce', async () => {
    const { harness } = await open();
    const from = harness.address;
    const nonces = [1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0xffffff, 0x1000000, 0xffffffff];
    for (const nonce of nonces.map(BigInt))
      assert.equal(await harness.read.child([from, nonce]), getContractAddress({ from, nonce }));
  });
});

const noPoint = [0n, 0n, 0n, 0n] as const;

describe('Quorum refuses', () => {
  it('a signature at infinity, which pairs to one with keys at infinity', async () => {
    const keys = [keyAt(0), oppositeOf(keyAt(0))];
    const { harness, verify } = await seat(keys);
    const nobody = { listsSigners: true, signature: noPoint, seats: [] };
    const everybody = { listsSigners: false, signature: noPoint, seats: [] };
    await reverts(verify(2, nobody), harness, 'SignatureIsInfinity');
    await reverts(verify(2, everybody), harness, 'SignatureIsInfinity');
  });

  it('signers that are nobody', async () => {
    const keys = keysFrom(4);
    const { harness, verify } = await seat(keys);
    const { signature } = certify(DIGEST, keys);
    const listed = { listsSigners: true, signature, seats: [] };
    const zeros = { listsSigners: true, signature, seats: [0n] };
    const everyone = { listsSigners: false, signature, seats: [0b1111n] };
    for (const certificate of [listed, zeros, everyone])
      await reverts(verify(2, certificate), harness, 'KeysAreInfinity');
  });

  it('keys that cancel out, and takes the same keys beside honest ones', async () => {
    const opposed = [keyAt(0), oppositeOf(keyAt(0)), keyAt(1), oppositeOf(keyAt(1))];
    const cancelled = await seat(opposed);
    const { signature } = certify(DIGEST, [keyAt(2)]);
    const call = cancelled.verify(2, { listsSigners: false, signature, seats: [] });
    await reverts(call, cancelled.harness, 'KeysAreInfinity');

    const keys = [keyAt(0), oppositeOf(keyAt(0)), keyAt(2), keyAt(3)];
    const { verify } = await seat(keys);
    for (const listsSigners of [false, true]) {
      const found = await verify(2, certify(DIGEST, keys, [], listsSigners));
      assert.deepEqual(found, [weigh(all(4)), weigh(all(4))]);
    }
  });

  it('a roster that nobody wrote, or that ends early', async () => {
    const keys = keysFrom(4);
    const { harness, write, verify, child } = await open();
    const roster = rosterCode(seatsOf(keys, weightOf));
    await write(pageCode(keys), slice(roster, 0, 203 + 8 * 3), concatHex([roster, '0x00']), '0x00');
    const certificate = certify(DIGEST, keys);
    for (const nonce of [NOWHERE, 1, 2, 3, 4])
      await reverts(verify(nonce, certificate), harness, 'RosterMissing', child(nonce));
  });

  it('a roster without seats', async () => {
    const { harness, write, verify, child } = await open();
    await write(slice(rosterCode(seatsOf(keysFrom(1), weightOf)), 0, 201), rosterCode([]));
    const certificate = certify(DIGEST, keysFrom(1));
    await reverts(verify(2, certificate), harness, 'RosterEmpty', child(2));
  });

  for (const [where, moved] of [
    ['that nobody wrote', { page: NOWHERE }],
    ['that ends before the key', { offset: 1 + 192 * 3 + 1 }],
  ] as const)
    it(`the weight of a seat whose key is in a page ${where}`, async () => {
      const keys = keysFrom(4);
      const phantom = (seats: SeatAt[]) =>
        seats.map((found, index) => (index === 3 ? { ...found, ...moved } : found));
      const { harness, verify, child } = await seat(keys, phantom);
      const { signature } = certify(DIGEST, keys.slice(0, 3));
      const certificate = { listsSigners: true, signature, seats: [0b1111n] };
      const page = child('page' in moved ? moved.page : 1);
      await reverts(verify(2, certificate), harness, 'PageMissing', page);
    });

  it('a bitmap of any length but its own', async () => {
    const keys = keysFrom(257);
    const { harness, write, verify } = await open();
    const seats = seatsOf(keys, weightOf);
    const pages = [keys.slice(0, 127), keys.slice(127, 254), keys.slice(254)].map(pageCode);
    await write(...pages, rosterCode(seats), rosterCode(seats.slice(0, 256)));
    const { signature } = certify(DIGEST, keys);
    for (const [nonce, words, expected] of [
      [4, 1, 2n],
      [4, 3, 2n],
      [5, 2, 1n],
    ] as const) {
      const certificate = { listsSigners: false, signature, seats: Array(words).fill(0n) };
      const length = BigInt(words);
      await reverts(verify(nonce, certificate), harness, 'BitmapLength', length, expected);
      const call = harness.read.signers([certificate, nonce === 4 ? 257n : 256n]);
      await reverts(call, harness, 'BitmapLength', length, expected);
    }
  });

  it('a bit past the last seat', async () => {
    const keys = keysFrom(5);
    const { harness, verify } = await seat(keys);
    const { signature } = certify(DIGEST, keys);
    for (const bit of [5n, 6n, 255n])
      for (const listsSigners of [false, true]) {
        const certificate = { listsSigners, signature, seats: [(1n << bit) | 0b11n] };
        await reverts(verify(2, certificate), harness, 'SeatsUnknown', 1n << bit);
        const call = harness.read.signers([certificate, 5n]);
        await reverts(call, harness, 'SeatsUnknown', 1n << bit);
      }
  });

  it('a signature of another digest, by other seats, or under the possession tag', async () => {
    const keys = keysFrom(4);
    const { harness, verify } = await seat(keys);
    const other = keccak256(toHex('another verdict'));
    const valid = certify(DIGEST, keys, [1]);
    const [first, second, third, fourth] = valid.signature;
    assert.ok(first !== undefined);
    const wrong: readonly CertificateArgs[] = [
      certify(other, keys, [1]),
      { ...valid, seats: [] },
      { ...valid, seats: [0b0100n] },
      { ...valid, listsSigners: true },
      { ...certify(DIGEST, keys.slice(0, 1)), signature: provePossession(DIGEST, keyAt(0)) },
      { ...valid, signature: negateG1([first, second, third, fourth]) },
    ];
    for (const certificate of wrong)
      await reverts(verify(2, certificate), harness, 'SignatureInvalid', DIGEST);
  });

  it('a signature off the curve, outside the subgroup or not canonical', async () => {
    const keys = keysFrom(4);
    const { harness, verify } = await seat(keys);
    const { signature } = certify(DIGEST, keys);
    const [xHigh, xLow, yHigh, yLow] = signature;
    const points = [
      [xHigh, xLow, yHigh, yLow ^ 1n],
      [xHigh | (1n << 128n), xLow, yHigh, yLow],
      [...addModulus(xHigh, xLow), yHigh, yLow],
      outsideSubgroupG1(),
    ] as const;
    for (const point of points) {
      const certificate = { listsSigners: false, signature: point, seats: [] };
      await reverts(verify(2, certificate), harness, 'PrecompileFailed', PAIRING);
    }
  });

  it('keys outside the subgroup, which their addition lets pass', async () => {
    const keys = keysFrom(4);
    const { harness, write, verify } = await open();
    const [a, b, c, d, e, f, g, h] = outsideSubgroupG2();
    const raw = [a, c, e, g].map((high, index) => {
      const low = [b, d, f, h][index] ?? 0n;
      return ((high << 256n) | low).toString(16).padStart(96, '0');
    });
    const page = concatHex([slice(pageCode(keys), 0, 1 + 192 * 3), `0x${raw.join('')}`]);
    await write(page, rosterCode(seatsOf(keys, weightOf)));
    const certificate = certify(DIGEST, keys, [], true);
    await reverts(verify(2, certificate), harness, 'PrecompileFailed', PAIRING);
  });

  it('to count on precompiles that answer nothing', async () => {
    const keys = keysFrom(4);
    const { harness, write, verify } = await open({ hardfork: 'cancun' });
    await write(pageCode(keys), rosterCode(seatsOf(keys, weightOf)));
    const missing = getAddress(`0x${'10'.padStart(40, '0')}`);
    for (const listsSigners of [false, true]) {
      const certificate = certify(DIGEST, keys, [1], listsSigners);
      await reverts(verify(2, certificate), harness, 'PrecompileFailed', missing);
    }
  });

  it('to burn a whole transaction on a bad signature', async () => {
    const keys = keysFrom(4);
    const { viem, harness, write } = await open({ throwOnTransactionFailures: false });
    await write(pageCode(keys), rosterCode(seatsOf(keys, weightOf)));
    const [wallet] = await viem.getWalletClients();
    const client = await viem.getPublicClient();
    assert.ok(wallet);
    const certificate = { listsSigners: false, signature: outsideSubgroupG1(), seats: [] };
    const call = encodeFunctionData({
      abi: harness.abi,
      functionName: 'verify',
      args: [harness.address, 2, DIGEST, certificate],
    });
    const hash = await wallet.sendTransaction({ to: harness.address, data: call, gas: 10_000_000n });
    const receipt = await client.waitForTransactionReceipt({ hash });
    assert.equal(receipt.status, 'reverted');
    assert.ok(receipt.gasUsed < 300_000n, `burnt ${receipt.gasUsed}`);
  });

  it('one absent seat too few among many', async () => {
    const keys = keysFrom(64);
    const { harness, verify } = await seat(keys);
    const absent = absentees(21, 64);
    const { signature } = certify(DIGEST, keys, absent);
    const seats = bitmapOf(absent.slice(1), 64);
    const call = verify(2, { listsSigners: false, signature, seats });
    await reverts(call, harness, 'SignatureInvalid', DIGEST);
  });
});

const P = BigInt(
  '0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab',
);
const halves = (value: bigint): readonly [bigint, bigint] => [
  value >> 256n,
  value & ((1n << 256n) - 1n),
];
const addModulus = (high: bigint, low: bigint) => halves(((high << 256n) | low) + P);
const negateG1 = ([a, b, c, d]: readonly [bigint, bigint, bigint, bigint]) =>
  [a, b, ...halves(P - ((c << 256n) | d))] as const;
