import assert from 'node:assert/strict';
import { createChannels, isEarly, ORPHANS } from '../../../node/gossip/channels.ts';
import { createHeld } from '../../../node/gossip/held.ts';
import type { Outcome } from '../../../node/gossip/outcome.ts';
import { accept, ignore, reject } from '../../../node/gossip/outcome.ts';

describe('a message that came too early', () => {
  for (const [what, later, strikes] of [
    ['proves true', accept, []],
    ['proves old', ignore('DUPLICATE'), []],
    ['proves false', reject('SIGNATURE'), ['liar']],
  ] as const)
    it(`and ${what} ${strikes.length > 0 ? 'is' : 'is not'} held against who brought it`, async () => {
      let outcome: Outcome = ignore('AHEAD');
      const struck: string[] = [];
      const channels = createChannels(
        {
          attestation: async () => ({ ...outcome, attestation: null }),
          certificate: () => ({ ...outcome, certificate: null }),
        },
        () => undefined,
        { isHeard: () => true, blame: () => undefined, strike: (peer) => struck.push(peer) },
        8,
      );
      await channels.judge('attestation', 'attestation', Uint8Array.of(1), 'liar');
      await channels.retry();
      assert.deepEqual(struck, []);
      outcome = later;
      await channels.retry();
      await channels.retry();
      assert.deepEqual(struck, strikes);
    });
});

describe('copies of a message that came too early', () => {
  for (const [what, later, judgedLater, blamed] of [
    ['good', accept, ['thief'], []],
    ['false', reject('SIGNATURE'), ['thief'], ['thief', 'signer']],
    ['too early still', ignore('AHEAD'), ['thief', 'signer'], []],
  ] as const)
    it(`are judged one after the other until one is ${what}`, async () => {
      const judged: string[] = [];
      const liars: string[] = [];
      const struck: string[] = [];
      let outcome: Outcome = ignore('OVERLOADED');
      let running = 0;
      const channels = createChannels(
        {
          attestation: async (_, peer) => {
            judged.push(peer);
            assert.equal(++running, 1, 'one at a time');
            await Promise.resolve();
            running--;
            return { ...outcome, attestation: null };
          },
          certificate: () => ({ ...accept, certificate: null }),
        },
        () => undefined,
        {
          isHeard: () => true,
          blame: (peer) => liars.push(peer),
          strike: (peer) => struck.push(peer),
        },
        8,
      );
      for (const peer of ['thief', 'signer'])
        assert.ok(
          isEarly(await channels.judge('attestation', 'attestation', Uint8Array.of(1), peer)),
        );
      outcome = later;
      await channels.retry();
      assert.deepEqual(judged.slice(2), judgedLater);
      assert.deepEqual([liars, struck], [blamed, blamed]);
    });
});

describe('a message whose bringer has left', () => {
  const channels = (isHeard: () => boolean) => {
    const judged: string[] = [];
    let outcome: Outcome = ignore('AHEAD');
    const made = createChannels(
      {
        attestation: async (_, peer) => {
          judged.push(peer);
          return { ...outcome, attestation: null };
        },
        certificate: () => ({ ...outcome, certificate: null }),
      },
      () => undefined,
      {
        isHeard: (peer) => peer === ORPHANS || isHeard(),
        blame: () => undefined,
        strike: () => undefined,
      },
      8,
    );
    return { ...made, judged, settle: () => void (outcome = accept) };
  };

  it("is judged all the same, in nobody else's name: no other copy of it will come", async () => {
    let isHere = true;
    const { judge, retry, judged, settle } = channels(() => isHere);
    await judge('attestation', 'attestation', Uint8Array.of(1), 'gone');
    isHere = false;
    settle();
    await retry();
    assert.deepEqual(judged, ['gone', ORPHANS]);
  });

  it('is not judged when it comes by catching up, which will come again', async () => {
    const { judge, judged } = channels(() => false);
    const { code } = await judge('catchup', 'attestation', Uint8Array.of(1), 'gone');
    assert.deepEqual([code, judged], ['STRANGER', []]);
  });
});

describe('what is held', () => {
  const fill = (sizes: Readonly<Record<string, number>>) => {
    const held = createHeld<{ peer: string; n: number }>();
    for (const [peer, size] of Object.entries(sizes))
      for (let n = 0; n < size; n++) held.add({ peer, n });
    return held.take();
  };
  const countOf = (messages: readonly { peer: string }[], peer: string) =>
    messages.filter((message) => message.peer === peer).length;

  it('is an eighth of the room for one peer, its newest', () => {
    const held = fill({ loud: 5_000 });
    assert.equal(held.length, 128);
    assert.equal(held.at(-1)!.n, 4_999);
  });

  it('of a quiet peer stays whatever the others send', () => {
    const loud = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`loud ${i}`, 500]));
    const held = fill({ quiet: 40, ...loud });
    assert.equal(held.length, 1_024);
    assert.equal(countOf(held, 'quiet'), 40);
  });
});
