import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hexToBytes, numberToHex, toHex } from 'viem';
import { sign } from '../../protocol/bls.ts';
import { Fault } from '../../protocol/fault.ts';
import { isRollCall, rollCallOf } from '../../protocol/roll-call.ts';
import {
  ATTESTATION_BYTES,
  decodeAttestation,
  decodeCertificate,
  decodeVerdict,
  encodeAttestation,
  encodeCertificate,
  encodeVerdict,
  MAX_CERTIFICATE_BYTES,
  VERDICT_BYTES,
} from '../../protocol/wire.ts';
import { readVectors } from '../vectors/read.ts';
import type { verdicts } from '../vectors/verdict-vectors.ts';
import { anyVerdict, certificateBy, secretAt, verdictWith } from './builders.ts';

const signature = Uint8Array.from(sign(secretAt(0), `0x${'ab'.repeat(32)}`));
const attestation = { verdict: verdictWith(), seat: 5, signature };
const certificate = certificateBy([0, 1, 2, 3, 4], 7);
const certificateBytes = encodeCertificate(certificate);
const faultOf = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;

const word = (value: number) => numberToHex(value, { size: 32 });
const changed = (bytes: Uint8Array, at: number, byte: number) =>
  Uint8Array.from(bytes, (old, index) => (index === at ? byte : old));

