import assert from 'node:assert/strict';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';
import { concatBytes, hexToBytes } from 'viem';
import { createBindings } from '../../../node/gossip/bindings.ts';
import { openFrames } from '../../../node/gossip/frames.ts';
import { createHost } from '../../../node/gossip/host.ts';
import { createPace } from '../../../node/gossip/pace.ts';
import { pubsub } from '../../../node/gossip/pubsub.ts';
import { HANDSHAKE, topicsOf } from '../../../node/gossip/topics.ts';
import { domain } from './support/committee.ts';
import { createTown, hotAccount } from './support/watchers.ts';

describe('a pace', () => {
  it('lets each peer do a thing twice a second', () => {
    let now = 0;
    const { may, forget } = createPace(2, 1_000, () => now);
    assert.deepEqual([may('a'), may('a'), may('a'), may('b')], [true, true, false, true]);
    now = 1_000;
    assert.deepEqual([may('a'), may('a'), may('a')], [true, true, false]);
    forget('a');
    assert.equal(may('a'), true);
  });
});

describe('a stranger with a junk proof', function () {
  this.timeout(60_000);

  it('makes a node sign a few times and read the chain once', async () => {
    const town = await createTown(4);
    let [reads, signed] = [0, 0];
    const account = hotAccount(0);
    const { keyHash } = town.committee.seats[0]!;
    const one = await town.join(0, [], {
      submitterOf: async (key) => {
        reads++;
        return town.submitters.get(key) ?? null;
      },
      seat: {
        own: new Set([keyHash]),
        account: {
          ...account,
          signTypedData: (parameters) => {
            signed++;
            return account.signTypedData(parameters);
          },
        },
      },
    });
    const host = await createHost(
      await generateKeyPair('Ed25519'),
      '/ip4/127.0.0.1/tcp/0',
      pubsub(
        topicsOf(domain),
        createBindings(() => true),
        () => undefined,
      ),
    );
    const signature = await hotAccount(9).signMessage({ message: 'junk' });
    const proof = concatBytes([
      hexToBytes(town.committee.seats[1]!.keyHash),
      hexToBytes(signature),
    ]);
    try {
      const connection = await host.dial(multiaddr(one.address));
      const shake = async () => {
        const signal = AbortSignal.timeout(5_000);
        const stream = await connection.newStream(HANDSHAKE, { signal });
        const wire = openFrames(stream, { frame: 256, bytes: 1024, signal });
        wire.write(new Uint8Array(32));
        wire.write(proof);
        for await (const _ of wire.frames);
      };
      for (let i = 0; i < 30; i++) await shake().catch(() => undefined);
      assert.ok(signed > 0 && signed < 30, `${signed} signatures`);
      assert.equal(reads, 1);
    } finally {
      await host.stop();
      await town.close();
    }
  });
});
