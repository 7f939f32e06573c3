import assert from 'node:assert/strict';
import { getAddress, parseEventLogs } from 'viem';
import { openEquivocation } from './support/equivocation.ts';
import { certifyVerdict } from './support/registry.ts';

const { viem, networkHelpers, judge, fresh } = await openEquivocation();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

describe('a struck seat', () => {
  it('counts for nothing in whatever it signed, spoils it for nobody, and stays in the total', async () => {
    const rig = await fresh();
    await judge(rig, { signers: [0, 1, 2], others: [0, 3] });
    assert.deepEqual(await rig.registry.read.struck([rig.epoch]), [1n, 0n]);
    const short = await certifyVerdict(rig, rig.verdict, [1, 6]);
    await reverts(rig.registry.write.submit([rig.verdict, short]), rig.registry, 'QuorumMissed', [
      72n - 16n,
      100n,
      3,
    ]);
    const hash = await rig.registry.write.submit([
      rig.verdict,
      await certifyVerdict(rig, rig.verdict),
    ]);
    assert.equal(await rig.target.read.rung(), 3);
    const { logs } = await rig.client.getTransactionReceipt({ hash });
    const [incident] = parseEventLogs({ abi: rig.registry.abi, eventName: 'Incident', logs });
    const { signers, signed, total } = incident!.args;
    assert.deepEqual([signers, signed, total], [[0b1111110n, 0n], 84n, 100n]);
  });

  it('is struck by the court alone', async () => {
    const rig = await fresh();
    await reverts(
      rig.registry.write.strike([rig.epoch, [1n, 0n]], { account: rig.stranger.account }),
      rig.registry,
      'NotCourt',
      [getAddress(rig.stranger.account.address)],
    );
  });

  it('is free again in the next epoch', async () => {
    const rig = await fresh();
    await judge(rig, { signers: [0], others: [0] });
    assert.deepEqual(await rig.registry.read.struck([rig.epoch + 1n]), [0n, 0n]);
  });

  it('may be any of 512, and stays struck whatever is struck after it', async () => {
    const rig = await fresh();
    const { registry, epoch } = rig;
    const account = rig.court.address;
    await networkHelpers.impersonateAccount(account);
    await networkHelpers.setBalance(account, 10n ** 18n);
    const [first, second] = [
      [0b1n, 1n << 255n],
      [1n << 255n, 0b1n],
    ] as const;
    for (const seats of [first, second])
      await emitWithArgs(registry.write.strike([epoch, seats], { account }), registry, 'Struck', [
        epoch,
        seats,
      ]);
    const both = first[0] | second[0];
    assert.deepEqual(await registry.read.struck([epoch]), [both, both]);
    assert.deepEqual(await registry.read.struck([epoch - 1n]), [0n, 0n]);
  });
});
