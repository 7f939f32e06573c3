import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { createSubmitters } from '../../../node/lib/submitter-of.ts';
import { Fault } from '../../../protocol/fault.ts';
import { hash } from '../gossip/support/committee.ts';

describe('the submitter of a key', () => {
  const reader = () => {
    const asked: Hex[] = [];
    const submitters = createSubmitters(async (keyHash) => {
      asked.push(keyHash);
      if (asked.length === 1) throw new Fault('RPC_DOWN', {});
      return keyHash;
    });
    return { asked, ...submitters };
  };

  it('is read once a block, however many ask at once', async () => {
    const { asked, submitterOf, forget } = reader();
    await assert.rejects(submitterOf(hash('down')), { code: 'RPC_DOWN' });
    await Promise.all([1, 2, 3].map(() => submitterOf(hash('a'))));
    assert.equal(await submitterOf(hash('a')), hash('a'));
    assert.equal(asked.length, 2);
    forget();
    await submitterOf(hash('a'));
    assert.equal(asked.length, 3);
  });

  it('is asked again when it could not be read', async () => {
    const { submitterOf } = reader();
    await assert.rejects(Promise.all([submitterOf(hash('a')), submitterOf(hash('a'))]));
    assert.equal(await submitterOf(hash('a')), hash('a'));
  });

  it('is remembered for 512 keys', async () => {
    const { asked, submitterOf } = reader();
    await submitterOf(hash('down')).catch(() => undefined);
    for (let i = 0; i < 513; i++) await submitterOf(hash(`key ${i}`));
    await submitterOf(hash('key 512'));
    assert.equal(asked.length, 514);
    await submitterOf(hash('key 0'));
    assert.equal(asked.length, 515);
  });
});
