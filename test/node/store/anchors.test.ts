import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex } from 'viem';
import { openAnchors } from '../../../node/store/anchors.ts';
import { openDatabase, part } from '../../../node/store/database.ts';
import { Fault } from '../../../protocol/fault.ts';

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;

const ANSWER = { accountProof: [word('0b')], storageProof: [] };
const SHOWN = { values: [word('01'), word('02')], answers: new Map([['0x0a', ANSWER]] as const) };

describe('anchors', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tocsin-anchors-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are there after a restart, by rule and block', async () => {
    const first = await openDatabase(folder);
    await (await openAnchors(first)).put(word('aa'), word('bb'), SHOWN);
    await first.close();
    const second = await openDatabase(folder);
    const anchors = await openAnchors(second);
    assert.deepEqual(await anchors.get(word('aa'), word('bb')), [word('01'), word('02')]);
    assert.deepEqual(await anchors.answers(word('aa'), word('bb')), { '0x0a': ANSWER });
    assert.equal(await anchors.get(word('aa'), word('cc')), null);
    assert.equal(await anchors.answers(word('aa'), word('cc')), null);
    assert.equal(await anchors.get(word('ab'), word('bb')), null);
    await second.close();
  });

  it('of an earlier version have no proofs', async () => {
    const database = await openDatabase(folder);
    const key = `${word('aa')}:${word('bb')}`;
    await part(database, 'anchors').put(key, JSON.stringify(SHOWN.values));
    const anchors = await openAnchors(database);
    assert.deepEqual(await anchors.get(word('aa'), word('bb')), SHOWN.values);
    assert.equal(await anchors.answers(word('aa'), word('bb')), null);
    await database.close();
  });

  it('whose values are read keep their proofs, and all keep their values', async () => {
    const first = await openDatabase(folder);
    const blocks = ['b1', 'b2', 'b3'].map(word);
    const before = await openAnchors(first, { most: 2 });
    for (const block of blocks.slice(0, 2)) await before.put(word('aa'), block, SHOWN);
    await first.close();
    const second = await openDatabase(folder);
    const anchors = await openAnchors(second, { most: 2 });
    await anchors.get(word('aa'), blocks[0]!);
    await anchors.put(word('aa'), blocks[2]!, SHOWN);
    const kept = await Promise.all(blocks.map((block) => anchors.answers(word('aa'), block)));
    assert.deepEqual(
      kept.map((answers) => answers !== null),
      [true, false, true],
    );
    for (const block of blocks)
      assert.deepEqual(await anchors.get(word('aa'), block), SHOWN.values);
    await second.close();
  });

  it('that cannot be read are a fault, never a value', async () => {
    const database = await openDatabase(folder);
    const key = `${word('aa')}:${word('bb')}`;
    for (const text of ['', '{}', '["0x01"]', '[1]']) {
      await part(database, 'anchors').put(key, text);
      const anchors = await openAnchors(database);
      await assert.rejects(
        anchors.get(word('aa'), word('bb')),
        (error) => error instanceof Fault && error.code === 'ANCHOR_UNREADABLE',
      );
    }
    await database.close();
  });
});
