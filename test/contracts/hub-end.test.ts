import assert from 'node:assert/strict';
import { way } from './support/hostile.ts';
import { openHub, shortOf } from './support/hub.ts';

const { viem, stranger, fresh } = await openHub();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

describe('the breaker hub', () => {
  it('obeys only the registry that made it', async () => {
    const { hub, target } = await fresh();
    const { account } = stranger;
    await hub.write.trip([target.address, 3, 60]);
    const call = hub.write.end([target.address], { account });
    await reverts(call, hub, 'NotRegistry', [account.address]);
    assert.equal(await hub.read.rungOf([target.address]), 3);
  });

  it('ends every rung at once, at the target too', async () => {
    const { hub, target } = await fresh();
    for (const rung of [1, 2, 3]) await hub.write.trip([target.address, rung, 1000]);
    const ending = hub.write.end([target.address]);
    await emitWithArgs(ending, hub, 'Ended', [target.address]);
    await emitWithArgs(ending, hub, 'Released', [target.address]);
    assert.equal(await hub.read.rungOf([target.address]), 0);
    assert.equal(await target.read.rung(), 0);
    assert.deepEqual(await hub.read.tripOf([target.address, 3]), { first: 0n, end: 0n });
  });

  it('ends what is not tripped, and releases nothing', async () => {
    const { hub, target } = await fresh();
    assert.equal((await hub.simulate.end([target.address])).result, false);
    await emitWithArgs(hub.write.end([target.address]), hub, 'Ended', [target.address]);
  });
});

describe('a hostile target', () => {
  it('costs its caller no more than the gas it is given, whatever it answers', async () => {
    const { hub, hostile } = await fresh();
    await hostile.write.behave([way('bomb'), way('bomb'), way('bomb')]);
    const client = await viem.getPublicClient();
    await hub.write.end([hostile.address], { gas: 5_000_000n });
    const receipt = await client.getTransactionReceipt({
      hash: await hub.write.end([hostile.address], { gas: 5_000_000n }),
    });
    assert.ok(receipt.gasUsed < 1_100_000n, `${receipt.gasUsed}`);
  });

  it('gets its whole gas or is not called at all', async () => {
    const { hub, hostile } = await fresh();
    const call = hub.write.end([hostile.address], { gas: 900_000n });
    await reverts(call, hub, 'GasShort', shortOf(900_000n));
  });

  for (const released of ['revert', 'burn'] as const)
    it(`that answers a release with ${released} cannot keep the owner from ending the trip`, async () => {
      const { hub, hostile } = await fresh();
      await hub.write.trip([hostile.address, 3, 60]);
      await hostile.write.behave([way('honest'), way('honest'), way(released)]);
      const ending = hub.write.end([hostile.address], { gas: 5_000_000n });
      await emitWithArgs(ending, hub, 'Ended', [hostile.address]);
      assert.equal(await hub.read.rungOf([hostile.address]), 0);
      assert.equal(await hostile.read.rung(), 3);
    });
});
