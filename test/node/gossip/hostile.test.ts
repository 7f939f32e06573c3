import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { encodeAttestation } from '../../../protocol/wire.ts';
import { openFrames } from '../../../node/gossip/frames.ts';
import { shakeHands } from '../../../node/gossip/handshake.ts';
import { createHost } from '../../../node/gossip/host.ts';
import { pubsub } from '../../../node/gossip/pubsub.ts';
import { createBindings } from '../../../node/gossip/bindings.ts';
import { CATCH_UP, HANDSHAKE, topicsOf } from '../../../node/gossip/topics.ts';
import { attestationOf, domain, hash, verdictAt } from './support/committee.ts';
import { eventually } from './support/eventually.ts';
import type { Town, Watcher } from './support/watchers.ts';
import { createTown, hotAccount } from './support/watchers.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const heap = () => {
  collectGarbage();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

describe('a hostile seat', function () {
  this.timeout(90_000);
  let town: Town;
  let honest: Watcher;
  let other: Watcher;
  beforeEach(async () => {
    town = await createTown(5);
    honest = await town.join(0, []);
    other = await town.join(1, [honest.address]);
  });
  afterEach(() => town.close());
  const hostile = async (seat: number) => {
    const watcher = await town.join(seat, [honest.address, other.address]);
    await eventually(
      'it is seated',
      () =>
        honest.peers().seated === 2 &&
        other.peers().seated === 2 &&
        watcher.peers().subscribed === 2,
    );
    return watcher;
  };
  /** Messages that were looked at. */
  const judged = () =>
    [...honest.counts].reduce(
      (sum, [what, count]) => (what.endsWith('STRANGER') ? sum : sum + count),
      0,
    );
  const stillWorks = async () => {
    await other.publishAttestation(attestationOf(town.secrets, 1, verdictAt(99n)));
    await eventually('an honest seat is still heard', () =>
      honest.heard.some(({ seat, verdict }) => seat === 1 && verdict.height === 99n),
    );
  };

  it('that sends what is malformed, oversize or of no seat is refused by code, then not heard at all', async () => {
    const liar = await hostile(2);
    const good = encodeAttestation(attestationOf(town.secrets, 2, verdictAt(98n)));
    const seats = Uint8Array.from(good);
    seats[191] = 77;
    for (const [bytes, code] of [
      [randomBytes(240), 'VERSION'],
      [randomBytes(900), 'SIZE'],
      [seats, 'SEAT'],
    ] as const) {
      if (code === 'VERSION') bytes[0] = 7;
      await liar.publishBytes('attestation', bytes);
      await eventually(code, () => honest.count(`attestation reject ${code}`) === 1);
    }
    await eventually('nothing of it is heard any more', async () => {
      const before = judged();
      await liar.publishBytes('attestation', Uint8Array.of(7, ...randomBytes(239)));
      await new Promise((resolve) => setTimeout(resolve, 300));
      return before === judged();
    });
    await stillWorks();
  });

  it('that signs falsely what is still to come is not heard any more once that has come', async () => {
    const liar = await hostile(2);
    const { signature } = attestationOf(town.secrets, 2, verdictAt(98n));
    for (let i = 0; i < 4; i++) {
      const verdict = verdictAt(110n, { claimsRoot: hash(`lie ${i}`) });
      await liar.publishBytes('attestation', encodeAttestation({ verdict, seat: 2, signature }));
    }
    const both = [honest, other];
    await eventually('all came too early', () =>
      both.every(({ count }) => count('attestation ignore AHEAD') === 4),
    );
    town.chain.head = 110n;
    for (const watcher of both) await watcher.advance();
    // The fourth is not looked at any more.
    assert.ok(both.every(({ count }) => count('attestation reject SIGNATURE') === 3));
    assert.ok(both.every(({ count }) => count('attestation ignore OVERLOADED') === 1));
    let height = 110n;
    await eventually('nothing of it is heard any more', async () => {
      const before = judged();
      await liar.publishAttestation(attestationOf(town.secrets, 2, verdictAt(--height)));
      await new Promise((resolve) => setTimeout(resolve, 300));
      return before === judged();
    });
    await stillWorks();
  });

  it('that lied three times silences no other by repeating it first', async () => {
    const liar = await hostile(2);
    for (let i = 0; i < 3; i++) {
      const { verdict, signature } = attestationOf(town.secrets, 3, verdictAt(90n + BigInt(i)));
      await liar.publishBytes('attestation', encodeAttestation({ verdict, seat: 2, signature }));
    }
    await eventually(
      'its lies are found',
      () => honest.count('attestation reject SIGNATURE') === 3,
    );
    const theirs = attestationOf(town.secrets, 1, verdictAt(99n));
    const before = honest.count('attestation ignore STRANGER');
    await liar.publishBytes('attestation', encodeAttestation(theirs));
    await eventually('it is not heard', () => honest.count('attestation ignore STRANGER') > before);
    await stillWorks();
  });

  it('that repeats too early what another has signed takes from nobody what that one brings', async () => {
    const thief = await hostile(2);
    const ahead = encodeAttestation(attestationOf(town.secrets, 1, verdictAt(110n)));
    await thief.publishBytes('attestation', ahead);
    await eventually('it came too early', () => honest.count('attestation ignore AHEAD') === 1);
    await other.publishBytes('attestation', ahead);
    await eventually('both are held', () => honest.count('attestation ignore AHEAD') === 2);
    for (let i = 0; i < 140; i++) {
      const verdict = verdictAt(111n, { claimsRoot: hash(`more ${i}`) });
      const { signature } = attestationOf(town.secrets, 2, verdictAt(98n));
      await thief.publishBytes('attestation', encodeAttestation({ verdict, seat: 2, signature }));
    }
    await eventually('the thief has filled its room', () => honest.count('AHEAD') >= 142);
    town.chain.head = 110n;
    await honest.advance();
    assert.ok(honest.heard.some(({ seat, verdict }) => seat === 1 && verdict.height === 110n));
  });

  it('that sends a message larger than any RPC may be loses its stream', async () => {
    const liar = await hostile(2);
    await liar.publishBytes('certificate', randomBytes(100_000)).catch(() => undefined);
    await stillWorks();
    assert.equal(honest.count('certificate reject SIZE'), 0);
  });

  it('that says the same thing again and again is heard once', async () => {
    const bore = await hostile(2);
    const attestation = attestationOf(town.secrets, 2, verdictAt(98n));
    for (let i = 0; i < 20; i++) await bore.publishAttestation(attestation);
    await eventually('it is heard', () => honest.heard.some(({ seat }) => seat === 2));
    await stillWorks();
    assert.equal(honest.heard.filter(({ seat }) => seat === 2).length, 1);
  });

  it('that floods leaves memory as it was', async () => {
    const flooder = await hostile(2);
    const before = heap();
    const signed = attestationOf(town.secrets, 2, verdictAt(98n));
    for (let i = 0; i < 3_000; i++) {
      const bytes = encodeAttestation({
        ...signed,
        verdict: { ...signed.verdict, blockHash: hash(`flood ${i}`) },
      });
      await flooder.publishBytes('attestation', bytes).catch(() => undefined);
      if (i % 500 === 0) await new Promise(setImmediate);
    }
    await stillWorks();
    assert.deepEqual(
      honest.heard.filter(({ seat }) => seat === 2),
      [],
    );
    await eventually('nothing waits', () => honest.load().unverified === 0);
    assert.ok(honest.load().remembered < 10);
    const grown = heap() - before;
    // The flooder lives in this process too, with a record of each message it sent.
    assert.ok(grown < 30, `${grown.toFixed(1)} MiB`);
  });

  it('that asks to catch up all the time is answered now and then', async () => {
    await honest.publishAttestation(attestationOf(town.secrets, 0, verdictAt(100n)));
    const abort = new AbortController();
    const [key, bindings] = [await generateKeyPair('Ed25519'), createBindings(() => true)];
    const host = await createHost(
      key,
      '/ip4/127.0.0.1/tcp/0',
      pubsub(topicsOf(domain), bindings, () => undefined),
    );
    try {
      const connection = await host.dial(multiaddr(honest.address));
      const deps = {
        domain,
        self: host.peerId.toString(),
        account: hotAccount(3),
        keyHash: () => town.committee.seats[3]!.keyHash,
        submitterOf: async (keyHash: `0x${string}`) => town.submitters.get(keyHash) ?? null,
        mayHaveSeat: () => true,
      };
      await shakeHands(deps, await connection.newStream(HANDSHAKE), honest.peerId(), abort.signal);
      const answers = [];
      for (let i = 0; i < 10; i++) {
        const wire = openFrames(await connection.newStream(CATCH_UP), {
          frame: 1024,
          bytes: 10_000,
          signal: AbortSignal.timeout(5_000),
        });
        wire.write(new Uint8Array(8));
        let frames = 0;
        for await (const _ of wire.frames) frames++;
        answers.push(frames);
        await wire.end();
      }
      assert.deepEqual(answers.slice(0, 2), [1, 0]);
      assert.equal(
        honest.count('catchup ignore TOO_MANY') + answers.filter((frames) => frames > 0).length,
        10,
      );
    } finally {
      await host.stop();
    }
  });
});

