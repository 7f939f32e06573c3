import assert from 'node:assert/strict';
import { openDatabase, part } from '../../../node/store/database.ts';
import { openOpenings } from '../../../node/store/opening.ts';
import { domain, hash } from '../gossip/support/committee.ts';
import { withFolder } from './support.ts';

const opening = {
  hash: hash('transaction'),
  nonce: 7,
  maxFeePerGas: 10n ** 20n,
  maxPriorityFeePerGas: 2n,
};

describe('the opening of an epoch', () => {
  it('is there again after a restart, and of one registry only, until it is taken out', () =>
    withFolder(async (folder) => {
      const first = await openDatabase(folder);
      assert.equal(await openOpenings(first, domain).get(), null);
      await openOpenings(first, domain).set(opening);
      await first.close();
      const second = await openDatabase(folder);
      assert.deepEqual(await openOpenings(second, domain).get(), opening);
      assert.equal(await openOpenings(second, { ...domain, chainId: 2n }).get(), null);
      await openOpenings(second, domain).set(null);
      assert.equal(await openOpenings(second, domain).get(), null);
      await second.close();
    }));

  it('that cannot be read is named', () =>
    withFolder(async (folder) => {
      const database = await openDatabase(folder);
      const key = `${domain.chainId}:${domain.registry.toLowerCase()}`;
      await part(database, 'openings').put(key, '{"nonce":-1}');
      await assert.rejects(openOpenings(database, domain).get(), { message: /OPENING_UNREADABLE/ });
      await database.close();
    }));
});
