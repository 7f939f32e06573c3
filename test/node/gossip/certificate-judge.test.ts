import assert from 'node:assert/strict';
import { zeroHash } from 'viem';
import { ROLL_CALL } from '../../../protocol/roll-call.ts';
import { committeeOf, covered } from './support/committee.ts';
import { certificateBytes, judges, put, secrets } from './support/judges.ts';

const call = { ruleId: zeroHash, subject: ROLL_CALL, rung: 0, life: 0 };

describe('a certificate', () => {
  const three = certificateBytes([0, 1, 2]);
  for (const [what, bytes, outcome, code, changes] of [
    ['of more than two thirds', three, 'accept', 'OK', {}],
    ['of everybody', certificateBytes([0, 1, 2, 3]), 'accept', 'OK', {}],
    [
      'of a roll call by more than two thirds',
      certificateBytes([0, 1, 2], call),
      'accept',
      'OK',
      {},
    ],
    ['of a roll call by half', certificateBytes([0, 1], call), 'reject', 'QUORUM', {}],
    ['too large for any committee', new Uint8Array(400), 'reject', 'SIZE', {}],
    ['of another version', put(three, 0, 9), 'reject', 'VERSION', {}],
    ['cut short', three.slice(0, -1), 'reject', 'DECODE', {}],
    [
      'of another chain',
      certificateBytes([0, 1, 2], { observedChainId: 2n }),
      'reject',
      'CHAIN',
      {},
    ],
    [
      'of an epoch without a roster',
      certificateBytes([0, 1, 2], { epoch: 3n }),
      'ignore',
      'EPOCH',
      {},
    ],
    [
      'of a rung above what its roster arms',
      certificateBytes([0, 1, 2], { epoch: 2n }),
      'reject',
      'RUNG',
      {},
    ],
    ['short of its quorum', certificateBytes([0, 1]), 'reject', 'QUORUM', {}],
    [
      'of another size of committee',
      certificateBytes([0, 1, 2], {}, { seatCount: 5 }),
      'reject',
      'SEAT',
      {},
    ],
    [
      'that is no quorum without a struck seat',
      three,
      'ignore',
      'STRUCK',
      { isStruck: (_: bigint, seat: number) => seat === 2 },
    ],
    [
      'that is one without it',
      certificateBytes([0, 1, 2, 3]),
      'accept',
      'OK',
      { isStruck: (_: bigint, seat: number) => seat === 2 },
    ],
    [
      'that lists the wrong absent seat',
      certificateBytes([0, 1, 2], {}, { seats: [2] }),
      'reject',
      'SIGNATURE',
      {},
    ],
    [
      'that claims one signer more',
      certificateBytes([0, 1, 2], {}, { seats: [] }),
      'reject',
      'SIGNATURE',
      {},
    ],
  ] as const)
    it(`${what}: ${outcome}, ${code}`, () => {
      const judgement = judges(changes).certificate(bytes);
      assert.deepEqual([judgement.outcome, judgement.code], [outcome, code]);
      assert.equal(judgement.certificate !== null, outcome === 'accept');
    });

  it('is news again once a strike has taken the quorum of the one before', () => {
    const struck: number[] = [];
    const { certificate } = judges({ isStruck: (_, seat) => struck.includes(seat) });
    assert.equal(certificate(three).code, 'OK');
    assert.equal(certificate(certificateBytes([0, 1, 2, 3])).code, 'DUPLICATE');
    struck.push(0);
    assert.equal(certificate(certificateBytes([0, 1, 2, 3])).code, 'OK');
  });

  it('is news once a verdict, and a forged one first does not keep the true one out', () => {
    const { certificate } = judges();
    assert.deepEqual(
      [certificateBytes([0, 1, 2], {}, { seats: [2] }), three, certificateBytes([0, 1, 3])].map(
        (bytes) => certificate(bytes).code,
      ),
      ['SIGNATURE', 'OK', 'DUPLICATE'],
    );
  });

  it('of more than two thirds is news behind one of half, where it may raise the rung', () => {
    const committees = [committeeOf(secrets, [20n, 31n, 30n, 19n])];
    const [half, full] = [
      [0, 1],
      [0, 1, 2],
    ] as const;
    for (const [ofClass, expected] of [
      ['B', ['OK', 'DUPLICATE', 'OK', 'DUPLICATE', 'DUPLICATE']],
      ['A', ['OK', 'DUPLICATE', 'DUPLICATE', 'DUPLICATE', 'DUPLICATE']],
    ] as const) {
      const rule = { ...covered.rule, class: ofClass, rung: 2 };
      const { certificate } = judges({ committees, ruleOf: () => ({ ...covered, rule }) });
      const say = (signers: readonly number[]) =>
        certificate(certificateBytes(signers, { rung: 2 })).code;
      assert.deepEqual([half, half, full, full, half].map(say), expected);
    }
  });
});
