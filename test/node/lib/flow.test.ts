import assert from 'node:assert/strict';
import { createClosers } from '../../../node/lib/closers.ts';
import { createLock } from '../../../node/lib/lock.ts';
import { createQueue } from '../../../node/lib/queue.ts';

describe('lock', () => {
  it('lets one in at a time, in order, and survives a failure', async () => {
    const lock = createLock();
    const steps: string[] = [];
    const work = (name: string) =>
      lock(async () => {
        steps.push(`${name} in`);
        await Promise.resolve();
        if (name === 'b') throw new TypeError(name);
        steps.push(`${name} out`);
      });
    const results = await Promise.allSettled([work('a'), work('b'), work('c')]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(steps, ['a in', 'a out', 'b in', 'c in', 'c out']);
  });
});

describe('queue', () => {
  it('drops the oldest when full and counts it', async () => {
    let told = 0;
    const queue = createQueue<number>(3, () => told++);
    for (let i = 0; i < 10; i++) queue.push(i);
    queue.close();
    const read: number[] = [];
    for await (const item of queue) read.push(item);
    assert.deepEqual([read, queue.dropped(), told], [[7, 8, 9], 7, 7]);
  });

  it('wakes its reader for each item and ends when closed', async () => {
    const queue = createQueue<string>(3);
    const read: string[] = [];
    const reading = (async () => {
      for await (const item of queue) read.push(item);
    })();
    for (const item of ['a', 'b']) {
      queue.push(item);
      await new Promise(setImmediate);
    }
    queue.close();
    queue.push('lost');
    await reading;
    assert.deepEqual(read, ['a', 'b']);
  });
});

describe('closers', () => {
  it('close the last opened first, one at a time, and the rest when one fails', async () => {
    const { add, close } = createClosers();
    const closed: string[] = [];
    for (const name of ['database', 'gossip', 'api'])
      add(async () => {
        closed.push(`${name} begins`);
        await Promise.resolve();
        closed.push(name);
        if (name === 'gossip') throw new TypeError('stuck');
      });
    await assert.rejects(close(), TypeError);
    assert.deepEqual(
      closed,
      ['api', 'gossip', 'database'].flatMap((name) => [`${name} begins`, name]),
    );
    await close();
    assert.equal(closed.length, 6);
  });
});