describe('a handshake', function () {
  this.timeout(30_000);

  it('cannot be replayed: a proof is for one peer and one pair of nonces', async () => {
    const town = await createTown(4);
    const [key, bindings] = [await generateKeyPair('Ed25519'), createBindings(() => true)];
    const thief = await createHost(
      key,
      '/ip4/127.0.0.1/tcp/0',
      pubsub(topicsOf(domain), bindings, () => undefined),
    );
    try {
      // The thief lets seat 1 prove itself to him, then shows that proof to seat 0.
      const stolen = Promise.withResolvers<Uint8Array>();
      await thief.handle(HANDSHAKE, async (stream: Stream) => {
        const wire = openFrames(stream, {
          frame: 256,
          bytes: 1024,
          signal: AbortSignal.timeout(5_000),
        });
        wire.write(new Uint8Array(32));
        await wire.read();
        stolen.resolve(Uint8Array.from(await wire.read()));
      });
      await town.join(1, [thief.getMultiaddrs()[0]!.toString()]);
      const proof = await stolen.promise;
      assert.equal(proof.length, 97);
      const honest = await town.join(0, []);
      const connection = await thief.dial(multiaddr(honest.address));
      const wire = openFrames(await connection.newStream(HANDSHAKE), {
        frame: 256,
        bytes: 1024,
        signal: AbortSignal.timeout(5_000),
      });
      wire.write(new Uint8Array(32));
      await wire.read();
      wire.write(proof);
      await eventually('it is refused', () =>
        honest.faults.includes('handshake: HANDSHAKE_REFUSED'),
      );
      assert.equal(honest.peers().seated, 0);
    } finally {
      await thief.stop();
      await town.close();
    }
  });
});
