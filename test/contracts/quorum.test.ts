import assert from 'node:assert/strict';
import fc from 'fast-check';
import hre from 'hardhat';
import { getContractAddress } from 'viem';
import { isCanonical } from '../../protocol/certificate.ts';
import { keyAt, keysFrom, signDigest } from './support/bls.ts';
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
import { bitmapOf, certify, pageCode, rosterCode, seatsOf } from './support/roster.ts';

const SOME_POINT = signDigest(DIGEST, [keyAt(0)]);
const without = (seats: readonly number[], count: number) =>
  all(count).filter((seat) => !seats.includes(seat));

describe('Quorum', () => {
  for (const [listed, listings] of [
    ['absent', [[], [0], [6], [1, 2, 5]]],
    ['signers', [[0], [6], [1, 2, 5]]],
  ] as const)
    it(`weighs the seats that signed when the ${listed} are listed`, async () => {
      const keys = keysFrom(7);
      const { verify } = await seatQuorum(keys);
      for (const listing of listings) {
        const others = without(listing, 7);
        const [signers, absent] = listed === 'signers' ? [listing, others] : [others, listing];
        const certificate = certify(DIGEST, keys, absent);
        assert.equal(certificate.listsSigners, listed === 'signers');
        assert.deepEqual(await verify(2, certificate), [weigh(signers), weigh(all(7))]);
      }
    });

  it('takes the one form that the nodes write, of any choice of signers', async () => {
    for (const seatCount of [1, 2, 3, 4, 5]) {
      const keys = keysFrom(seatCount);
      const { harness, verify } = await seatQuorum(keys);
      for (let bits = 0; bits < 2 ** seatCount; bits++)
        for (const listsSigners of [false, true]) {
          const seats = all(seatCount).filter((seat) => (bits >> seat) & 1);
          const signers = listsSigners ? seats : without(seats, seatCount);
          const certificate = certify(DIGEST, keys, without(signers, seatCount), listsSigners);
          const call = verify(2, certificate);
          if (isCanonical({ listsSigners, seatCount, seats }))
            assert.deepEqual(await call, [weigh(signers), weigh(all(seatCount))]);
          else {
            // Nobody's signature is no point: any other will do.
            const stated =
              signers.length > 0 ? call : verify(2, { ...certificate, signature: SOME_POINT });
            const told = [listsSigners, BigInt(seats.length), BigInt(seatCount)];
            await reverts(stated, harness, 'CertificateNotCanonical', ...told);
          }
        }
    }
  });

  it('counts a whole word of absent seats', async () => {
    const keys = keysFrom(512);
    const { harness, write, verify } = await openQuorum();
    const pages = [0, 1, 2, 3, 4].map((page) => keys.slice(page * 127, (page + 1) * 127));
    await write(...pages.map(pageCode), rosterCode(seatsOf(keys, weightOf)));
    const signers = all(512).slice(256);
    const found = await verify(6, certify(DIGEST, keys, all(256)));
    assert.deepEqual(found, [weigh(signers), weigh(all(512))]);
    const restated = verify(6, certify(DIGEST, keys, all(256), true));
    await reverts(restated, harness, 'CertificateNotCanonical', true, 256n, 512n);
  });

  it('finds each seat that is alone in a word', async () => {
    const keys = keysFrom(256);
    const { write, verify } = await openQuorum();
    const pages = [keys.slice(0, 127), keys.slice(127, 254), keys.slice(254)];
    await write(...pages.map(pageCode), rosterCode(seatsOf(keys, weightOf)));
    for (const seat of all(256)) {
      const certificate = certify(DIGEST, keys, without([seat], 256));
      assert.deepEqual(await verify(4, certificate), [weigh([seat]), weigh(all(256))]);
    }
  }).timeout(120_000);

  it('weighs any seats of a roster, and none where there is none', async () => {
    const { harness, write, child } = await openQuorum();
    const seats = seatsOf(Array(300).fill(keyAt(0)), weightOf);
    await write(rosterCode(seats), rosterCode([]));
    const weightAt = (nonce: number, listed: readonly number[]) => {
      const [low = 0n, high = 0n] = bitmapOf(listed, 512);
      return harness.read.weightOf([harness.address, nonce, [low, high]]);
    };
    for (const listed of [[], [0], [255], [256], [299], [3, 7, 254, 290], all(300)])
      assert.equal(await weightAt(1, listed), weigh(listed));
    assert.equal(await weightAt(1, [299, 300, 511]), weigh([299]));
    for (const nonce of [2, 3])
      await reverts(weightAt(nonce, [0]), harness, 'RosterMissing', child(nonce));
  });

  // The plain version copies whole pages for each seat: small ones only.
  for (const [count, plain] of [
    [30, true],
    [300, false],
  ] as const)
    it(`weighs any of ${count} seats${plain ? ' as the plain version does' : ''}, wherever their keys are`, async () => {
      const keys = keysFrom(count);
      const { harness, write, verify } = await openQuorum();
      const third = count / 3;
      const pages = [0, 1, 2].map((page) => keys.slice(page * third, (page + 1) * third));
      // Neighbouring seats lie in different pages.
      const seats = seatsOf(keys, () => 0, third)
        .map((found, index) => ({ found, order: (index * 7) % count }))
        .sort((a, b) => a.order - b.order)
        .map(({ found }, index) => ({ ...found, weight: weightOf(index) }));
      const seated = seats.map(({ key }) => key);
      await write(...pages.map(pageCode), rosterCode(seats));
      const subset = fc.uniqueArray(fc.nat(count - 1), { maxLength: count - 1, size: 'max' });
      await fc.assert(
        fc.asyncProperty(subset, async (absent) => {
          const signers = without(absent, count);
          const certificate = certify(DIGEST, seated, absent);
          const call = [harness.address, 4, DIGEST, certificate] as const;
          const found = await verify(4, certificate);
          assert.deepEqual(found, [weigh(signers), weigh(all(count))]);
          if (plain) assert.deepEqual(found, await harness.read.verifyPlainly(call));
        }),
        {
          numRuns: 12,
          examples: [
            [all(count).filter((i) => i % 2 === 0)],
            [all(count).filter((i) => i % 3 !== 0)],
            [[]],
          ],
        },
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
    const { harness } = await openQuorum();
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
      const certificate = { listsSigners, signature: NO_POINT, seats: bitmapOf(listed, seats) };
      assert.deepEqual(await harness.read.signers([certificate, BigInt(seats)]), words);
    }
  });

  it('derives the address of a contract from its creator for every length of nonce', async () => {
    const { harness } = await openQuorum();
    const from = harness.address;
    const nonces = [1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0xffffff, 0x1000000, 0xffffffff];
    for (const nonce of nonces.map(BigInt))
      assert.equal(await harness.read.child([from, nonce]), getContractAddress({ from, nonce }));
  });
});
