import assert from 'node:assert/strict';
import { encodeFunctionData, getAddress, parseGwei } from 'viem';
import { openRegistry } from './support/coverage.ts';
import { NEVER, REENTERED, way } from './support/hostile.ts';
import { asOwner, coverArmed, trip, UNKNOWN } from './support/registry.ts';

const { viem, networkHelpers, bare, covered: fresh, hostile: freshHostile } = await openRegistry();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const releasing = (answer: Parameters<typeof way>[0]) =>
  [way('honest'), way('honest'), way(answer)] as const;

describe('releasing a target', () => {
  it('waits until no trip of that rung is in force', async () => {
    const rig = await freshHostile();
    await trip(rig, rig.id);
    await reverts(rig.registry.write.release([rig.id, 3]), rig.hub, 'StillTripped', [
      getAddress(rig.hostile.address),
      3,
    ]);
  });

  it('is for anyone, who is paid four fifths of what it cost when something was put back', async () => {
    const rig = await freshHostile();
    await trip(rig, rig.id);
    await networkHelpers.time.increase(3600);
    const { escrow } = await rig.registry.read.coverage([rig.id]);
    const hash = await rig.registry.write.release([rig.id, 3], { account: rig.stranger.account });
    const { gasUsed, effectiveGasPrice } = await rig.client.getTransactionReceipt({ hash });
    const refund = escrow - (await rig.registry.read.coverage([rig.id])).escrow;
    await emitWithArgs(Promise.resolve(hash), rig.registry, 'Released', [
      rig.id,
      3,
      getAddress(rig.stranger.account.address),
      refund,
    ]);
    const cost = gasUsed * effectiveGasPrice;
    assert.ok(refund <= cost && refund * 100n >= cost * 75n, `${refund} of ${cost}`);
    assert.equal(await rig.hostile.read.rung(), 0);
  });

  it('is no profit, however much the target clears', async () => {
    const rig = await bare();
    const { address: of } = await viem.deployContract('ClearingTarget', [
      rig.hub.address,
      rig.guardian.account.address,
    ]);
    const id = await coverArmed(rig, [rig.rule], { of });
    await trip(rig, id);
    await networkHelpers.time.increase(3600);
    const { escrow } = await rig.registry.read.coverage([id]);
    const tip = parseGwei('2');
    const hash = await rig.registry.write.release([id, 3], {
      account: rig.stranger.account,
      maxPriorityFeePerGas: tip,
      maxFeePerGas: parseGwei('100'),
    });
    const { gasUsed, effectiveGasPrice } = await rig.client.getTransactionReceipt({ hash });
    const refund = escrow - (await rig.registry.read.coverage([id])).escrow;
    assert.ok(refund <= gasUsed * effectiveGasPrice, `${refund} for ${gasUsed}`);
  });

  it('pays nothing when nothing was put back, however often it is asked', async () => {
    const rig = await fresh();
    await trip(rig, rig.id);
    await networkHelpers.time.increase(3600);
    const { escrow } = await rig.registry.read.coverage([rig.id]);
    for (let i = 0; i < 3; ++i) await rig.registry.write.release([rig.id, 3]);
    assert.equal((await rig.registry.read.coverage([rig.id])).escrow, escrow);
  });

  it('knows no rung 4', async () => {
    const rig = await fresh();
    await reverts(rig.registry.write.release([rig.id, 4]), rig.hub, 'RungUnknown', [4]);
  });

  it('fails when the target does', async () => {
    const rig = await freshHostile();
    await rig.hostile.write.behave(releasing('revert'));
    await reverts(rig.registry.write.release([rig.id, 3]), rig.hub, 'ReleaseFailed', [
      getAddress(rig.hostile.address),
      3,
    ]);
    await reverts(rig.registry.write.release([UNKNOWN, 3]), rig.registry, 'CoverageUnknown', [
      UNKNOWN,
    ]);
  });

  it('of a retired coverage is still possible, and not paid', async () => {
    const rig = await freshHostile();
    await trip(rig, rig.id);
    await rig.hostile.write.behave(releasing('revert'));
    await rig.registry.write.retire([rig.id], asOwner(rig));
    assert.equal(await rig.hostile.read.rung(), 3);
    await rig.hostile.write.behave(releasing('honest'));
    await emitWithArgs(
      rig.registry.write.release([rig.id, 3], { account: rig.stranger.account }),
      rig.registry,
      'Released',
      [rig.id, 3, getAddress(rig.stranger.account.address), 0n],
    );
    assert.equal(await rig.hostile.read.rung(), 0);
  });

  it('cannot be used by a hostile target to enter again', async () => {
    const rig = await freshHostile();
    await trip(rig, rig.id);
    await networkHelpers.time.increase(3600);
    await rig.hostile.write.aim([
      rig.registry.address,
      encodeFunctionData({ abi: rig.registry.abi, functionName: 'release', args: [rig.id, 3] }),
    ]);
    await rig.hostile.write.behave(releasing('reenter'));
    await rig.registry.write.release([rig.id, 3]);
    assert.equal(await rig.hostile.read.answer(), REENTERED);
  });

  it('puts nothing back for a caller that refuses its refund', async () => {
    const rig = await freshHostile();
    await trip(rig, rig.id);
    await networkHelpers.time.increase(3600);
    const { registry, hostile } = rig;
    const caller = await viem.deployContract('HostileSubmitter');
    await caller.write.prepare([NEVER, '0x']);
    const call = encodeFunctionData({
      abi: registry.abi,
      functionName: 'release',
      args: [rig.id, 3],
    });
    await reverts(caller.write.relay([registry.address, [call]]), registry, 'PaymentFailed', [
      getAddress(caller.address),
      (amount: bigint) => amount > 0n,
    ]);
    assert.equal(await hostile.read.rung(), 3);
  });
});
