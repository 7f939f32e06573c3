import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { FastItem } from '../../../protocol/bls-fast.ts';
import type { VerificationOptions } from '../../../node/gossip/verification.ts';
import { createVerification } from '../../../node/gossip/verification.ts';
import type { Keyring } from '../../../node/lib/keyring.ts';
import { encodeAttestation } from '../../../protocol/wire.ts';
import { attestationOf, committeeOf, hash, verdictAt } from './support/committee.ts';
import { eventually } from './support/eventually.ts';
import { secrets } from './support/judges.ts';
import { createTown } from './support/watchers.ts';

const [seat] = committeeOf(secrets).seats;
const verdict = verdictAt(100n);
/** A curve on which whatever is not empty is true; `checks` says what was asked together. */
const curve = (onCheck: () => void = () => undefined) => {
  const checks: string[] = [];
  const names = new Map('abcdefgh'.split('').map((name) => [hash(name), name]));
  const fast = {
    verifySameMessage: (digest: `0x${string}`, items: readonly FastItem[]) => {
      onCheck();
      checks.push(`${names.get(digest) ?? '?'}${items.length}`);
      return items.every(({ signature }) => (signature as unknown as Uint8Array).length > 0);
    },
  };
  const keyring = {
    fast,
    keyOf: () => ({}),
    signatureOf: (bytes: Uint8Array) => bytes,
    verifyAggregate: () => true,
  } as unknown as Keyring;
  return { checks, keyring };
};
const verifier = (keyring: Keyring, options: Partial<VerificationOptions> = {}) => {
  const { verify, pending } = createVerification(keyring, { windowMs: 1, batch: 32, ...options });
  const claim = (peer: string, word: string, isTrue = true) => {
    const signature = new Uint8Array(isTrue ? 1 : 0);
    // Once all that come in the same turn have come.
    queueMicrotask(() => mock.timers.tick(1));
    return verify({ verdict, digest: hash(word), seat: seat!, signature, isCounted: true }, peer);
  };
  return { claim, pending };
};

describe('claims that wait to be verified', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('take turns between the peers that brought them, and keep their order in each', async () => {
    const { checks, keyring } = curve();
    const { claim } = verifier(keyring);
    await Promise.all([
      ...'abcd'.split('').map((word) => claim('loud', word)),
      ...'ef'.split('').map((word) => claim('quiet', word)),
    ]);
    assert.deepEqual(checks, ['a1', 'e1', 'b1', 'f1', 'c1', 'd1']);
  });

  it('are asked together when they are of one digest, whoever brought them', async () => {
    const { checks, keyring } = curve();
    const { claim } = verifier(keyring);
    const words = 'aba'
      .split('')
      .flatMap((word) => ['one', 'two', 'three'].map((peer) => [peer, word]));
    assert.ok((await Promise.all(words.map(([peer, word]) => claim(peer!, word!)))).every(Boolean));
    assert.deepEqual(checks, ['a6', 'b3']);
  });

  it('leave the rest of a digest to the next turn when they are too many for one', async () => {
    const { checks, keyring } = curve();
    const { claim, pending } = verifier(keyring, { batch: 4 });
    await Promise.all(['a', 'a', 'a', 'a', 'a', 'a', 'b'].map((word) => claim('one', word)));
    assert.deepEqual([checks, pending()], [['a4', 'a2', 'b1'], 0]);
  });

  it('that fail together are told apart in the turns of who brought the false ones', async () => {
    const { checks, keyring } = curve();
    const { claim, pending } = verifier(keyring);
    const liar = [0, 1, 2, 3].map((n) => claim('liar', 'a', n === 0));
    const honest = [claim('honest', 'a'), claim('honest', 'b'), claim('honest', 'c')];
    assert.deepEqual(await Promise.all(honest), [true, true, true]);
    assert.deepEqual(await Promise.all(liar), [true, false, false, false]);
    assert.deepEqual(checks, ['a5', 'a4', 'a1', 'b1', 'a2', 'c1', 'a1', 'a1', 'a2', 'a1', 'a1']);
    assert.equal(pending(), 0);
  });

  it('of one peer are 64 digests and 512 claims, and take no room from another', async () => {
    const { claim } = verifier(curve().keyring);
    const digests = Array.from({ length: 66 }, (_, i) => claim('loud', `word ${i}`));
    const claims = Array.from({ length: 514 }, () => claim('chorus', 'a'));
    assert.equal(await claim('quiet', 'b'), true);
    const refused = async (answers: readonly Promise<boolean | null>[]) =>
      (await Promise.all(answers)).filter((answer) => answer === null).length;
    assert.deepEqual([await refused(digests), await refused(claims)], [2, 2]);
  });

  it('are dropped unseen once their peer is heard no more', async () => {
    const { checks, keyring } = curve();
    let lies = 0;
    const isHeard = (peer: string) => peer !== 'liar' || lies < 3;
    const { claim, pending } = verifier(keyring, { isHeard });
    const lie = async (word: string) => {
      const isTrue = await claim('liar', word, false);
      if (isTrue === false) lies++;
      return isTrue;
    };
    const answers = await Promise.all('abcdefgh'.split('').map(lie));
    assert.deepEqual(answers, [false, false, false, null, null, null, null, null]);
    assert.deepEqual([checks.length, pending()], [3, 0]);
  });

  it('let the event loop have its turn within a few checks', async () => {
    let [clock, inARow, most] = [0, 0, 0];
    const { keyring } = curve(() => {
      clock += 6;
      most = Math.max(most, ++inARow);
    });
    const { claim } = verifier(keyring, { now: () => clock });
    let isDone = false;
    const loop = (async () => {
      while (!isDone) {
        await othersTurn();
        inARow = 0;
      }
    })();
    await Promise.all(Array.from({ length: 60 }, (_, i) => claim('loud', `word ${i}`)));
    isDone = true;
    await loop;
    assert.ok(most <= 10, `${most} checks in a row`);
  });
});

describe('a seat that invents blocks still to come', function () {
  this.timeout(60_000);

  it('has three signatures looked at, and its neighbour hears the next honest seat', async () => {
    const town = await createTown(4);
    try {
      const honest = await town.join(0, []);
      const other = await town.join(1, [honest.address]);
      const liar = await town.join(2, [honest.address]);
      await eventually(
        'all are seated',
        () =>
          honest.peers().seated === 2 &&
          liar.peers().subscribed === 1 &&
          other.peers().subscribed === 1,
      );
      const { signature } = attestationOf(town.secrets, 2, verdictAt(98n));
      for (let i = 0; i < 200; i++) {
        const verdict = verdictAt(101n + BigInt(i % 8), { blockHash: hash(`flood ${i}`) });
        await liar.publishBytes('attestation', encodeAttestation({ verdict, seat: 2, signature }));
      }
      await other.publishAttestation(attestationOf(town.secrets, 1, verdictAt(99n)));
      await eventually('the honest seat is heard', () => honest.heard.length === 1);
      await eventually(
        'nothing waits',
        () => honest.count('SIGNATURE') > 0 && honest.load().unverified === 0,
      );
      assert.equal(honest.count('SIGNATURE'), 3);
      // What it left behind is looked at in nobody's name, with the room of one peer.
      await honest.advance();
      assert.ok(honest.count('SIGNATURE') <= 3 + 64);
    } finally {
      await town.close();
    }
  });
});
