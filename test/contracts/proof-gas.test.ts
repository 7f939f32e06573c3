import assert from 'node:assert/strict';
import { measureProof } from './support/proof-gas.ts';

describe('gas of a proof, as a whole transaction', () => {
  for (const [slots, blocks, most] of [
    [1, 1, 330_000],
    [2, 1, 420_000],
    [2, 2, 800_000],
  ] as const)
    it(`of ${slots} slots at ${blocks} blocks, eight full branches above the account and four above a slot, is at most ${most}`, async () => {
      const { gas, floor, standard } = await measureProof({
        accountLevels: 8,
        storageLevels: 4,
        slots,
        blocks,
      });
      assert.ok(gas <= most, `${gas}`);
      // Nearly all of it is calldata: what the contracts do with it costs nothing more.
      assert.equal(gas, floor);
      assert.ok(standard < floor, `${standard} without the floor, ${floor} with it`);
    }).timeout(60_000);
});
