import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { createErrand } from '../../../node/wallet/errand.ts';
import { createSender } from '../../../node/wallet/sender.ts';
import { type Anvil, funded, startAnvil } from '../anvil.ts';
import { inMemory } from '../submit/keepers.ts';

const CALL = { to: funded(9).address, data: '0x', gas: 21_000n } as const;
/** A contract that refuses everything: whatever a provider says, what calls it is mined in vain. */
const REFUSER = '0x00000000000000000000000000000000000000fd';

describe('an errand', () => {
  let anvil: Anvil;
  before(async () => void (anvil = await startAnvil()));
  after(() => anvil.stop());

  const errandOf = async (seat: number, pending = inMemory()) => {
    const { client, chain } = anvil;
    const sender = createSender({ client, account: funded(seat), chainId: chain.id });
    return { sender, errand: await createErrand(sender, pending) };
  };
  const countOf = (seat: number) =>
    anvil.client.getTransactionCount({ address: funded(seat).address });

  it('gives up a nonce that is never mined, as one of a hot key that was replaced', async () => {
    const pending = inMemory();
    const fees = { maxFeePerGas: 1n, maxPriorityFeePerGas: 1n };
    await pending.set({ hash: '0x01', nonce: 500, ...fees });
    const { errand } = await errandOf(0, pending);
    const before = await countOf(0);
    assert.equal(errand.isFree(), false);
    assert.equal(await errand.isWaiting(null, 1n), false);
    assert.equal(await pending.get(), null);
    await errand.send(CALL, 2n);
    await anvil.test.mine({ blocks: 1 });
    assert.equal(await errand.isWaiting(CALL, 3n), false);
    assert.equal(await countOf(0), before + 1);
  });

  it('waits behind nonces that this sender has taken', async () => {
    const { sender, errand } = await errandOf(1);
    const fees = await sender.fees(CALL.gas);
    // Prepared, and not handed over yet.
    const first = await sender.prepare(CALL, fees);
    await errand.send(CALL, 1n);
    await anvil.test.mine({ blocks: 1 });
    assert.equal(await errand.isWaiting(CALL, 2n), true);
    await sender.broadcast(CALL, first);
    await anvil.test.mine({ blocks: 2 });
    assert.equal(await errand.isWaiting(CALL, 3n), false);
  });

  it('is held back after what was mined in vain twice in a row, twice as long each time, until something succeeds', async () => {
    await anvil.test.setCode({ address: REFUSER, bytecode: '0x5f5ffd' });
    const { errand } = await errandOf(2);
    let height = 1n;
    /** Blocks from what is mined to when the errand is free again, whether or not it is still of use then. */
    const run = async (to: Hex, isWanted = true): Promise<bigint> => {
      const call = { ...CALL, to, gas: 50_000n };
      await errand.send(call, height);
      await anvil.test.mine({ blocks: 1 });
      assert.equal(await errand.isWaiting(isWanted ? call : null, height), !errand.isFree());
      const since = height;
      while (!errand.isFree()) {
        height++;
        assert.equal(await errand.isWaiting(call, height), !errand.isFree());
      }
      return height - since;
    };
    const held: bigint[] = [];
    for (let sent = 0; sent < 7; sent++) held.push(await run(REFUSER));
    assert.deepEqual(held, [0n, 32n, 64n, 128n, 256n, 512n, 512n]);
    const again = [await run(CALL.to), await run(REFUSER), await run(REFUSER)];
    assert.deepEqual(again, [0n, 0n, 32n]);
    // Who is forestalled again and again is not held back by it.
    const forestalled = [await run(CALL.to), await run(REFUSER, false), await run(REFUSER, false)];
    assert.deepEqual(forestalled, [0n, 0n, 0n]);
  });
});
