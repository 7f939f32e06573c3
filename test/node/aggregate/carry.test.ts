import assert from 'node:assert/strict';
import { verdictDigest } from '../../../protocol/verdict.ts';
import { attestationOf, domain, verdictAt } from '../gossip/support/committee.ts';
import { build, committee, reached, said, secrets, verdict } from './support.ts';

describe('aggregator carries by a sum', () => {
  const digest = verdictDigest(domain, verdict);
  const claimsOf = (seats: readonly number[]) =>
    seats.map((seat) => ({ seat: committee.seats[seat]!, signature: said[seat]!.signature }));

  it('what it has counted and what waits, as if each had been counted', () => {
    const { addAll, carry, isCarried } = build();
    addAll([0, 3]);
    const quorum = carry(verdict, digest, claimsOf([1, 2, 4]));
    assert.deepEqual(quorum, reached(build().addAll([0, 1, 2, 3, 4]))[0]);
    assert.ok(isCarried(verdict, digest));
    assert.deepEqual(reached(addAll([1, 2, 4, 5])), []);
  });

  it('nothing that is no quorum, and nothing twice', () => {
    const { carry } = build();
    assert.equal(carry(verdict, digest, claimsOf([0, 1, 2, 3])), null);
    assert.notEqual(carry(verdict, digest, claimsOf([0, 1, 2, 3, 4])), null);
    assert.equal(carry(verdict, digest, claimsOf([0, 1, 2, 3, 4, 5])), null);
  });

  it('nothing with a false signature in it, and holds it against nobody', () => {
    const { addAll, carry, isCarried, refused } = build();
    const claims = claimsOf([0, 1, 2, 3, 4]).with(2, {
      seat: committee.seats[2]!,
      signature: attestationOf(secrets, 2, verdictAt(101n)).signature,
    });
    assert.equal(carry(verdict, digest, claims), null);
    const rubbish = claims.with(2, { ...claims[2]!, signature: new Uint8Array(48) });
    assert.equal(carry(verdict, digest, rubbish), null);
    assert.deepEqual([isCarried(verdict, digest), refused], [false, []]);
    assert.equal(reached(addAll([0, 1, 2, 3, 4])).length, 1);
  });

  it('without the seats that were struck', () => {
    const { carry } = build({ struck: [2] });
    assert.equal(carry(verdict, digest, claimsOf([0, 1, 2, 3, 4])), null);
    const quorum = carry(verdict, digest, claimsOf([0, 1, 2, 3, 4, 5]));
    assert.deepEqual(quorum?.certificate.seats, [2, 6]);
  });
});
