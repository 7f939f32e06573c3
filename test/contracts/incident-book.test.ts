import assert from 'node:assert/strict';
import { openRegistry } from './support/coverage.ts';
import { trip } from './support/registry.ts';

const { viem, networkHelpers, covered } = await openRegistry();
const { emitWithArgs } = viem.assertions;

describe('the book of incidents', () => {
  it('keeps when a running hash was booked first', async () => {
    const rig = await covered();
    const book = await viem.deployContract('IncidentBook', [rig.registry.address]);
    await trip(rig, rig.id);
    const { incidents } = await rig.registry.read.coverage([rig.id]);
    const first = await book.write.book([rig.id]);
    await emitWithArgs(Promise.resolve(first), book, 'Booked', [rig.id, incidents]);
    const at = await book.read.bookedAt([rig.id, incidents]);
    await networkHelpers.time.increase(60);
    const again = await book.write.book([rig.id]);
    const { logs } = await rig.client.getTransactionReceipt({ hash: again });
    assert.deepEqual(logs, []);
    assert.equal(await book.read.bookedAt([rig.id, incidents]), at);
    assert.notEqual(at, 0n);
  });
});
