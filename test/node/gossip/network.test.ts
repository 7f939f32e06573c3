import assert from 'node:assert/strict';
import { verify } from '../../../protocol/bls.ts';
import { checkCertificate } from '../../../protocol/certificate.ts';
import { verdictDigest } from '../../../protocol/verdict.ts';
import type { QuorumReached } from '../../../node/lib/pipeline.ts';
import { createAggregator } from '../../../node/aggregate/aggregator.ts';
import { attestationOf, domain, verdictAt } from './support/committee.ts';
import { eventually } from './support/eventually.ts';
import type { Town, Watcher } from './support/watchers.ts';
import { createTown } from './support/watchers.ts';

const allSeated = (watchers: readonly Watcher[]) =>
  eventually('every watcher hears every other', () =>
    watchers.every(
      (watcher) =>
        watcher.peers().seated === watchers.length - 1 &&
        watcher.peers().subscribed === watchers.length - 1,
    ),
  );

describe('seven watchers on real connections', function () {
  this.timeout(120_000);
  let town: Town;
  let watchers: readonly Watcher[];
  before(async () => {
    town = await createTown(7, [16n, 16n, 15n, 14n, 14n, 13n, 12n]);
    watchers = await town.joinAll();
    await allSeated(watchers);
  });
  after(() => town.close());

  it('all reach the same quorum when each publishes what it saw', async () => {
    const verdict = verdictAt(100n);
    const reached: QuorumReached[][] = watchers.map(() => []);
    const parts = watchers.map((_, i) => {
      const aggregator = createAggregator({
        domain,
        keyring: town.keyring,
        committeeOf: () => town.committee,
        isStruck: () => false,
      });
      return { aggregator, reached: reached[i]! };
    });
    const started = performance.now();
    await Promise.all(
      watchers.map((watcher, seat) =>
        watcher.publishAttestation(attestationOf(town.secrets, seat, verdict)),
      ),
    );
    await eventually('all attestations are everywhere', () =>
      watchers.every(({ heard }) => heard.length === 7),
    );
    const took = performance.now() - started;
    watchers.forEach(({ heard }, i) => {
      for (const attestation of heard) {
        const quorum = parts[i]!.aggregator.add(attestation);
        if (quorum !== null) parts[i]!.reached.push(quorum);
      }
    });
    for (const quorums of reached) {
      assert.equal(quorums.length, 1);
      const [quorum] = quorums;
      assert.equal(quorum!.digest, verdictDigest(domain, verdict));
      assert.ok(checkCertificate(domain, town.committee, quorum!.certificate).ok);
    }
    assert.ok(took < 10_000, `${took} ms`);
    for (const watcher of watchers)
      assert.deepEqual(
        [...watcher.counts.keys()].filter((code) => code.includes('reject')),
        [],
      );
  });

  it('hear a certificate that one of them found, once', async () => {
    const verdict = verdictAt(101n);
    const aggregator = createAggregator({
      domain,
      keyring: town.keyring,
      committeeOf: () => town.committee,
      isStruck: () => false,
    });
    const quorum = [0, 1, 2, 3, 4]
      .map((seat) => aggregator.add(attestationOf(town.secrets, seat, verdict)))
      .find((found) => found !== null)!;
    await watchers[3]!.publishCertificate(quorum.certificate);
    const others = watchers.filter((_, i) => i !== 3);
    await eventually('the certificate is everywhere', () =>
      others.every(({ certified }) => certified.length === 1),
    );
    const other = createAggregator({
      domain,
      keyring: town.keyring,
      committeeOf: () => town.committee,
      isStruck: () => false,
    });
    assert.deepEqual(other.addCertificate(others[0]!.certified[0]!), quorum);
    assert.equal(other.addCertificate(others[0]!.certified[0]!), null);
  });

  it('hear of another when a strike has taken the quorum of the first', async () => {
    const verdict = verdictAt(104n);
    const certificateOf = (seats: readonly number[]) => {
      const aggregator = createAggregator({
        domain,
        keyring: town.keyring,
        committeeOf: () => town.committee,
        isStruck: () => false,
      });
      return seats
        .map((seat) => aggregator.add(attestationOf(town.secrets, seat, verdict)))
        .find((found) => found !== null)!.certificate;
    };
    const heard = (watcher: Watcher) =>
      watcher.certified.filter((each) => each.verdict.height === 104n).length;
    const others = watchers.filter((_, i) => i !== 3);
    await watchers[3]!.publishCertificate(certificateOf([0, 1, 2, 3, 4]));
    await eventually('the first is everywhere', () => others.every((each) => heard(each) === 1));
    await watchers[3]!.publishCertificate(certificateOf([1, 2, 3, 4, 5]));
    town.chain.struck.add(0);
    await watchers[3]!.publishCertificate(certificateOf([1, 2, 3, 4, 5]));
    await eventually('the second is everywhere', () => others.every((each) => heard(each) === 2));
    town.chain.struck.clear();
  });

  it('catch a pair of forgeries whose errors cancel in a plain sum', async () => {
    // Seats 1 and 2 swap signatures: each is false, their sum is right.
    const verdict = verdictAt(102n);
    const [first, second] = [
      attestationOf(town.secrets, 1, verdict),
      attestationOf(town.secrets, 2, verdict),
    ];
    const forged = [
      { ...first, signature: second.signature },
      { ...second, signature: first.signature },
    ];
    assert.ok(
      !verify(town.committee.seats[1]!.key, verdictDigest(domain, verdict), forged[0]!.signature),
    );
    const honest = watchers.filter((_, i) => i !== 1);
    const before = honest.map(({ heard }) => heard.length);
    await Promise.all(forged.map((attestation) => watchers[1]!.publishAttestation(attestation)));
    await eventually('both are refused everywhere', () =>
      honest.every(({ count }) => count('attestation reject SIGNATURE') === 2),
    );
    assert.deepEqual(
      honest.map(({ heard }) => heard.length),
      before,
    );
    // The honest seat 2 is still heard, by a message of its own.
    await watchers[2]!.publishAttestation(second);
    await eventually('seat 2 counts', () =>
      watchers.every(
        ({ heard }, i) =>
          i === 1 || heard.some(({ seat, verdict: { height } }) => seat === 2 && height === 102n),
      ),
    );
  });

  it('keep both halves of an equivocation and count the first alone', async () => {
    const [one, two] = [verdictAt(103n), verdictAt(103n, { claimsRoot: `0x${'11'.repeat(32)}` })];
    await watchers[4]!.publishAttestation(attestationOf(town.secrets, 4, one));
    const others = watchers.filter((_, i) => i !== 4 && i !== 1);
    await eventually('the first is everywhere', () =>
      others.every(({ heard }) => heard.some(({ verdict }) => verdict.height === 103n)),
    );
    await watchers[4]!.publishAttestation(attestationOf(town.secrets, 4, two));
    await eventually('the evidence is everywhere', () =>
      others.every(({ evidence }) => evidence.length === 1),
    );
    for (const { evidence, heard, count } of others) {
      const [{ seat, first, second } = assert.fail()] = evidence;
      assert.deepEqual([seat, first.verdict, second.verdict], [4, one, two]);
      assert.equal(heard.filter(({ verdict }) => verdict.height === 103n).length, 1);
      assert.equal(count('EQUIVOCATION'), 1);
    }
  });
});

