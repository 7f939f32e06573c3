import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { Hex } from 'viem';
import { createTelling } from '../../../node/gossip/telling.ts';
import { verdictDigest } from '../../../protocol/verdict.ts';
import { attestationOf, domain, hash, verdictAt } from './support/committee.ts';
import { eventually } from './support/eventually.ts';
import { secrets } from './support/judges.ts';

const TURN_MS = 40;
const orderOf = (seats: number) =>
  Array.from({ length: seats }, (_, place) => hash(`key ${place}`));
const order = orderOf(13);
const attestation = attestationOf(secrets, 0, verdictAt(100n));
const digest = verdictDigest(domain, attestation.verdict);

/** What was told, in order: places in the order of seats, or all. */
const createTeller = (isLinked: (key: Hex) => boolean = () => true, seats = order.length) => {
  const told: string[] = [];
  const state = { head: 100n, isCarried: false };
  const abort = new AbortController();
  const telling = createTelling(
    {
      head: () => state.head,
      orderOf: () => orderOf(seats),
      isCarried: () => state.isCarried,
      tell: (_, keys) => {
        const linked = keys.filter(isLinked);
        if (linked.length > 0) told.push(linked.map((key) => order.indexOf(key)).join());
        return linked.length > 0;
      },
      publish: async () => void told.push('all'),
      onFault: assert.fail,
    },
    abort.signal,
    TURN_MS,
  );
  return { ...telling, told, state, abort };
};

describe('a signature', () => {
  it('is told to three seats, then to as many more as know it, and at last to all', async () => {
    const { say, told } = createTeller();
    await say(attestation, digest);
    assert.deepEqual(told, ['0,1,2']);
    await eventually('all were told', () => told.includes('all'));
    assert.deepEqual(told, ['0,1,2', '3,4,5', '6,7,8,9,10,11', 'all']);
  });

  it('is told to all at once where none of the first three is linked', async () => {
    const { say, told } = createTeller((key) => order.indexOf(key) > 2);
    await say(attestation, digest);
    assert.deepEqual(told, ['all']);
  });

  it('is told to no more once its verdict is carried, but to all when a strike takes that away', async () => {
    const { say, advance, told, state } = createTeller();
    await say(attestation, digest);
    state.isCarried = true;
    await wait(5 * TURN_MS);
    await advance();
    assert.deepEqual(told, ['0,1,2']);
    state.isCarried = false;
    await advance();
    await advance();
    assert.deepEqual(told, ['0,1,2', 'all']);
  });

  it('is not told again when no certificate of it would be taken any more', async () => {
    const { say, advance, told, state } = createTeller();
    await say(attestation, digest);
    state.isCarried = true;
    await wait(3 * TURN_MS);
    Object.assign(state, { head: 140n, isCarried: false });
    await advance();
    state.head = 100n;
    await advance();
    assert.deepEqual(told, ['0,1,2']);
  });

  it('that was not passed on is, once its signer is found to have contradicted it', async () => {
    const { mayPass, reveal, told, state } = createTeller();
    await mayPass(attestation, digest, null, true);
    await reveal(attestation);
    assert.deepEqual(told, []);
    state.isCarried = true;
    await mayPass(attestation, digest, null, true);
    await reveal(attestation);
    await reveal(attestation);
    assert.deepEqual(told, ['all']);
  });

  it('of a large roster is told to all in the third turn at the latest', async () => {
    const { say, told } = createTeller(undefined, 512);
    await say(attestation, digest);
    await eventually('all were told', () => told.includes('all'));
    assert.equal(told.length, 4);
  });

  it('is told to all before a node ends', async () => {
    const { say, told, abort } = createTeller();
    await say(attestation, digest);
    abort.abort();
    await eventually('all were told', () => told.at(-1) === 'all');
  });

  for (const [what, hearer, isOfSigner, turns] of [
    ['by one of the first, once its signer has had all turns', 0, true, 3],
    ['by one that is told in the second turn, a turn sooner', 4, true, 2],
    ['by one that is told with all others, at once', 12, true, 0],
    ['by one that heard it of another, at once', 0, false, 0],
    ['by an observer, at once', null, true, 0],
  ] as const)
    it(`is passed on ${what}, unless it is carried by then`, async () => {
      const { mayPass, state } = createTeller();
      const key = hearer === null ? null : order[hearer]!;
      const from = performance.now();
      assert.equal(await mayPass(attestation, digest, key, isOfSigner), true);
      // Timers may be a millisecond early.
      assert.ok(performance.now() - from >= turns * (TURN_MS - 1));
      const answer = mayPass(attestation, digest, key, isOfSigner);
      const first = await Promise.race([
        answer,
        new Promise((resolve) => setImmediate(resolve, 'waits')),
      ]);
      assert.equal(first === 'waits', turns > 0);
      state.isCarried = true;
      assert.equal(await answer, turns === 0);
      assert.equal(await mayPass(attestation, digest, key, isOfSigner), false);
    });
});
