import assert from 'node:assert/strict';
import { createChannels } from '../../../node/gossip/channels.ts';
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
