import assert from 'node:assert/strict';
import fc from 'fast-check';
import hre from 'hardhat';
import { getContractAddress } from 'viem';
import { keysFrom } from './support/bls.ts';
import {
  all,
  DIGEST,
  NO_POINT,
  openQuorum,
  seatQuorum,
  weigh,
  weightOf,
} from './support/quorum.ts';
import { bitmapOf, certify, pageCode, rosterCode, seatsOf } from './support/roster.ts';

describe('Quorum', () => {
  for (const listsSigners of [false, true])
    it(`weighs the seats that signed when the ${listsSigners ? 'signers' : 'absent'} are listed`, async () => {
      const keys = keysFrom(7);
      const { verify } = await seatQuorum(keys);
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
        {
          numRuns: 12,
          examples: [
            [all(count).filter((i) => i % 2 === 0), true],
            [[], true],
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
