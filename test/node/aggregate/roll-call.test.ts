import assert from 'node:assert/strict';
import { verifyAggregate } from '../../../protocol/bls.ts';
import { checkCertificate, signersOf } from '../../../protocol/certificate.ts';
import { rollCallOf } from '../../../protocol/roll-call.ts';
import { verdictDigest } from '../../../protocol/verdict.ts';
import { attestationOf, blockAt, covered, domain, verdictAt } from '../gossip/support/committee.ts';
import { build, committee, reached, secrets } from './support.ts';

const { coverageId } = covered;
const call = rollCallOf({ block: blockAt(100n), epoch: 1n, coverageId, leaves: [] });
const digest = verdictDigest(domain, call);
const saidOf = (seat: number) => attestationOf(secrets, seat, call);

/** An aggregator that has heard these seats answer the roll call. */
const hearing = (seats: readonly number[], changes: Parameters<typeof build>[0] = {}) => {
  const aggregator = build(changes);
  const results = seats.map((seat) => aggregator.add(saidOf(seat)));
  return { ...aggregator, certified: reached(results) };
};
const signers = ({ gathered }: Pick<ReturnType<typeof build>, 'gathered'>) => {
  const found = gathered(digest);
  if (found === null) return null;
  const seats = signersOf(found.certificate);
  const keys = seats.map((seat) => committee.seats[seat]!.key);
  assert.ok(verifyAggregate(keys, digest, found.certificate.signature));
  return seats;
};

describe('a roll call', () => {
  it('is certified to all once more than two thirds have signed it, and then told no more', () => {
    const few = hearing([0, 1, 2, 3]);
    assert.deepEqual([few.certified, few.isCarried(call, digest)], [[], false]);
    const many = hearing([0, 1, 2, 3, 4]);
    assert.equal(many.certified.length, 1);
    assert.ok(many.isCarried(call, digest));
    assert.ok(checkCertificate(domain, committee, many.certified[0]!.certificate).ok);
  });

  it('is gathered of whoever has signed it, few as they may be', () => {
    assert.equal(signers(hearing([])), null);
    assert.deepEqual(signers(hearing([5])), [5]);
    assert.deepEqual(signers(hearing([6, 2])), [2, 6]);
    assert.deepEqual(hearing([6, 2]).gathered(digest)?.signed, 27n);
  });

  it('takes in who signs after its certificate, from here or from elsewhere', () => {
    const own = hearing([0, 1, 2, 3, 4, 6]);
    assert.deepEqual(signers(own), [0, 1, 2, 3, 4, 6]);
    own.add(saidOf(5));
    assert.deepEqual(signers(own), [0, 1, 2, 3, 4, 5, 6]);
    assert.equal(own.gathered(digest)?.signed, 100n);
    const [{ certificate } = assert.fail()] = own.certified;
    const other = build();
    assert.notEqual(other.addCertificate(certificate), null);
    other.add(saidOf(6));
    assert.deepEqual(signers(other), [0, 1, 2, 3, 4, 6]);
  });

  it('is gathered without a signature that is none', () => {
    const aggregator = hearing([0, 1]);
    const { signature } = attestationOf(secrets, 2, verdictAt(101n));
    aggregator.add({ ...saidOf(2), signature });
    assert.deepEqual(signers(aggregator), [0, 1]);
    assert.deepEqual(aggregator.refused, [2]);
  });

  it('of a thin roster wants what its own highest rung does', () => {
    const thin = { ...committee, maxRung: 1 };
    assert.equal(hearing([0, 1], { committee: thin }).certified.length, 0);
    assert.equal(hearing([0, 1, 2], { committee: thin }).certified.length, 1);
  });
});
