import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex } from 'viem';
import { openAnchors } from '../../../node/store/anchors.ts';
import { openDatabase, part } from '../../../node/store/database.ts';
import { Fault } from '../../../protocol/fault.ts';

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;

describe('anchors', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tocsin-anchors-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are there after a restart, by rule and block', async () => {
    const first = await openDatabase(folder);
    await openAnchors(first).put(word('aa'), word('bb'), [word('01'), word('02')]);
    await first.close();
    const second = await openDatabase(folder);
    const anchors = openAnchors(second);
    assert.deepEqual(await anchors.get(word('aa'), word('bb')), [word('01'), word('02')]);
    assert.equal(await anchors.get(word('aa'), word('cc')), null);
    assert.equal(await anchors.get(word('ab'), word('bb')), null);
    await second.close();
  });

  it('that cannot be read are a fault, never a value', async () => {
    const database = await openDatabase(folder);
    const key = `${word('aa')}:${word('bb')}`;
    for (const text of ['', '{}', '["0x01"]', '[1]']) {
      await part(database, 'anchors').put(key, text);
      await assert.rejects(
        openAnchors(database).get(word('aa'), word('bb')),
        (error) => error instanceof Fault && error.code === 'ANCHOR_UNREADABLE',
      );
    }
    await database.close();
  });
});
