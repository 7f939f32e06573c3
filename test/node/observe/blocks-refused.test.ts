import assert from 'node:assert/strict';
import { type Chase, createChase } from './chase.ts';
import { until } from './support.ts';

describe('blocks of a provider that lies', () => {
  let chase: Chase;
  beforeEach(async () => {
    chase = await createChase();
  });
  afterEach(() => chase.end());

  for (const [lie, code, tamper] of [
    [
      'another state root under the same hash',
      'HEADER_HASH',
      (block: object) => ({ ...block, stateRoot: `0x${'11'.repeat(32)}` }),
    ],
    ['another number', 'HEADER_HASH', (block: object) => ({ ...block, number: '0x2' })],
    ['a field of another type', 'HEADER_INVALID', (block: object) => ({ ...block, timestamp: 12 })],
    [
      'a header without its parent',
      'HEADER_INVALID',
      (block: object) => ({ ...block, parentHash: undefined }),
    ],
    ['text', 'HEADER_INVALID', () => 'latest'],
    ['a list', 'HEADER_INVALID', () => []],
  ] as const)
    it(`are refused when a provider gives ${lie}`, async () => {
      const proxy = await chase.provider();
      await chase.mine(3);
      proxy.tamper = ({ method }, result) =>
        method.startsWith('eth_getBlock') ? tamper(result as object) : result;
      const { faults, copy, reach } = chase.follow([proxy.url]);
      await until(() => faults.includes(code));
      assert.equal(copy.size, 0);
      proxy.tamper = (_, result) => result;
      await reach();
    });

  it('are refused when an answer is larger than any block, or is not JSON', async () => {
    const proxy = await chase.provider();
    await chase.mine(1);
    const { faults, reach } = chase.follow([proxy.url]);
    await reach();
    for (const garble of [
      () => `"${'0'.repeat(17 * 1024 * 1024)}"`,
      () => '<html>',
      () => '',
      () => '[]',
      () => '[null]',
    ]) {
      proxy.garble = garble;
      const before = faults.length;
      await until(() => faults.length > before);
    }
    assert.deepEqual([...new Set(faults)], ['PROVIDER_UNREACHABLE']);
    proxy.garble = (text) => text;
    await chase.mine(1);
    await reach();
  });
});
