import assert from 'node:assert/strict';
import { createKnownCertificates } from '../../../node/gossip/known-certificates.ts';
import { createRecent } from '../../../node/gossip/recent.ts';
import { createCertificate } from '../../../protocol/certificate.ts';
import type { Verdict } from '../../../protocol/types.ts';
import { hash, verdictAt } from './support/committee.ts';

const signature = new Uint8Array(48);

describe('what a seat may miss', () => {
  it('is told in turns: no seat pushes the others out of an answer', () => {
    const recent = createRecent();
    const say = (seat: number, height: bigint, rule: string) => {
      const attestation = { verdict: verdictAt(height, { ruleId: hash(rule) }), seat, signature };
      const name = `${seat} ${height} ${rule}`;
      recent.keep({ attestation, digest: hash(name), keyDigest: hash(`key ${name}`) });
    };
    for (let i = 0; i < 50; i++) say(0, 108n, `loud ${i}`);
    say(1, 90n, 'older');
    say(1, 100n, 'quiet');
    const told = recent.since(80n).map(({ seat, verdict }) => `${seat}@${verdict.height}`);
    assert.deepEqual(told.slice(0, 4), ['0@108', '1@100', '0@108', '1@90']);
    assert.equal(told.length, 52);
    assert.deepEqual(recent.since(91n).filter(({ seat }) => seat === 1).length, 1);
  });

  it('is forgotten with its height, and there is room again', () => {
    const recent = createRecent();
    const of = (height: bigint, n: number) => ({
      attestation: {
        verdict: verdictAt(height, { ruleId: hash(`rule ${n}`) }),
        seat: 0,
        signature,
      },
      digest: hash(`digest ${height} ${n}`),
      keyDigest: hash(`key ${height} ${n}`),
    });
    for (let n = 0; n < 1_024; n++) recent.keep(of(100n, n));
    assert.equal(recent.relation(of(101n, 0)), 'excess');
    recent.prune(133n);
    assert.equal(recent.size(), 0);
    assert.equal(recent.relation(of(101n, 0)), 'new');
  });
});

describe('known certificates', () => {
  const of = (changes: Partial<Verdict>) =>
    createCertificate({
      verdict: verdictAt(100n, changes),
      seatCount: 4,
      signers: [0, 1, 2],
      signature,
    });

  it('of a quiet rule stay, however many come of others', () => {
    const known = createKnownCertificates();
    known.keep(hash('quiet'), of({ ruleId: hash('quiet rule') }));
    for (let rule = 0; rule < 10; rule++)
      for (let n = 0; n < 600; n++)
        known.keep(hash(`loud ${rule} ${n}`), of({ ruleId: hash(`loud ${rule}`) }));
    assert.notEqual(known.get(hash('quiet')), null);
    assert.equal(known.all().length, 4_096);
  });

  it('of one rule are an eighth at most, the newest', () => {
    const known = createKnownCertificates();
    for (let n = 0; n < 600; n++) known.keep(hash(`${n}`), of({}));
    assert.equal(known.all().length, 512);
    assert.deepEqual([known.get(hash('87')), known.get(hash('88')) === null], [null, false]);
  });
});
