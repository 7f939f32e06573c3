import assert from 'node:assert/strict';
import { openDatabase, part } from '../../../node/store/database.ts';
import { openPending } from '../../../node/store/pending.ts';
import { domain, hash } from '../gossip/support/committee.ts';
import { withFolder } from './support.ts';

const sent = {
  hash: hash('transaction'),
  nonce: 7,
  maxFeePerGas: 10n ** 20n,
  maxPriorityFeePerGas: 2n,
};

describe('a transaction on its way', () => {
  it('is there again after a restart, and of one registry and its errands only, until it is taken out', () =>
    withFolder(async (folder) => {
      const first = await openDatabase(folder);
      assert.equal(await openPending(first, domain, 'openings').get(), null);
      await openPending(first, domain, 'openings').set(sent);
      await first.close();
      const second = await openDatabase(folder);
      assert.deepEqual(await openPending(second, domain, 'openings').get(), sent);
      assert.equal(await openPending(second, { ...domain, chainId: 2n }, 'openings').get(), null);
      assert.equal(await openPending(second, domain, 'challenges').get(), null);
      await openPending(second, domain, 'openings').set(null);
      assert.equal(await openPending(second, domain, 'openings').get(), null);
      await second.close();
    }));

  it('that cannot be read is named', () =>
    withFolder(async (folder) => {
      const database = await openDatabase(folder);
      const key = `${domain.chainId}:${domain.registry.toLowerCase()}`;
      await part(database, 'openings').put(key, '{"nonce":-1}');
      await assert.rejects(openPending(database, domain, 'openings').get(), {
        message: /PENDING_UNREADABLE/,
      });
      await database.close();
    }));
});
