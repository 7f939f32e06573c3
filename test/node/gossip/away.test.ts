import assert from 'node:assert/strict';
import type { Committee } from '../../../protocol/types.ts';
import { createAggregator } from '../../../node/aggregate/aggregator.ts';
import { attestationOf, domain, verdictAt } from './support/committee.ts';
import { eventually } from './support/eventually.ts';
import { createTown } from './support/watchers.ts';

describe('a watcher that was away', function () {
  this.timeout(60_000);

  it('catches up on attestations and certificates when it is back, whoever dials', async () => {
    const town = await createTown(4);
    try {
      const one = await town.join(0, []);
      const verdict = verdictAt(100n);
      for (const seat of [0, 1, 2])
        await one.publishAttestation(attestationOf(town.secrets, seat, verdict));
      const aggregator = createAggregator({
        domain,
        keyring: town.keyring,
        committeeOf: () => town.committee,
        isStruck: () => false,
      });
      const quorum = [0, 1, 2]
        .map((seat) => aggregator.add(attestationOf(town.secrets, seat, verdict)))
        .find((found) => found !== null)!;
      await one.publishCertificate(quorum.certificate);
      const back = await town.join(3, [one.address], {}, {});
      await eventually(
        'it has all three and the certificate',
        () => back.heard.length === 3 && back.certified.length === 1,
      );
      assert.deepEqual(back.count('catchup accept OK'), 4);

      // It goes away and returns on another port: the others, who only listen, are found again by its dialling.
      await back.close();
      await eventually('the loss is noticed', () => one.peers().connected === 0);
      await one.publishAttestation(attestationOf(town.secrets, 0, verdictAt(101n)));
      const again = await town.join(3, [one.address]);
      await eventually(
        'it has everything again',
        () => again.heard.length === 4 && again.certified.length === 1,
      );
    } finally {
      await town.close();
    }
  });

  it('that starts before it knows the chain catches up at its first block, and judges again what came too early', async () => {
    const town = await createTown(4);
    try {
      const one = await town.join(0, []);
      await one.publishAttestation(attestationOf(town.secrets, 1, verdictAt(100n)));
      let blind = true;
      const context = () => ({ ...town.context(), ...(blind ? { head: 0n, committees: [] } : {}) });
      const back = await town.join(3, [one.address], { context });
      await eventually(
        'they are connected',
        () => one.peers().seated === 1 && back.peers().subscribed === 1,
      );
      assert.deepEqual([back.peers().seated, back.heard.length], [0, 0]);
      blind = false;
      await back.advance();
      await eventually('it has caught up', () => back.heard.length === 1);

      const { committees } = town.chain;
      town.chain.committees = [...committees, { ...committees[0]!, epoch: 2n }];
      const late = await town.join(2, [one.address], {
        context: () => ({ ...town.context(), committees }),
      });
      await eventually(
        'it is connected',
        () => one.peers().seated === 2 && one.peers().subscribed === 2,
      );
      await one.publishAttestation(attestationOf(town.secrets, 0, verdictAt(100n, { epoch: 2n })));
      await eventually('it came too early', () => late.count('attestation ignore EPOCH') === 1);
      (committees as Committee[]).push(town.chain.committees[1]!);
      await late.advance();
      await eventually('it is heard', () => late.heard.some(({ verdict }) => verdict.epoch === 2n));
    } finally {
      await town.close();
    }
  });

  it('is dialled again with patience until it answers', async () => {
    const town = await createTown(4);
    try {
      const one = await town.join(0, []);
      const { address } = one;
      await one.close();
      const two = await town.join(1, [address]);
      await eventually('nobody answers', () => two.faults.some((text) => text.startsWith('dial')));
      const listen = address.replace(/\/p2p\/.*/, '');
      // The same address, another identity: addresses without a peer id are what operators write down.
      const three = await town.join(1, [listen]);
      const back = await town.join(0, [], {}, { listen });
      await eventually(
        'it is found',
        () => back.peers().seated === 1 && three.peers().seated === 1,
      );
    } finally {
      await town.close();
    }
  });
});
