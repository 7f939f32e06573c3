import assert from 'node:assert/strict';
import { concatHex, encodeFunctionData, getAddress, keccak256, slice, toHex } from 'viem';
import { keyAt, keysFrom, oppositeOf, provePossession } from './support/bls.ts';
import {
  all,
  DIGEST,
  NO_POINT,
  openQuorum,
  seatQuorum,
  weigh,
  weightOf,
} from './support/quorum.ts';
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

const NOWHERE = 77;
const PAIRING = getAddress(`0x${'0f'.padStart(40, '0')}`);

describe('Quorum refuses', () => {
  it('a signature at infinity, which pairs to one with keys at infinity', async () => {
    const keys = [keyAt(0), oppositeOf(keyAt(0))];
    const { harness, verify } = await seatQuorum(keys);
    const nobody = { listsSigners: true, signature: NO_POINT, seats: [] };
    const everybody = { listsSigners: false, signature: NO_POINT, seats: [] };
    await reverts(verify(2, nobody), harness, 'SignatureIsInfinity');
    await reverts(verify(2, everybody), harness, 'SignatureIsInfinity');
  });

  for (const [what, listsSigners, seats, listed] of [
    ['nobody as signers', true, [], 0n],
    ['nobody as signers in a word', true, [0n], 0n],
    ['nobody as absent in a word', false, [0n], 0n],
    ['half of the seats as signers', true, [0b0011n], 2n],
    ['most seats as signers', true, [0b0111n], 3n],
    ['most seats as absent', false, [0b1110n], 3n],
    ['everybody as absent', false, [0b1111n], 4n],
  ] as const)
    it(`to read a certificate that lists ${what}`, async () => {
      const keys = keysFrom(4);
      const { harness, verify } = await seatQuorum(keys);
      const signers = keys.filter((_, seat) =>
        seats.some((word) => ((word >> BigInt(seat)) & 1n) === (listsSigners ? 1n : 0n)),
      );
      const { signature } = certify(DIGEST, signers.length > 0 ? signers : keys);
      const call = verify(2, { listsSigners, signature, seats });
      await reverts(call, harness, 'CertificateNotCanonical', listsSigners, listed, 4n);
    });

  it('keys that cancel out, and takes the same keys beside honest ones', async () => {
    const opposed = [keyAt(0), oppositeOf(keyAt(0)), keyAt(1), oppositeOf(keyAt(1))];
    const cancelled = await seatQuorum(opposed);
    const { signature } = certify(DIGEST, [keyAt(2)]);
    const call = cancelled.verify(2, { listsSigners: false, signature, seats: [] });
    await reverts(call, cancelled.harness, 'KeysAreInfinity');

    const keys = [keyAt(0), oppositeOf(keyAt(0)), ...keysFrom(5, 2)];
    const { harness, verify } = await seatQuorum(keys);
    const listed = verify(2, { listsSigners: true, signature, seats: [0b11n] });
    await reverts(listed, harness, 'KeysAreInfinity');
    for (const [absent, signers] of [
      [[], all(7)],
      [
        [3, 4, 5, 6],
        [0, 1, 2],
      ],
    ] as const) {
      const found = await verify(2, certify(DIGEST, keys, absent));
      assert.deepEqual(found, [weigh(signers), weigh(all(7))]);
    }
  });

  it('a roster that nobody wrote, or that ends early', async () => {
    const keys = keysFrom(4);
    const { harness, write, verify, child } = await openQuorum();
    const roster = rosterCode(seatsOf(keys, weightOf));
    await write(pageCode(keys), slice(roster, 0, 203 + 8 * 3), concatHex([roster, '0x00']), '0x00');
    const certificate = certify(DIGEST, keys);
    for (const nonce of [NOWHERE, 1, 2, 3, 4])
      await reverts(verify(nonce, certificate), harness, 'RosterMissing', child(nonce));
  });

  it('a roster without seats', async () => {
    const { harness, write, verify, child } = await openQuorum();
    await write(slice(rosterCode(seatsOf(keysFrom(1), weightOf)), 0, 201), rosterCode([]));
    const certificate = certify(DIGEST, keysFrom(1));
    await reverts(verify(2, certificate), harness, 'RosterEmpty', child(2));
  });

  for (const [where, moved] of [
    ['that nobody wrote', { page: NOWHERE }],
    ['that ends before the key', { place: 4 }],
  ] as const)
    it(`the weight of a seat whose key is in a page ${where}`, async () => {
      const keys = keysFrom(4);
      const phantom = (seats: SeatAt[]) =>
        seats.map((found, index) => (index === 3 ? { ...found, ...moved } : found));
      const { harness, verify, child } = await seatQuorum(keys, phantom);
      const { signature } = certify(DIGEST, keys.slice(0, 3));
      const certificate = { listsSigners: true, signature, seats: [0b1000n] };
      const page = child('page' in moved ? moved.page : 1);
      await reverts(verify(2, certificate), harness, 'PageMissing', page);
    });

  it('a bitmap of any length but its own', async () => {
    const keys = keysFrom(257);
    const { harness, write, verify } = await openQuorum();
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
    }
  });

  it('a bit past the last seat', async () => {
    const keys = keysFrom(5);
    const { harness, verify } = await seatQuorum(keys);
    const { signature } = certify(DIGEST, keys);
    for (const bit of [5n, 6n, 255n])
      for (const listsSigners of [false, true]) {
        const certificate = { listsSigners, signature, seats: [(1n << bit) | 0b11n] };
        await reverts(verify(2, certificate), harness, 'SeatsUnknown', 1n << bit);
      }
  });

  it('a signature of another digest, by other seats, or under the possession tag', async () => {
    const keys = keysFrom(4);
    const { harness, verify } = await seatQuorum(keys);
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
    const { harness, verify } = await seatQuorum(keys);
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
    const { harness, write, verify } = await openQuorum();
    const [a, b, c, d, e, f, g, h] = outsideSubgroupG2();
    const raw = [a, c, e, g].map((high, index) => {
      const low = [b, d, f, h][index] ?? 0n;
      return ((high << 256n) | low).toString(16).padStart(96, '0');
    });
    const page = concatHex([slice(pageCode(keys), 0, 1 + 192 * 3), `0x${raw.join('')}`]);
    await write(page, rosterCode(seatsOf(keys, weightOf)));
    const certificate = certify(DIGEST, keys, [0, 1, 2]);
    await reverts(verify(2, certificate), harness, 'PrecompileFailed', PAIRING);
  });

  it('to count on precompiles that answer nothing', async () => {
    const keys = keysFrom(4);
    const { harness, write, verify } = await openQuorum({ hardfork: 'cancun' });
    await write(pageCode(keys), rosterCode(seatsOf(keys, weightOf)));
    const missing = getAddress(`0x${'10'.padStart(40, '0')}`);
    for (const absent of [[1], [0, 1, 2]]) {
      const call = verify(2, certify(DIGEST, keys, absent));
      await reverts(call, harness, 'PrecompileFailed', missing);
    }
  });

  it('to burn a whole transaction on a bad signature', async () => {
    const keys = keysFrom(4);
    const { viem, harness, write } = await openQuorum({ throwOnTransactionFailures: false });
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
    const hash = await wallet.sendTransaction({
      to: harness.address,
      data: call,
      gas: 10_000_000n,
    });
    const receipt = await client.waitForTransactionReceipt({ hash });
    assert.equal(receipt.status, 'reverted');
    assert.ok(receipt.gasUsed < 300_000n, `burnt ${receipt.gasUsed}`);
  });

  it('one absent seat too few among many', async () => {
    const keys = keysFrom(64);
    const { harness, verify } = await seatQuorum(keys);
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