describe('wire', () => {
  it('verdicts pack as the vectors say', () => {
    for (const { verdict, packed } of readVectors<ReturnType<typeof verdicts>>('verdicts')) {
      assert.equal(toHex(encodeVerdict(verdict)), packed);
      assert.deepEqual(decodeVerdict(hexToBytes(packed)), { ok: true, value: verdict });
    }
  });

  it('any verdict comes back, and so does any attestation of it', () => {
    fc.assert(
      fc.property(anyVerdict, fc.integer({ min: 0, max: 511 }), (verdict, seat) => {
        assert.deepEqual(decodeVerdict(encodeVerdict(verdict)), { ok: true, value: verdict });
        const bytes = encodeAttestation({ verdict, seat, signature });
        assert.equal(bytes.length, ATTESTATION_BYTES);
        assert.deepEqual(decodeAttestation(bytes), {
          ok: true,
          value: { verdict, seat, signature },
        });
      }),
    );
  });

  it('whatever is taken is encoded to the same bytes: no message has two forms', () => {
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 320 }),
      fc
        .tuple(fc.nat(certificateBytes.length - 1), fc.nat(255))
        .map(([at, byte]) => changed(certificateBytes, at, byte)),
    );
    fc.assert(
      fc.property(garbage, (bytes) => {
        const [taken, seen, verdict] = [
          decodeCertificate(bytes),
          decodeAttestation(bytes),
          decodeVerdict(bytes),
        ];
        if (taken.ok) assert.deepEqual(encodeCertificate(taken.value), bytes);
        if (seen.ok) assert.deepEqual(encodeAttestation(seen.value), bytes);
        if (verdict.ok) assert.deepEqual(encodeVerdict(verdict.value), bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  it('a roll call is the one verdict without a rung, and has neither life nor rule', () => {
    const block = { chainId: 1n, hash: word(1), height: 7n };
    const call = rollCallOf({ block, epoch: 2n, coverageId: word(2), leaves: [] });
    assert.ok(isRollCall(call));
    assert.deepEqual(decodeVerdict(encodeVerdict(call)), { ok: true, value: call });
    for (const changes of [{ life: 1 }, { ruleId: word(3) }, { subject: word(0) }]) {
      const other = { ...call, ...changes };
      assert.equal(isRollCall(other), false);
      assert.throws(() => encodeVerdict(other), faultOf('FIELD_OUT_OF_RANGE'));
    }
  });

  it('sizes are what they are said to be', () => {
    assert.equal(encodeVerdict(verdictWith()).length, VERDICT_BYTES);
    assert.equal(certificateBytes.length, 242);
    assert.equal(MAX_CERTIFICATE_BYTES, 305);
  });

  const bytes = encodeAttestation(attestation);
  const whole = 1 + VERDICT_BYTES;
  const rungAt = 1 + 8 + 4 * 32 + 16;
  for (const [code, what, message] of [
    ['LENGTH', 'nothing', new Uint8Array()],
    ['LENGTH', 'a byte too few', bytes.subarray(0, -1)],
    ['LENGTH', 'a trailing byte', Uint8Array.of(...bytes, 0)],
    ['VERSION', 'version 2', changed(bytes, 0, 2)],
    ['RUNG', 'rung 0', changed(bytes, rungAt, 0)],
    ['RUNG', 'rung 4', changed(bytes, rungAt, 4)],
    ['SEAT', 'seat 512', changed(changed(bytes, whole, 2), whole + 1, 0)],
    ['POINT_NOT_COMPRESSED', 'an uncompressed signature', changed(bytes, whole + 2, 0)],
    ['POINT_IS_INFINITY', 'infinity', changed(bytes, whole + 2, 0xc0)],
    ['POINT_NOT_CANONICAL', 'a coordinate past the modulus', changed(bytes, whole + 2, 0x9f)],
  ] as const)
    it(`an attestation of ${what} is refused: ${code}`, () => {
      assert.deepEqual(decodeAttestation(message), { ok: false, code });
    });

  for (const [code, what, message] of [
    ['LENGTH', 'nothing', new Uint8Array()],
    ['LENGTH', 'a byte too few', certificateBytes.subarray(0, -1)],
    ['LENGTH', 'a trailing byte', Uint8Array.of(...certificateBytes, 0)],
    ['LENGTH', 'more than any roster needs', new Uint8Array(MAX_CERTIFICATE_BYTES + 1)],
    ['VERSION', 'version 0', changed(certificateBytes, 0, 0)],
    ['RUNG', 'rung 4', changed(certificateBytes, rungAt, 4)],
    ['FLAG', 'a flag of 2', changed(certificateBytes, whole, 2)],
    ['SEAT_COUNT', 'no seats', changed(certificateBytes, whole + 2, 0)],
    ['SEAT_COUNT', '519 seats', changed(certificateBytes, whole + 1, 2)],
    ['LENGTH', 'seats that ask a longer bitmap', changed(certificateBytes, whole + 2, 9)],
    ['SEATS_UNKNOWN', 'a bit past the last seat', changed(certificateBytes, whole + 3, 0xe0)],
    [
      'NOT_CANONICAL',
      'the other list',
      changed(changed(certificateBytes, whole, 1), whole + 3, 0x1f),
    ],
    ['NOT_CANONICAL', 'nobody', changed(changed(certificateBytes, whole, 1), whole + 3, 0)],
    ['NOT_CANONICAL', 'four absent of seven', changed(certificateBytes, whole + 3, 0x0f)],
    ['POINT_IS_INFINITY', 'infinity', changed(certificateBytes, whole + 4, 0xc0)],
  ] as const)
    it(`a certificate of ${what} is refused: ${code}`, () => {
      assert.deepEqual(decodeCertificate(message), { ok: false, code });
    });

  for (const [field, value] of [
    ['height', -1n],
    ['height', 1n << 64n],
    ['life', 1.5],
    ['life', 2 ** 32],
    ['rung', 0],
    ['blockHash', '0x12'],
    ['subject', `0x${'zz'.repeat(32)}`],
  ] as const)
    it(`a verdict with ${field} ${value} is not sent`, () => {
      assert.throws(
        () => encodeVerdict({ ...verdictWith(), [field]: value }),
        faultOf('FIELD_OUT_OF_RANGE'),
      );
    });

  it('neither a seat past the last nor half a signature nor a second form is sent', () => {
    assert.throws(
      () => encodeAttestation({ ...attestation, seat: 512 }),
      faultOf('FIELD_OUT_OF_RANGE'),
    );
    assert.throws(
      () => encodeAttestation({ ...attestation, signature: signature.subarray(1) }),
      faultOf('SIGNATURE_REFUSED'),
    );
    assert.throws(
      () => encodeCertificate({ ...certificate, listsSigners: true, seats: [0, 1, 2, 3, 4] }),
      faultOf('NOT_CANONICAL'),
    );
  });
});
