import assert from 'node:assert/strict';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';
import type { Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { createBindings } from '../../../node/gossip/bindings.ts';
import { surplus } from '../../../node/gossip/crowd.ts';
import type { Host } from '../../../node/gossip/host.ts';
import { createHost } from '../../../node/gossip/host.ts';
import { pubsub } from '../../../node/gossip/pubsub.ts';
import { topicsOf } from '../../../node/gossip/topics.ts';
import {
  attestationOf,
  committeeOf,
  domain,
  hash,
  secretsOf,
  verdictAt,
} from './support/committee.ts';
import { eventually } from './support/eventually.ts';
import type { Town, Watcher } from './support/watchers.ts';
import { createTown, hotAccount } from './support/watchers.ts';

describe('of too many strangers', () => {
  const stranger = (name: string, isSettled: boolean, openedAt: number) => ({
    name,
    isSettled,
    openedAt,
  });
  const crowd = [
    stranger('newcomer', false, 9),
    stranger('young observer', true, 8),
    stranger('old observer', true, 1),
    stranger('slow newcomer', false, 2),
  ];
  for (const [most, gone] of [
    [4, []],
    [3, ['old observer']],
    [2, ['old observer', 'young observer']],
    [1, ['old observer', 'young observer', 'slow newcomer']],
  ] as const)
    it(`${most} stay, and who may still prove a seat goes last`, () => {
      assert.deepEqual(
        surplus(crowd, most).map(({ name }) => name),
        gone,
      );
    });
});

describe('a watcher in a crowd', function () {
  this.timeout(60_000);
  let town: Town;
  beforeEach(async () => {
    town = await createTown(4);
  });
  afterEach(() => town.close());

  const idle = async () =>
    createHost(
      await generateKeyPair('Ed25519'),
      '/ip4/127.0.0.1/tcp/0',
      pubsub(
        topicsOf(domain),
        createBindings(() => true),
        () => undefined,
      ),
    );
  const outsider = { own: new Set([hash('no seat')]), account: hotAccount(9) };

  it('drops idle strangers, the oldest first, and keeps every seat', async () => {
    const one = await town.join(0, [], {}, { strangers: 3 });
    const seat = await town.join(1, [one.address]);
    await eventually('the seat is seated', () => one.peers().seated === 1);
    const strangers: Host[] = [];
    try {
      for (let i = 0; i < 8; i++) {
        const host = await idle();
        strangers.push(host);
        await host.dial(multiaddr(one.address));
      }
      await eventually('three strangers are left', () => one.peers().connected === 4);
      await eventually('the newest is', () => strangers.at(-1)!.getConnections().length === 1);
      assert.equal(strangers[0]!.getConnections().length, 0);
      const late = await town.join(2, [one.address]);
      await eventually('a seat finds room', () => one.peers().seated === 2);
      await eventually('both listen', () => one.peers().subscribed >= 2);
      await one.publishAttestation(attestationOf(town.secrets, 0, verdictAt(100n)));
      await eventually('both hear', () => seat.heard.length === 1 && late.heard.length === 1);
      await eventually('there are no more strangers', () => one.peers().connected <= 5);
    } finally {
      for (const host of strangers) await host.stop();
    }
  });

  it('keeps a few connections of one peer and no more', async () => {
    const one = await town.join(0, []);
    const host = await idle();
    try {
      for (let i = 0; i < 8; i++)
        await host.dial(multiaddr(one.address), { force: true }).catch(() => undefined);
      await eventually('four are left', () => host.getConnections().length === 4);
    } finally {
      await host.stop();
    }
  });

  const counting = (known: ReadonlyMap<Hex, Hex>) => {
    const asked: Hex[] = [];
    const submitterOf = async (keyHash: Hex) => {
      asked.push(keyHash);
      return known.get(keyHash) ?? null;
    };
    return { asked, submitterOf };
  };

  it('reads the chain for no key that has no seat', async () => {
    const { asked, submitterOf } = counting(town.submitters);
    const one = await town.join(0, [], { submitterOf });
    const stranger = await town.join(null, [one.address], { seat: outsider });
    await eventually('the handshake is over', () => stranger.peers().seated === 1);
    assert.deepEqual(asked, []);
    assert.equal(one.peers().seated, 0);
  });

  it('seats a key that a later roster holds, once the chain has named its submitter', async () => {
    const secrets = [...town.secrets, ...secretsOf(1, 'newcomer')];
    const roster = committeeOf(secrets, undefined, 2n);
    const { keyHash } = roster.seats[4]!;
    const { asked, submitterOf } = counting(
      new Map([...town.submitters, [keyHash, hotAccount(4).address]]),
    );
    const one = await town.join(0, [], { submitterOf });
    const join = (account = hotAccount(4)) =>
      town.join(null, [one.address], { seat: { own: new Set([keyHash]), account } });
    const newcomers: Watcher[] = [
      await join(),
      await join(privateKeyToAccount(`0x${'07'.repeat(32)}`)),
    ];
    await eventually('both handshakes are over', () =>
      newcomers.every((watcher) => watcher.peers().seated === 1),
    );
    await one.advance();
    assert.deepEqual([asked, one.peers().seated], [[], 0]);
    town.chain.committees = [roster, ...town.chain.committees];
    await eventually('one is seated and the other refused', async () => {
      await one.advance();
      return one.peers().seated === 1 && one.faults.includes('handshake: HANDSHAKE_REFUSED');
    });
    const looked = asked.length;
    await one.advance();
    assert.equal(asked.length, looked, 'a claim that was judged is looked up no more');
    assert.ok(asked.every((key) => key === keyHash));
  });
});