describe('a stranger among watchers', function () {
  this.timeout(60_000);
  let town: Town;
  let watchers: readonly Watcher[];
  before(async () => {
    town = await createTown(5);
    watchers = [await town.join(0, []), await town.join(1, [])];
  });
  after(() => town.close());

  it('hears seats, is not heard, and cannot silence a seat by repeating it first', async () => {
    const [one, two] = watchers as [Watcher, Watcher];
    const observer = await town.join(null, [one.address, two.address]);
    await eventually(
      'the observer knows both',
      () => observer.peers().seated === 2 && observer.peers().subscribed === 2,
    );
    await eventually(
      'one is known to nobody as a seat but itself',
      () => one.peers().connected === 1 && one.peers().seated === 0,
    );
    const attestation = attestationOf(town.secrets, 1, verdictAt(100n));
    // The observer is quicker than seat 1 itself.
    await eventually('one ignores the stranger', async () => {
      await observer.publishAttestation(attestationOf(town.secrets, 1, verdictAt(90n)));
      await observer.publishAttestation(attestation);
      await observer.publishAttestation(attestationOf(town.secrets, 2, verdictAt(91n)));
      return one.count('attestation ignore STRANGER') >= 1;
    });
    assert.deepEqual(one.heard, []);
    const late = await town.join(1, [one.address]);
    await eventually(
      'seat 1 is seated',
      () => one.peers().seated === 1 && late.peers().subscribed === 1,
    );
    await late.publishAttestation(attestation);
    await eventually('seat 1 is heard', () => one.heard.length === 1);
    await one.publishAttestation(attestationOf(town.secrets, 0, verdictAt(100n)));
    await eventually('the observer hears seat 0', () =>
      observer.heard.some(({ seat }) => seat === 0),
    );
  });

  it('that claims a seat without its hot key stays a stranger', async () => {
    const [one] = watchers as [Watcher];
    const seats = one.peers().seated;
    const { seats: places } = town.committee;
    const impostor = await town.join(3, [one.address], {
      seat: {
        own: new Set([places[3]!.keyHash]),
        account: (await import('viem/accounts')).privateKeyToAccount(`0x${'07'.repeat(32)}`),
      },
    });
    await eventually('the handshake is refused', () =>
      one.faults.includes('handshake: HANDSHAKE_REFUSED'),
    );
    assert.equal(one.peers().seated, seats);
    await eventually('it knows who listens', () => impostor.peers().subscribed === 1);
    await impostor.publishAttestation(attestationOf(town.secrets, 3, verdictAt(99n)));
    await eventually('it is ignored', () => one.count('attestation ignore STRANGER') >= 2);
    assert.ok(one.heard.every(({ seat }) => seat !== 3));
  });
});

describe('what a seat has signed', function () {
  this.timeout(60_000);

  it('is told to the first three seats before all others, and to all others', async () => {
    const town = await createTown(6, [10n, 10n, 10n, 10n, 10n, 10n]);
    try {
      const orderOf = () => town.committee.seats.map(({ keyHash }) => keyHash);
      const heardFirst: number[] = [];
      const watchers: Watcher[] = [];
      for (let seat = 0; seat < 6; seat++) {
        const onReceived = () => void heardFirst.push(seat);
        const peers = watchers.map(({ address }) => address);
        watchers.push(await town.join(seat, peers, { orderOf, onReceived }));
      }
      await allSeated(watchers);
      await watchers[5]!.publishAttestation(attestationOf(town.secrets, 5, verdictAt(100n)));
      await eventually('everybody has heard it', () =>
        watchers.every(({ heard }) => heard.length === 1),
      );
      assert.deepEqual(new Set(heardFirst.slice(0, 3)), new Set([0, 1, 2]));
    } finally {
      await town.close();
    }
  });
});
