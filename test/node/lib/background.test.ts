import assert from 'node:assert/strict';
import { createBackground } from '../../../node/lib/background.ts';

describe('background work', () => {
  it('of one owner leaves room for that of others, and its own once it has ended', async () => {
    const { begin, settled } = createBackground({ perOwner: 2, inAll: 3 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const stuck = () => promise;
    assert.deepEqual(
      ['a', 'a', 'a', 'b', 'c'].map((owner) => begin(owner, stuck)),
      [true, true, false, true, false],
    );
    resolve();
    await settled();
    assert.equal(begin('a', stuck), true);
    await settled();
  });

  it('that fails is told once somebody asks, and ends nothing else', async () => {
    const { begin, check, settled } = createBackground({ perOwner: 2, inAll: 2 });
    let ended = false;
    begin('a', () => Promise.reject(new TypeError('no')));
    begin('b', async () => {
      ended = true;
    });
    check();
    await settled();
    assert.equal(ended, true);
    assert.throws(check, { message: 'no' });
  });
});
