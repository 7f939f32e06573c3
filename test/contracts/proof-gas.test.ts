import assert from 'node:assert/strict';
import { measureDispute, measureProof, measureProvenTrip, PROVEN } from './support/proof-gas.ts';

describe('gas of a proof, as a whole transaction', () => {
  const MOST = [305_000, 385_000, 740_000];
  for (const [index, state] of PROVEN.entries())
    it(`of ${state.slots} slots at ${state.blocks} blocks, eight full branches above the account and four above a slot, is at most ${MOST[index]}`, async () => {
      const { gas, floor, standard } = await measureProof(state);
      assert.ok(gas <= MOST[index]!, `${gas}`);
      // Nearly all of it is calldata: what the contracts do with it costs nothing more.
      assert.equal(gas, floor);
      assert.ok(standard < floor, `${standard} without the floor, ${floor} with it`);
    }).timeout(60_000);
});

describe('gas of a trip by proof, as a whole transaction', () => {
  const MOST = [320_000, 400_000, 755_000];
  for (const [index, state] of PROVEN.entries())
    it(`of ${state.slots} slots at ${state.blocks} blocks, as deep, is at most ${MOST[index]}, and is paid for`, async () => {
      const { gas, floor, refunded } = await measureProvenTrip(state);
      assert.ok(gas <= MOST[index]!, `${gas}`);
      // The target's first trip too, which writes where nothing was, costs little beside the calldata.
      assert.ok(gas - floor < 10_000, `${gas}, ${floor}`);
      assert.ok(refunded > 0.92 && refunded <= 1, `${refunded}`);
    }).timeout(60_000);
});

describe('gas of a dispute by proof, as a whole transaction', () => {
  const MOST = [320_000, 400_000, 755_000];
  for (const [index, state] of PROVEN.entries())
    it(`over a false claim that tripped, of ${state.slots} slots at ${state.blocks} blocks, as deep, is at most ${MOST[index]}`, async () => {
      const { gas, floor } = await measureDispute(state);
      assert.ok(gas <= MOST[index]!, `${gas}`);
      assert.ok(gas - floor < 12_000, `${gas}, ${floor}`);
    }).timeout(60_000);
});
