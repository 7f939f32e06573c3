import assert from 'node:assert/strict';
import type { Equivocation } from '../../../node/lib/pipeline.ts';
import { openDatabase, part } from '../../../node/store/database.ts';
import { openEvidence } from '../../../node/store/evidence.ts';
import { attestationOf, domain, hash, secretsOf, verdictAt } from '../gossip/support/committee.ts';
import { withFolder } from './support.ts';

const secrets = secretsOf(2);
const [signed] = [attestationOf(secrets, 0, verdictAt(1n))];

/** A seat that says two things about one block. */
const pair = (seat: number, block = 'block', epoch = 1n): Equivocation => {
  const say = (claims: string) => ({
    // Only gossip asks whether a signature is true; one of them serves for all.
    ...signed!,
    seat,
    verdict: verdictAt(10n, { epoch, blockHash: hash(block), claimsRoot: hash(claims) }),
  });
  return { epoch, seat, first: say('one'), second: say('other') };
};

describe('evidence', () => {
  it('is there again after a restart, with both attestations as they were signed', () =>
    withFolder(async (folder) => {
      const found = {
        epoch: 1n,
        seat: 1,
        first: attestationOf(secrets, 1, verdictAt(10n)),
        second: attestationOf(secrets, 1, verdictAt(10n, { claimsRoot: hash('other') })),
      };
      const first = await openDatabase(folder);
      const before = await openEvidence(first, domain);
      assert.equal(await before.put(found), 'stored');
      assert.equal(await before.put(found), 'known');
      assert.equal(before.size(), 1);
      await first.close();
      const second = await openDatabase(folder);
      const after = await openEvidence(second, domain);
      assert.equal(after.size(), 1);
      assert.deepEqual(await after.all(), [found]);
      assert.equal(await after.put(found), 'known');
      await second.close();
    }));

  it('is bounded for one seat, and others are kept all the same', () =>
    withFolder(async (folder) => {
      const database = await openDatabase(folder);
      const { put, size } = await openEvidence(database, domain);
      const outcomes: string[] = [];
      for (let i = 0; i < 6; i++) outcomes.push(await put(pair(0, `block ${i}`)));
      assert.deepEqual(outcomes, [...Array(4).fill('stored'), 'enough', 'enough']);
      assert.equal(await put(pair(1)), 'stored');
      assert.equal(await put(pair(0, 'block', 2n)), 'stored');
      assert.equal(size(), 6);
      await database.close();
    }));

  it('gives way by epochs, the oldest first, and only beyond all that two rosters can say', () =>
    withFolder(async (folder) => {
      const database = await openDatabase(folder);
      // As many as 512 seats can make in two epochs, and some of an epoch before.
      const room = part(database, 'evidence', `${domain.chainId}`, domain.registry);
      const old = await openEvidence(database, domain);
      await old.put(pair(0, 'block', 1n));
      const { value } = (await room.iterator().all()).map(([, text]) => ({ value: text }))[0]!;
      const keys = Array.from({ length: 4096 }, (_, i) => {
        const [epoch, seat] = [2 + (i >> 11), (i >> 2) & 511];
        const name = `${epoch.toString(16).padStart(16, '0')}:${seat.toString(16).padStart(4, '0')}`;
        return `${name}:${hash(`${i}`)}`;
      });
      await room.batch(keys.map((key) => ({ type: 'put', key, value })));
      const { put, size } = await openEvidence(database, domain);
      assert.equal(size(), 4097);
      assert.equal(await put(pair(0, 'block', 4n)), 'stored');
      assert.equal(size(), 4096);
      const left = await room.keys().all();
      assert.deepEqual(
        [
          left.filter((key) => key.startsWith('0000000000000001')).length,
          left.at(-1)?.slice(0, 16),
        ],
        [0, '0000000000000004'],
      );
      await database.close();
    }));

  it('that cannot be read is said to be so, by its key', () =>
    withFolder(async (folder) => {
      const database = await openDatabase(folder);
      const { put } = await openEvidence(database, domain);
      await put(pair(0));
      const room = part(database, 'evidence', `${domain.chainId}`, domain.registry);
      const [key = ''] = await room.keys().all();
      await room.put(key, '{"first":"0x00","second":"0x00"}');
      const { all } = await openEvidence(database, domain);
      await assert.rejects(all(), { code: 'EVIDENCE_UNREADABLE', data: { key } });
      await database.close();
    }));
});
