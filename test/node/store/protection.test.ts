import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { openDatabase, part } from '../../../node/store/database.ts';
import type { Database, Part } from '../../../node/store/database.ts';
import { openProtection } from '../../../node/store/protection.ts';
import { domain, hash } from '../gossip/support/committee.ts';
import { withFolder } from './support.ts';

const withProtection = (
  work: (
    protection: Awaited<ReturnType<typeof openProtection>>,
    database: Database,
  ) => Promise<void>,
) =>
  withFolder(async (folder) => {
    const database = await openDatabase(folder);
    const protection = await openProtection(database, domain);
    await protection.start(9n);
    try {
      await work(protection, database);
    } finally {
      await database.close();
    }
  });

const [key, one, two] = [hash('key'), hash('one'), hash('two')];

describe('protection record', () => {
  it('remembers the first digest under a key and allows no other', () =>
    withProtection(async ({ record }) => {
      assert.equal(await record(key, one, 10n), 'recorded');
      assert.equal(await record(key, one, 10n), 'same');
      assert.equal(await record(key, two, 10n), 'conflict');
      assert.equal(await record(key, one, 10n), 'same');
    }));

  it('lets one of many digests asked for at the same moment through', () =>
    withProtection(async ({ record }) => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => record(key, hash(`digest ${i}`), 10n)),
      );
      assert.deepEqual(
        [
          answers.filter((answer) => answer === 'recorded').length,
          answers.filter((answer) => answer === 'conflict').length,
        ],
        [1, 49],
      );
    }));

  it('keeps its answers when the folder is opened again', () =>
    withFolder(async (folder) => {
      const first = await openDatabase(folder);
      const before = await openProtection(first, domain);
      await before.start(9n);
      await before.record(key, one, 10n);
      await first.close();
      const second = await openDatabase(folder);
      const after = await openProtection(second, domain);
      assert.deepEqual(
        [await after.record(key, two, 10n), await after.record(key, one, 10n)],
        ['conflict', 'same'],
      );
      await second.close();
    }));

  it('refuses to sign in an empty folder until it is told the head, and at or below the head then', () =>
    withFolder(async (folder) => {
      const database = await openDatabase(folder);
      const protection = await openProtection(database, domain);
      await assert.rejects(protection.record(key, one, 10n), { code: 'PROTECTION_NOT_STARTED' });
      await protection.start(10n);
      assert.equal(await protection.record(key, one, 10n), 'stale');
      assert.equal(await protection.record(key, one, 11n), 'recorded');
      await protection.start(100n);
      assert.equal(
        await protection.record(hash('other'), one, 12n),
        'recorded',
        'a later start raises nothing',
      );
      await database.close();
    }));

  it('refuses below what it has forgotten, whether it had signed there or not', () =>
    withProtection(async ({ record, prune, low }) => {
      for (let height = 10n; height < 20n; height++)
        await record(hash(`key ${height}`), one, height);
      assert.equal(await prune(15n), 5);
      assert.equal(low(), 15n);
      assert.equal(await record(hash('key 12'), two, 12n), 'stale');
      assert.equal(await record(hash('never'), two, 14n), 'stale');
      assert.equal(await record(hash('key 15'), two, 15n), 'conflict');
      assert.equal(await prune(12n), 0, 'the mark never falls');
      assert.equal(low(), 15n);
    }));

  it('forgets a height that a provider invented at the first start, though not one it has signed above', () =>
    withFolder(async (folder) => {
      const run = async (head: bigint, height: bigint) => {
        const database = await openDatabase(folder);
        const protection = await openProtection(database, domain);
        await protection.start(head);
        const permission = await protection.record(hash(`key ${height}`), one, height);
        await database.close();
        return permission;
      };
      assert.equal(await run(10n ** 12n, 101n), 'stale');
      assert.equal(await run(100n, 101n), 'recorded');
      assert.equal(await run(50n, 99n), 'stale', 'a signature makes the mark final');
    }));

  it('is not silenced by an invented final height: it refuses only up to what was signed', () =>
    withProtection(async ({ record, prune, low }) => {
      await record(key, one, 10n);
      assert.equal(await prune(10n ** 12n), 1);
      assert.equal(low(), 11n);
      assert.equal(await record(key, two, 10n), 'stale');
      assert.equal(await record(hash('later'), two, 11n), 'recorded');
      assert.equal(await prune(5n), 0);
      assert.equal(low(), 11n);
    }));

  it('takes its mark at the start though it has imported a record of nothing', () =>
    withFolder(async (folder) => {
      const database = await openDatabase(folder);
      const protection = await openProtection(database, domain);
      assert.equal(await protection.importJson(await protection.exportJson()), 0);
      await protection.start(10n);
      assert.equal(await protection.record(key, one, 10n), 'stale');
      await database.close();
    }));

  it('stays as small as its window however long it runs', () =>
    withProtection(async ({ record, prune }, database) => {
      for (let height = 10n; height < 400n; height++) {
        await record(hash(`key ${height}`), one, height);
        await prune(height - 20n);
      }
      const rows = await database.keys().all();
      assert.ok(rows.length < 60, `${rows.length} rows`);
    }));

  for (const [what, spoil] of [
    ['gone', (room: Part) => room.del(`k:${key}`)],
    ['gone from the order of heights', (room: Part) => room.del(`h:000000000000000a:${key}`)],
    [
      'written over',
      (room: Part) =>
        room.put(`k:${key}`, JSON.stringify({ digest: two, height: '10', payload: '0x' })),
    ],
    ['torn', (room: Part) => room.put(`k:${key}`, '{"digest":"0x')],
  ] as const)
    it(`signs nothing under a key whose record is ${what}`, () =>
      withProtection(async ({ record }, database) => {
        await record(key, one, 10n);
        await spoil(part(database, 'protection', `${domain.chainId}`, domain.registry));
        for (const digest of [one, two])
          await assert.rejects(record(key, digest, 10n), { code: 'PROTECTION_UNREADABLE' });
      }));

  it('moves to another machine as JSON, which then signs only above what was signed here', () =>
    withProtection(async ({ record, exportJson }) => {
      await record(key, one, 10n);
      await record(hash('later'), two, 12n);
      const text = await exportJson();
      await withFolder(async (folder) => {
        const database = await openDatabase(folder);
        const moved = await openProtection(database, domain);
        assert.equal(await moved.importJson(text), 2);
        assert.equal(await moved.record(key, two, 10n), 'conflict');
        assert.equal(await moved.record(key, one, 10n), 'same');
        assert.equal(await moved.record(hash('unsigned'), one, 12n), 'stale');
        assert.equal(await moved.record(hash('unsigned'), one, 13n), 'recorded');
        await database.close();
      });
    }));

  const exported = (changes: object, digest: Hex = two) =>
    JSON.stringify({
      version: 1,
      chainId: '31337',
      registry: domain.registry,
      low: '5',
      records: [{ keyDigest: key, digest, height: '10', payload: '0x' }],
      ...changes,
    });
  for (const [what, text, code] of [
    ['contradicts what was signed here', exported({}), 'PROTECTION_CONFLICT'],
    ['is of another registry', exported({ chainId: '1' }), 'PROTECTION_FOREIGN'],
    ['has an unknown field', exported({ more: 1 }), 'PROTECTION_MALFORMED'],
    [
      'spells a digest in upper case',
      exported({}, two.toUpperCase().replace('0X', '0x') as Hex),
      'PROTECTION_MALFORMED',
    ],
    ['is cut short', exported({}).slice(0, -9), 'PROTECTION_MALFORMED'],
  ] as const)
    it(`takes nothing from an export that ${what}`, () =>
      withProtection(async ({ record, importJson, low }) => {
        await record(key, one, 10n);
        await assert.rejects(importJson(text), { code });
        assert.deepEqual([await record(key, one, 10n), low()], ['same', 10n]);
      }));
});

describe('data folder', () => {
  it('is refused to a second opener', () =>
    withFolder(async (folder) => {
      const database = await openDatabase(folder);
      await assert.rejects(openDatabase(folder), { code: 'DATA_DIR_IN_USE' });
      await database.close();
      await (await openDatabase(folder)).close();
    }));

  it('is refused when another version wrote it', () =>
    withFolder(async (folder) => {
      const database = await openDatabase(folder);
      await database.put('version', '2');
      await database.close();
      await assert.rejects(openDatabase(folder), { code: 'DATA_DIR_VERSION' });
    }));
});
