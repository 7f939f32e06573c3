import assert from 'node:assert/strict';
import { attestationOf, committeeOf, secretsOf, verdictAt } from './support/committee.ts';
import { eventually } from './support/eventually.ts';
import { createTown, hotAccount, type Town } from './support/watchers.ts';

const [next] = secretsOf(1, 'next');

describe('a watcher whose key is rotated', function () {
  this.timeout(30_000);
  let town: Town;
  beforeEach(async () => {
    town = await createTown(4);
  });
  afterEach(() => town.close());

  /** A roster in which the new key has taken the place of seat 3's. */
  const rotate = () => {
    const secrets = [...town.secrets.slice(0, 3), next!];
    const later = committeeOf(secrets, undefined, 2n);
    town.submitters.set(later.seats[3]!.keyHash, hotAccount(3).address);
    return { secrets, later };
  };

  for (const [what, dials] of [
    ['it dialled', true],
    ['that dialled it', false],
  ] as const)
    it(`shows its new key to a peer ${what} once a roster has it, and is heard on the same connection`, async () => {
      const { secrets, later } = rotate();
      const own = new Set([town.committee.seats[3]!.keyHash, later.seats[3]!.keyHash]);
      const seat = { own, account: hotAccount(3) };
      const first = dials ? await town.join(0, []) : await town.join(3, [], { seat });
      const second = dials
        ? await town.join(3, [first.address], { seat })
        : await town.join(0, [first.address]);
      const [one, rotated] = dials ? [first, second] : [second, first];
      // Each end of a handshake is through by itself.
      const seated = () => [one, rotated].every((each) => each.peers().seated === 1);
      await eventually('both are seated', seated);

      town.chain.committees = [later, town.committee];
      await rotated.advance();
      await one.advance();
      town.chain.committees = [later];
      await eventually('its new key is', () => one.peers().seated === 1);
      assert.equal(one.peers().connected, 1);
      await rotated.publishAttestation(attestationOf(secrets, 3, verdictAt(100n, { epoch: 2n })));
      await eventually('it is heard', () => one.heard.length === 1);
      assert.deepEqual([one.faults, rotated.faults], [[], []]);
    });

  it('is a stranger under the former key once no roster has that', async () => {
    const { later } = rotate();
    const one = await town.join(0, []);
    const rotated = await town.join(3, [one.address]);
    await eventually('it is seated', () => one.peers().seated === 1);
    town.chain.committees = [later];
    await rotated.advance();
    await one.advance();
    assert.equal(one.peers().seated, 0);
  });

  it('takes the key at once where its peer knows the roster later', async () => {
    const { later } = rotate();
    const both = [later, town.committee];
    const own = new Set([town.committee.seats[3]!.keyHash, later.seats[3]!.keyHash]);
    const one = await town.join(0, []);
    const rotated = await town.join(3, [one.address], {
      seat: { own, account: hotAccount(3) },
      context: () => ({ ...town.context(), committees: both }),
    });
    await eventually('it is connected', () => rotated.peers().seated === 1);
    assert.equal(one.peers().seated, 0);
    town.chain.committees = both;
    await eventually('it is seated', async () => {
      await one.advance();
      return one.peers().seated === 1;
    });
  });
});
