import assert from 'node:assert/strict';
import fc from 'fast-check';
import { zeroHash } from 'viem';
import { ROLL_CALL } from '../../../protocol/roll-call.ts';
import { attestationOf, blockAt, covered, hash, verdictAt } from './support/committee.ts';
import { attestationBytes, judges, put, secrets } from './support/judges.ts';

const good = attestationBytes();
const call = { ruleId: zeroHash, subject: ROLL_CALL, rung: 0, life: 0 };

describe('an attestation', () => {
  for (const [what, bytes, outcome, code, changes] of [
    ['of a seat of the committee', good, 'accept', 'OK', {}],
    ['that is a byte short', good.slice(1), 'reject', 'SIZE', {}],
    ['that is a byte long', Uint8Array.of(...good, 0), 'reject', 'SIZE', {}],
    ['of another version', put(good, 0, 2), 'reject', 'VERSION', {}],
    ['of a rung that is not', put(good, 1 + 152, 4), 'reject', 'DECODE', {}],
    ['whose signature is infinity', put(put(good, 192, 0xc0), 193, 0), 'reject', 'DECODE', {}],
    ['of another chain', attestationBytes({ observedChainId: 1n }), 'reject', 'CHAIN', {}],
    ['of a block too old to certify', attestationBytes({}, 0, {}, 67n), 'ignore', 'HEIGHT', {}],
    ['of the oldest block of the window', attestationBytes({}, 0, {}, 68n), 'accept', 'OK', {}],
    ['of a block far ahead', attestationBytes({}, 0, {}, 109n), 'ignore', 'AHEAD', {}],
    ['of a block a little ahead', attestationBytes({}, 0, {}, 108n), 'accept', 'OK', {}],
    ['of an epoch without a roster', attestationBytes({ epoch: 9n }), 'ignore', 'EPOCH', {}],
    [
      'of a rule that is not covered',
      attestationBytes({ ruleId: hash('other') }),
      'ignore',
      'RULE',
      {},
    ],
    [
      'of a coverage that is not',
      attestationBytes({ coverageId: hash('other') }),
      'ignore',
      'RULE',
      {},
    ],
    [
      'with a rung its rule does not have',
      attestationBytes({ rung: 2 }),
      'reject',
      'RULE_MISMATCH',
      {},
    ],
    [
      'with a life its rule does not have',
      attestationBytes({ life: 1 }),
      'reject',
      'RULE_MISMATCH',
      {},
    ],
    ['of a roll call', attestationBytes(call), 'accept', 'OK', {}],
    [
      'of a roll call of a coverage that is not known',
      attestationBytes({ ...call, coverageId: hash('other') }),
      'ignore',
      'RULE',
      {},
    ],
    [
      'of a roll call at a block at which nobody is called',
      attestationBytes({ ...call, blockHash: blockAt(99n).hash }, 0, {}, 99n),
      'ignore',
      'NOT_CALLED',
      {},
    ],
    ['of a seat past the last', attestationBytes({}, 4), 'reject', 'SEAT', {}],
    ['of a struck seat', good, 'ignore', 'STRUCK', { isStruck: () => true }],
    [
      'signed by another seat',
      attestationBytes({}, 0, { signature: attestationOf(secrets, 1, verdictAt(100n)).signature }),
      'reject',
      'SIGNATURE',
      {},
    ],
    [
      'with the signature of another verdict',
      attestationBytes({}, 0, { signature: attestationOf(secrets, 0, verdictAt(99n)).signature }),
      'reject',
      'SIGNATURE',
      {},
    ],
    ['whose signature is off the curve', put(good, 239, good[239]! ^ 1), 'reject', 'SIGNATURE', {}],
  ] as const)
    it(`${what}: ${outcome}, ${code}`, async () => {
      const judgement = await judges(changes).attestation(bytes);
      assert.deepEqual([judgement.outcome, judgement.code], [outcome, code]);
      assert.equal(judgement.attestation !== null, outcome === 'accept');
    });

  it('is news once', async () => {
    const { attestation } = judges();
    const [first, second] = await Promise.all([attestation(good), attestation(good)]);
    const third = await attestation(good);
    assert.deepEqual([first.code, second.code, third.code], ['OK', 'DUPLICATE', 'DUPLICATE']);
    assert.deepEqual([second.attestation, third.attestation], [null, null]);
  });

  it('that contradicts another is evidence, a third one only noise', async () => {
    const { attestation, evidence } = judges();
    const codes = [];
    for (const word of ['one', 'two', 'three'])
      codes.push((await attestation(attestationBytes({ claimsRoot: hash(word) }))).code);
    assert.deepEqual(codes, ['OK', 'EQUIVOCATION', 'TOO_MANY']);
    assert.deepEqual(
      evidence.map(({ seat, first, second }) => [
        seat,
        first.verdict.claimsRoot,
        second.verdict.claimsRoot,
      ]),
      [[0, hash('one'), hash('two')]],
    );
  });

  it('that is forged in the name of a seat takes nothing from that seat', async () => {
    const { attestation, evidence } = judges();
    const forged = attestationBytes({ claimsRoot: hash('lie') }, 0, {
      signature: attestationOf(secrets, 1, verdictAt(100n)).signature,
    });
    assert.equal((await attestation(forged)).code, 'SIGNATURE');
    assert.equal((await attestation(good)).code, 'OK');
    assert.deepEqual(evidence, []);
  });

  it('beyond what can be verified in time is passed over, not held against its sender', async () => {
    const { attestation } = judges();
    const { signature } = attestationOf(secrets, 1, verdictAt(99n));
    const flood = Array.from({ length: 66 }, (_, i) =>
      attestationBytes({ claimsRoot: hash(`flood ${i}`) }, 0, { signature }),
    );
    const judged = Promise.all(flood.map(async (bytes) => (await attestation(bytes, 'loud')).code));
    assert.equal((await attestation(good, 'quiet')).code, 'OK');
    assert.deepEqual((await judged).slice(-3), ['SIGNATURE', 'OVERLOADED', 'OVERLOADED']);
  });

  it('of a block still to come is verified at once a few times a peer and seat, then when it has come', async () => {
    const changes = { head: 100n };
    const { attestation } = judges(changes);
    const { signature } = attestationOf(secrets, 1, verdictAt(99n));
    const bring = async (peer: string, count: number) => {
      const codes = Array.from({ length: count }, async (_, i) => {
        const lie = { claimsRoot: hash(`${peer} ${i}`) };
        return (await attestation(attestationBytes(lie, 0, { signature }, 101n), peer)).code;
      });
      return (await Promise.all(codes)).filter((code) => code === 'AHEAD').length;
    };
    assert.deepEqual([await bring('loud', 20), await bring('quiet', 1)], [4, 0]);
    assert.equal((await attestation(attestationBytes({}, 2, {}, 101n), 'loud')).code, 'OK');
    changes.head = 101n;
    assert.equal(await bring('loud', 20), 0);
  });

  it('is heard however much its seat says about another coverage', async () => {
    const elsewhere = { ...covered, coverageId: hash('a noisy coverage') };
    const { attestation, recent } = judges({
      ruleOf: (coverage) => (coverage === elsewhere.coverageId ? elsewhere : covered),
    });
    for (let i = 0; i < 1_100; i++) {
      const verdict = verdictAt(100n, {
        coverageId: elsewhere.coverageId,
        ruleId: hash(`rule ${i}`),
      });
      const noise = { ...attestationOf(secrets, 0, verdictAt(100n)), verdict };
      const heard = { attestation: noise, digest: hash(`d${i}`), keyDigest: hash(`k${i}`) };
      if (recent.relation(heard) === 'new') recent.keep(heard);
    }
    assert.equal(recent.size(), 1_024);
    assert.equal((await attestation(good)).code, 'OK');
  });

  it('speaks of a few blocks a height and no more, whatever its seat signs', async () => {
    const { attestation, recent } = judges();
    const codes = [];
    for (let i = 0; i < 6; i++)
      codes.push((await attestation(attestationBytes({ blockHash: hash(`fork ${i}`) }))).code);
    assert.deepEqual(codes, ['OK', 'OK', 'OK', 'OK', 'TOO_MANY', 'TOO_MANY']);
    assert.equal(recent.size(), 4);
    recent.prune(200n);
    assert.equal(recent.size(), 0);
  });

  it('made of noise is never accepted and never breaks the judge', async () => {
    const { attestation, certificate } = judges();
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 400 }),
        fc.nat(239),
        fc.nat(255),
        async (noise, at, value) => {
          assert.notEqual((await attestation(noise)).outcome, 'accept');
          assert.notEqual(certificate(noise).outcome, 'accept');
          const bent = put(good, at, value);
          if (bent[at] !== good[at]) assert.notEqual((await attestation(bent)).outcome, 'accept');
        },
      ),
      { numRuns: 100 },
    );
  });
});
