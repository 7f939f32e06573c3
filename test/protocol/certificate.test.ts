import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hexToBytes, toHex } from 'viem';
import {
  certificateFromEvm,
  checkCertificate,
  createCertificate,
  evmCertificate,
  isCanonical,
  seatsOfWords,
  seatWords,
  signedWeight,
  signersOf,
} from '../../protocol/certificate.ts';
import { Fault } from '../../protocol/fault.ts';
import type { Certificate } from '../../protocol/types.ts';
import { decodeCertificate, encodeCertificate } from '../../protocol/wire.ts';
import type { certificates } from '../vectors/certificate-vectors.ts';
import { readVectors } from '../vectors/read.ts';
import type { verdicts } from '../vectors/verdict-vectors.ts';
import { certificateBy, committeeOf, domain, verdictWith } from './builders.ts';

const vectors = readVectors<ReturnType<typeof certificates>>('certificates');
const [{ verdict: signed } = { verdict: verdictWith() }] =
  readVectors<ReturnType<typeof verdicts>>('verdicts');

describe('certificate', () => {
  for (const { seats, certificates: cases } of vectors.rosters)
    for (const vector of cases)
      it(`${vector.signers.length} of ${seats.length} seats make the bytes and words of the vectors`, () => {
        const signature = hexToBytes(vector.wire).slice(-48);
        const certificate = createCertificate({
          verdict: signed,
          seatCount: seats.length,
          signers: vector.signers,
          signature,
        });
        assert.equal(certificate.listsSigners, vector.listsSigners);
        assert.deepEqual(certificate.seats, vector.seats);
        assert.deepEqual(signersOf(certificate), vector.signers);
        const [, words] = evmCertificate(certificate);
        assert.deepEqual(words, vector.evm);
        assert.deepEqual(certificateFromEvm(signed, words, seats.length), {
          ok: true,
          value: certificate,
        });
        assert.equal(toHex(encodeCertificate(certificate)), vector.wire);
        assert.deepEqual(decodeCertificate(hexToBytes(vector.wire)), {
          ok: true,
          value: certificate,
        });
      });

  it('any set of signers has one form, and gives the signers back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 512 }),
        fc.infiniteStream(fc.boolean()),
        (seatCount, coins) => {
          const signers = Array.from({ length: seatCount }, (_, seat) => seat).filter(
            () => coins.next().value,
          );
          fc.pre(signers.length > 0);
          const certificate = createCertificate({
            verdict: verdictWith(),
            seatCount,
            signers: [...signers].reverse(),
            signature: new Uint8Array(48),
          });
          assert.ok(isCanonical(certificate));
          assert.deepEqual(signersOf(certificate), signers);
          assert.ok(certificate.seats.length <= seatCount / 2);
          assert.deepEqual(seatsOfWords(seatWords(signers, seatCount), seatCount), signers);
          const seats = Array.from({ length: seatCount }, (_, seat) => seat).filter(
            (seat) => !certificate.seats.includes(seat),
          );
          const otherWay = { seatCount, seats, listsSigners: !certificate.listsSigners };
          assert.deepEqual(signersOf(otherWay), signers);
          assert.ok(!isCanonical(otherWay));
        },
      ),
      { numRuns: 100 },
    );
  });

  for (const [what, seatCount, signers] of [
    ['nobody', 4, []],
    ['a seat that is not there', 4, [4]],
    ['a seat twice', 4, [1, 1]],
    ['a negative seat', 4, [-1]],
    ['more seats than may be', 513, [0]],
    ['no seats', 0, [0]],
  ] as const)
    it(`nothing is made of ${what}`, () => {
      assert.throws(
        () =>
          createCertificate({
            verdict: verdictWith(),
            seatCount,
            signers,
            signature: new Uint8Array(48),
          }),
        (error) => error instanceof Fault && error.code === 'SEATS_INVALID',
      );
    });

  for (const [what, listing] of [
    ['signers that are as many as the absent', { listsSigners: true, seatCount: 4, seats: [0, 1] }],
    [
      'absent that are more than the signers',
      { listsSigners: false, seatCount: 4, seats: [0, 1, 2] },
    ],
    ['no signers', { listsSigners: true, seatCount: 4, seats: [] }],
    ['everybody absent', { listsSigners: false, seatCount: 1, seats: [0] }],
    ['seats out of order', { listsSigners: false, seatCount: 9, seats: [2, 1] }],
    ['a seat past the last', { listsSigners: false, seatCount: 4, seats: [4] }],
  ] as const)
    it(`a list of ${what} is not canonical`, () => {
      assert.ok(!isCanonical(listing));
    });

  describe('checked before it is sent', () => {
    const weights = [16n, 16n, 15n, 14n, 14n, 13n, 12n];
    const committee = committeeOf(weights);
    const good = certificateBy([0, 1, 2, 3, 4], 7);

    it('says how much weight stands behind it', () => {
      assert.equal(signedWeight(committee, good), 75n);
      assert.deepEqual(checkCertificate(domain, committee, good), {
        ok: true,
        value: { signed: 75n, total: 100n },
      });
    });

    const cases: readonly (readonly [string, Certificate])[] = [
      ['SEAT_COUNT', { ...good, seatCount: 8 }],
      ['NOT_CANONICAL', { ...good, listsSigners: true, seats: [0, 1, 2, 3, 4] }],
      ['EPOCH', certificateBy([0, 1, 2, 3, 4], 7, verdictWith({ epoch: 2n }))],
      ['QUORUM_MISSED', certificateBy([0, 1, 2, 3], 7)],
      ['SIGNATURE_INVALID', { ...good, seats: [5] }],
      ['SIGNATURE_INVALID', { ...good, verdict: verdictWith({ height: 101n }) }],
      ['SIGNATURE_INVALID', { ...good, signature: new Uint8Array(48) }],
    ];
    for (const [code, certificate] of cases)
      it(`is refused: ${code}`, () => {
        assert.deepEqual(checkCertificate(domain, committee, certificate), { ok: false, code });
      });

    it('is refused above the rung that the roster arms', () => {
      const thin = committeeOf([40n, 30n, 30n]);
      const certificate = certificateBy([0, 1, 2], 3);
      assert.deepEqual(checkCertificate(domain, thin, certificate), {
        ok: false,
        code: 'RUNG_ABOVE_ROSTER',
      });
    });
  });
});
