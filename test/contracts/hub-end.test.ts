import assert from 'node:assert/strict';
import { way } from './support/hostile.ts';
import { CLASS, openHub, shortOf } from './support/hub.ts';

const { viem, networkHelpers, stranger, fresh } = await openHub();
const { time } = networkHelpers;
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

describe('the breaker hub', () => {
  it('obeys only the registry that made it', async () => {
    const { hub, target } = await fresh();
    const { account } = stranger;
    await hub.write.trip([target.address, 3, 60, CLASS.A]);
    const call = hub.write.end([target.address], { account });
    await reverts(call, hub, 'NotRegistry', [account.address]);
    assert.equal(await hub.read.rungOf([target.address]), 3);
  });

  it('ends every rung at once, at the target too', async () => {
    const { hub, target } = await fresh();
    for (const rung of [1, 2, 3]) await hub.write.trip([target.address, rung, 1000, CLASS.A]);
    const ending = hub.write.end([target.address]);
    await emitWithArgs(ending, hub, 'Ended', [target.address]);
    for (const rung of [3, 2, 1])
      await emitWithArgs(ending, hub, 'Released', [target.address, rung]);
    assert.equal(await hub.read.rungOf([target.address]), 0);
    assert.equal(await target.read.rung(), 0);
    const changedAt = BigInt(await time.latest());
    const ended = { first: 0n, end: 0n, changedAt };
    assert.deepEqual(await hub.read.tripOf([target.address, 3]), ended);
    // Ended once more it was still ended then.
    await hub.write.end([target.address]);
    assert.deepEqual(await hub.read.tripOf([target.address, 3]), ended);
  });

  it('gives back what was left of the budget, and keeps what was used', async () => {
    const { hub, target } = await fresh();
    const room = () => hub.read.roomOf([target.address, 3, CLASS.A]);
    const whole = await room();
    await hub.write.trip([target.address, 3, 14_000, CLASS.A]);
    assert.equal(await room(), whole - 14_000n);
    const { first } = await hub.read.tripOf([target.address, 3]);
    await time.setNextBlockTimestamp(first + 1_400n);
    await hub.write.end([target.address]);
    // 1,400 seconds used, of which three in fourteen have drained.
    assert.equal(await room(), whole - 1_100n);
  });

  it('lets the next trip begin anew, however soon', async () => {
    const { hub, target } = await fresh();
    await hub.write.trip([target.address, 2, 21_600, CLASS.A]);
    await hub.write.end([target.address]);
    await hub.write.trip([target.address, 2, 21_600, CLASS.A]);
    const { first, end } = await hub.read.tripOf([target.address, 2]);
    assert.equal(end - first, 21_600n);
  });

  it('ends what is not tripped, and releases nothing', async () => {
    const { hub, target } = await fresh();
    assert.equal((await hub.simulate.end([target.address])).result, false);
    await emitWithArgs(hub.write.end([target.address]), hub, 'Ended', [target.address]);
  });
});

describe('a hostile target', () => {
  it('costs its caller no more than the gas it is given for each rung, whatever it answers', async () => {
    const { hub, hostile } = await fresh();
    await hostile.write.behave([way('bomb'), way('bomb'), way('bomb')]);
    const client = await viem.getPublicClient();
    await hub.write.end([hostile.address], { gas: 5_000_000n });
    const receipt = await client.getTransactionReceipt({
      hash: await hub.write.end([hostile.address], { gas: 5_000_000n }),
    });
    assert.ok(receipt.gasUsed < 3_200_000n, `${receipt.gasUsed}`);
  });

  it('gets its whole gas or is not called at all', async () => {
    const { hub, hostile } = await fresh();
    const call = hub.write.end([hostile.address], { gas: 900_000n });
    await reverts(call, hub, 'GasShort', shortOf(900_000n));
  });

  for (const released of ['revert', 'burn'] as const)
    it(`that answers a release with ${released} cannot keep the owner from ending the trip`, async () => {
      const { hub, hostile } = await fresh();
      await hub.write.trip([hostile.address, 3, 60, CLASS.A]);
      await hostile.write.behave([way('honest'), way('honest'), way(released)]);
      const ending = hub.write.end([hostile.address], { gas: 5_000_000n });
      await emitWithArgs(ending, hub, 'Ended', [hostile.address]);
      assert.equal(await hub.read.rungOf([hostile.address]), 0);
      assert.equal(await hostile.read.rung(), 3);
    });
});
