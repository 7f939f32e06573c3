import assert from 'node:assert/strict';
import fc from 'fast-check';
import { aggregate } from '../../../protocol/bls.ts';
import { createKeyring } from '../../../node/lib/keyring.ts';
import { checkCertificate, signersOf } from '../../../protocol/certificate.ts';
import type { Rule } from '../../../protocol/types.ts';
import { verdictDigest } from '../../../protocol/verdict.ts';
import { attestationOf, domain, hash, rule, verdictAt } from '../gossip/support/committee.ts';
import { build, committee, fast, reached, said, secrets, verdict } from './support.ts';

describe('aggregator', () => {
  for (const [seats, what] of [
    [[0, 1, 2, 3], '61 of 100 is no quorum of rung 3'],
    [[0, 1, 2, 6], '59 of 100 is no quorum of rung 3'],
  ] as const)
    it(what, () => assert.deepEqual(reached(build().addAll(seats)), []));

  it('certifies a verdict once, as soon as more than two thirds of the stake is behind it', () => {
    const { addAll } = build();
    const results = addAll([0, 1, 2, 3, 4, 5, 6]);
    assert.deepEqual(
      results.map((result) => result !== null),
      [false, false, false, false, true, false, false],
    );
    const [{ digest, certificate, signed, total } = assert.fail()] = reached(results);
    assert.deepEqual([digest, signed, total], [verdictDigest(domain, verdict), 75n, 100n]);
    assert.deepEqual([certificate.listsSigners, certificate.seats], [false, [5, 6]]);
    assert.deepEqual(checkCertificate(domain, committee, certificate), {
      ok: true,
      value: { signed, total },
    });
  });

  it('makes the same certificate of the same signers in any order', () =>
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 5], { minLength: 5 }), (order) => {
        const [quorum] = reached(build().addAll(order));
        assert.deepEqual(quorum, reached(build().addAll([0, 1, 2, 3, 5]))[0]);
      }),
      { numRuns: 5 },
    ));

  it('lists the signers when they are fewer: a heavy third of a rung 1', () => {
    const tighten = verdictAt(100n, { rung: 1 });
    const { add } = build();
    const quorum = [0, 1, 2].map((seat) => add(attestationOf(secrets, seat, tighten))).at(-1)!;
    assert.deepEqual(
      [quorum!.certificate.listsSigners, signersOf(quorum!.certificate)],
      [true, [0, 1, 2]],
    );
  });

  it('gathers all who are counted, before a quorum and after it, and makes nothing of it', () => {
    const { addAll, gathered } = build();
    const digest = verdictDigest(domain, verdict);
    assert.equal(gathered(digest), null);
    addAll([3]);
    const one = gathered(digest)!;
    assert.deepEqual([signersOf(one.certificate), one.signed, one.total], [[3], 14n, 100n]);
    addAll([0, 1, 2, 4, 5]);
    const all = gathered(digest)!.certificate;
    assert.deepEqual(signersOf(all), [0, 1, 2, 3, 4, 5]);
    assert.ok(checkCertificate(domain, committee, all).ok);
  });

  it('counts a seat once however often it speaks', () => {
    const { addAll, gathered } = build();
    assert.deepEqual(reached(addAll([0, 1, 2, 0, 1, 2, 0, 1, 2])), []);
    assert.equal(gathered(verdictDigest(domain, verdict))?.signed, 47n);
  });

  it('leaves struck seats out while the denominator stays', () => {
    const { addAll } = build({ struck: [0] });
    const quorums = reached(addAll([0, 1, 2, 3, 4, 5]));
    assert.equal(quorums[0]!.signed, 72n);
    assert.deepEqual(signersOf(quorums[0]!.certificate), [1, 2, 3, 4, 5]);
  });

  it('knows no seat past the last and no epoch without a roster', () => {
    const { add, size } = build();
    assert.equal(add({ ...said[0]!, seat: 7 }), null);
    assert.equal(add(attestationOf(secrets, 0, verdictAt(100n, { epoch: 9n }))), null);
    assert.equal(size(), 0);
  });

  it('makes no certificate of a rung its roster does not arm', () => {
    const { addAll } = build({ committee: { ...committee, maxRung: 1 } });
    assert.deepEqual(reached(addAll([0, 1, 2, 3, 4, 5, 6])), []);
  });

  it('keeps two verdicts apart: stake does not add up across digests', () => {
    const { add } = build();
    const other = verdictAt(100n, { claimsRoot: hash('other') });
    for (const seat of [0, 1, 2]) assert.equal(add(said[seat]!), null);
    for (const seat of [3, 4, 5]) assert.equal(add(attestationOf(secrets, seat, other)), null);
  });

  it('verifies the sum itself: a false partial that slipped in is expelled and the rest still certify', () => {
    const { add, addAll, refused } = build();
    add({ ...said[0]!, signature: said[1]!.signature });
    const quorums = reached(addAll([1, 2, 3, 4, 5]));
    assert.deepEqual(refused, [0]);
    assert.deepEqual(
      quorums.map(({ certificate }) => signersOf(certificate)),
      [[1, 2, 3, 4, 5]],
    );
  });

  it('sums to the very bytes of the reference', () => {
    const [quorum] = reached(build().addAll([0, 1, 2, 3, 4]));
    assert.deepEqual(
      quorum!.certificate.signature,
      aggregate(said.slice(0, 5).map(({ signature }) => signature)),
    );
  });

  it('lets no sum pass that does not verify, whatever went wrong in summing', () => {
    const { addAll, refused } = build({
      keyring: createKeyring({
        ...fast,
        sumSignatures: (points) => fast.sumSignatures(points.slice(1)),
      }),
    });
    assert.deepEqual(reached(addAll([0, 1, 2, 3, 4])), []);
    assert.deepEqual(refused, [0, 1, 2, 3, 4]);
  });

  it('expels a partial that is no point', () => {
    const { add, refused } = build();
    add({ ...said[0]!, signature: new Uint8Array(48).fill(0xff) });
    assert.deepEqual(refused, [0]);
  });

  it('counts a certificate from elsewhere like its own, after checking it', () => {
    const [quorum] = reached(build().addAll([0, 1, 2, 3, 4]));
    const { addCertificate, addAll } = build();
    assert.equal(
      addCertificate({ ...quorum!.certificate, seats: [4, 6] }),
      null,
      'the wrong seats',
    );
    assert.deepEqual(addCertificate(quorum!.certificate), quorum);
    assert.equal(addCertificate(quorum!.certificate), null);
    assert.deepEqual(reached(addAll([0, 1, 2, 3, 4, 5, 6])), []);
  });

  it('knows the newest certificate of a verdict, and can make one again that was lost', () => {
    const struck: number[] = [];
    const { addAll, reconsider, isNewest, lose, addCertificate } = build({ struck });
    const [first] = reached(addAll([0, 1, 2, 3, 4, 5, 6]));
    assert.ok(isNewest(first!));
    struck.push(0);
    const [second] = reconsider();
    assert.deepEqual([isNewest(first!), isNewest(second!)], [false, true]);
    lose(first!);
    assert.equal(addCertificate(second!.certificate), null);
    lose(second!);
    assert.notEqual(addCertificate(second!.certificate), null);
  });

  it('does not certify anew what the store held before a restart', () => {
    const [quorum] = reached(build().addAll([0, 1, 2, 3, 4]));
    const { restore, addAll } = build();
    restore([quorum!.certificate]);
    assert.deepEqual(reached(addAll([0, 1, 2, 3, 4])), []);
  });

  it('forgets what is too old to certify, so an endless stream leaves it small', () => {
    const { add, prune, size } = build();
    for (let height = 100n; height < 300n; height++) {
      add({ ...said[0]!, verdict: verdictAt(height) });
      prune(height);
    }
    assert.equal(size(), 33);
  });

  it('bounds what one seat may have open, and others are heard all the same', () => {
    const { add, size, addAll } = build();
    for (let i = 0; i < 5_000; i++)
      add({ ...said[6]!, verdict: verdictAt(100n, { blockHash: hash(`fork ${i}`) }) });
    assert.equal(size(), 1024);
    assert.equal(reached(addAll([0, 1, 2, 3, 4])).length, 1);
    // Nor does a coverage that always fires keep a seat from speaking about another.
    add({ ...said[6]!, verdict: verdictAt(100n, { coverageId: hash('another coverage') }) });
    assert.equal(size(), 1026);
  });

  it('certifies anew what a struck signer has spoilt, with what has come since', () => {
    const struck: number[] = [];
    const { addAll, reconsider } = build({ struck });
    const [first] = reached(addAll([0, 1, 2, 3, 4]));
    assert.deepEqual([first?.signed, reached(addAll([5, 6]))], [75n, []]);
    assert.deepEqual(reconsider(), []);
    struck.push(0);
    const [second, ...more] = reconsider();
    assert.deepEqual(more, []);
    assert.deepEqual(
      [second?.digest, second?.signed, signersOf(second!.certificate)],
      [first?.digest, 84n, [1, 2, 3, 4, 5, 6]],
    );
    assert.deepEqual(reconsider(), []);
  });

  it('waits for more when a strike leaves too few, and certifies as soon as they come', () => {
    const struck: number[] = [];
    const { addAll, reconsider } = build({ struck });
    assert.equal(reached(addAll([0, 1, 2, 3, 4])).length, 1);
    struck.push(0);
    assert.deepEqual(reconsider(), []);
    const [again] = reached(addAll([5, 6]));
    assert.deepEqual(signersOf(again!.certificate), [1, 2, 3, 4, 5]);
  });

  describe('of an opinion, class B at rung 2', () => {
    const opinion: Rule = { ...rule, class: 'B', rung: 2 };
    const limit = verdictAt(100n, { rung: 2 });
    const heard = secrets.map((_, seat) => attestationOf(secrets, seat, limit));
    const signedOf = (given: Parameters<typeof build>[0], seats: readonly number[]) => {
      const { add } = build(given);
      return seats.map((seat) => add(heard[seat]!)?.signed ?? null);
    };

    for (const [what, given, expected] of [
      [
        'certifies at half, and once more at two thirds',
        { rule: opinion },
        [null, null, null, 61n, 75n, null, null],
      ],
      ['certifies class A at half only', {}, [null, null, null, 61n, null, null, null]],
      [
        'certifies class B below rung 2 at its own share only',
        { rule: { ...opinion, rung: 1 } },
        [null, null, null, 61n, null, null, null],
      ],
      [
        'counts struck seats for nothing',
        { rule: opinion, struck: [0] },
        [null, null, null, null, 59n, 72n, null],
      ],
    ] as const)
      it(what, () => {
        assert.deepEqual(signedOf(given, [0, 1, 2, 3, 4, 5, 6]), expected);
      });

    it('takes the larger certificate from elsewhere behind the smaller, and not the other way round', () => {
      const { add } = build({ rule: opinion });
      const [small, large] = reached([0, 1, 2, 3, 4].map((seat) => add(heard[seat]!)));
      const other = build({ rule: opinion });
      assert.deepEqual(other.addCertificate(small!.certificate), small);
      assert.equal(other.addCertificate(small!.certificate), null);
      assert.deepEqual(other.addCertificate(large!.certificate), large);
      assert.equal(other.addCertificate(small!.certificate), null);
      assert.equal(other.addCertificate(large!.certificate), null);
    });

    it('makes the larger one of what comes after a restart', () => {
      const { add } = build({ rule: opinion });
      const [small] = reached([0, 1, 2, 3].map((seat) => add(heard[seat]!)));
      const again = build({ rule: opinion });
      again.restore([small!.certificate]);
      const results = [0, 1, 2, 3, 4].map((seat) => again.add(heard[seat]!)?.signed ?? null);
      assert.deepEqual(results, [null, null, null, null, 75n]);
    });
  });

  it('takes another certificate of the same verdict only when its own no longer carries', () => {
    const struck: number[] = [];
    const { addAll, addCertificate } = build({ struck });
    const [light] = reached(build().addAll([0, 1, 2, 3, 4]));
    const [heavy] = reached(build().addAll([6, 5, 4, 3, 2, 1]));
    addAll([0, 1, 2, 3, 4]);
    assert.equal(addCertificate(heavy!.certificate), null);
    struck.push(0);
    assert.equal(addCertificate(light!.certificate), null);
    assert.equal(addCertificate(heavy!.certificate)?.digest, heavy!.digest);
  });
});
