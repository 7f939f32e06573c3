import assert from 'node:assert/strict';
import { encodeFunctionData, type Hex } from 'viem';
import { evmRule } from '../../protocol/verdict.ts';
import { openRegistry } from './support/coverage.ts';
import { GLADLY, NEVER, REENTER, REENTERED } from './support/hostile.ts';
import { asOwner, FUNDS, MANIFEST, notOwner, type Rig, trip, UNKNOWN } from './support/registry.ts';

const { viem, bare, covered: fresh } = await openRegistry();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const retire = (rig: Rig & { id: Hex }) => rig.registry.write.retire([rig.id], asOwner(rig));

describe('what is left of an escrow', () => {
  it('is taken back in whole gwei', async () => {
    const rig = await fresh();
    await retire(rig);
    for (const amount of [1n, FUNDS - 1n])
      await reverts(
        rig.registry.write.defund([rig.id, amount], asOwner(rig)),
        rig.registry,
        'EscrowNotWhole',
        [amount, 10n ** 9n],
      );
  });

  it('goes back to the owner only, and no more than there is', async () => {
    const rig = await fresh();
    const as = asOwner(rig);
    await retire(rig);
    await reverts(
      rig.registry.write.defund([rig.id, FUNDS], { account: rig.stranger.account }),
      rig.registry,
      'NotOwner',
      notOwner(rig),
    );
    const more = FUNDS + 10n ** 9n;
    await reverts(rig.registry.write.defund([rig.id, more], as), rig.registry, 'EscrowShort', [
      more,
      FUNDS,
    ]);
    const defunding = await rig.registry.write.defund([rig.id, FUNDS], as);
    await emitWithArgs(Promise.resolve(defunding), rig.registry, 'Defunded', [rig.id, FUNDS]);
    await viem.assertions.balancesHaveChanged(defunding, [
      { address: rig.guardian.account.address, amount: FUNDS },
    ]);
    await reverts(rig.registry.write.defund([UNKNOWN, 0n], as), rig.registry, 'CoverageUnknown', [
      UNKNOWN,
    ]);
  });

  it('is not taken back by nothing', async () => {
    const rig = await fresh();
    await retire(rig);
    await reverts(
      rig.registry.write.defund([rig.id, 0n], asOwner(rig)),
      rig.registry,
      'AmountIsZero',
      [],
    );
  });

  it('stays while the coverage is live', async () => {
    const rig = await fresh();
    await trip(rig, rig.id);
    const { escrow } = await rig.registry.read.coverage([rig.id]);
    const defund = () => rig.registry.write.defund([rig.id, escrow], asOwner(rig));
    await reverts(defund(), rig.registry, 'CoverageLive', [rig.id]);
    await retire(rig);
    await defund();
    assert.equal((await rig.registry.read.coverage([rig.id])).escrow, 0n);
  });
});

/** A retired coverage whose owner is a contract; `relay` sends a call through it. */
const ownedByContract = async () => {
  const rig = await bare();
  const { registry } = rig;
  const owner = await viem.deployContract('HostileSubmitter');
  await rig.target.write.appoint([owner.address]);
  const relay = (call: Hex, value = 0n) => owner.write.relay([registry.address, [call]], { value });
  const covering = encodeFunctionData({
    abi: registry.abi,
    functionName: 'cover',
    args: [rig.target.address, [evmRule(rig.rule)], MANIFEST],
  });
  await relay(covering, FUNDS);
  const id = await registry.read.coverageOf([rig.target.address]);
  await relay(encodeFunctionData({ abi: registry.abi, functionName: 'retire', args: [id] }));
  const defunding = encodeFunctionData({
    abi: registry.abi,
    functionName: 'defund',
    args: [id, FUNDS / 2n],
  });
  return { ...rig, id, owner, relay, defunding };
};

describe('an owner that is a contract', () => {
  it('loses nothing by refusing what it is paid', async () => {
    const { registry, owner, id, relay, defunding } = await ownedByContract();
    await owner.write.prepare([NEVER, '0x']);
    await reverts(relay(defunding), registry, 'PaymentFailed', [owner.address, FUNDS / 2n]);
    assert.equal((await registry.read.coverage([id])).escrow, FUNDS);
    await owner.write.prepare([GLADLY, '0x']);
    await relay(defunding);
    assert.equal((await registry.read.coverage([id])).escrow, FUNDS / 2n);
  });

  it('cannot take more by asking again while it is paid', async () => {
    const { registry, owner, id, relay, defunding, client } = await ownedByContract();
    await owner.write.prepare([REENTER, defunding]);
    await relay(defunding);
    assert.equal(await owner.read.answer(), REENTERED);
    assert.equal((await registry.read.coverage([id])).escrow, FUNDS / 2n);
    assert.equal(await client.getBalance({ address: owner.address }), FUNDS / 2n);
  });
});
