import assert from 'node:assert/strict';
import { getAddress, keccak256, toHex } from 'viem';
import { offence, openCourt, slashOf, TRUSTING } from './support/court.ts';

const { viem, networkHelpers, fresh } = await openCourt();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const salt = keccak256(toHex('another salt'));

describe('evidence that is committed to', () => {
  it('is revealed by who committed, and a copied commitment serves nobody', async () => {
    const { court, epoch, stranger, guardian } = await fresh();
    const words = [TRUSTING, offence(epoch, [2]), salt] as const;
    const { account } = stranger;
    const commitment = await court.read.commitmentOf([account.address, ...words]);
    const hash = court.write.commit([commitment], { account });
    await emitWithArgs(hash, court, 'Committed', [getAddress(account.address), commitment]);
    await court.write.commit([commitment], { account: guardian.account });
    const theirs = await court.read.commitmentOf([guardian.account.address, ...words]);
    const copied = court.write.reveal(words, { account: guardian.account });
    await reverts(copied, court, 'CommitmentUnknown', [theirs]);
    await court.write.reveal(words, { account });
    assert.equal((await slashOf({ court }, 0n)).challenger, getAddress(account.address));
  });

  it('is spent by revealing it', async () => {
    const { court, epoch, stranger } = await fresh();
    const words = [TRUSTING, offence(epoch, [2]), salt] as const;
    const { account } = stranger;
    const commitment = await court.read.commitmentOf([account.address, ...words]);
    await court.write.commit([commitment], { account });
    await court.write.reveal(words, { account });
    assert.equal(await court.read.committedAt([account.address, commitment]), 0n);
    const again = court.write.reveal(words, { account });
    await reverts(again, court, 'CommitmentUnknown', [commitment]);
  });

  for (const [blocks, inTime] of [
    [1, true],
    [256, true],
    [257, false],
  ] as const)
    it(`${inTime ? 'is' : 'is not'} taken ${blocks} blocks later`, async () => {
      const { court, client, epoch, stranger } = await fresh();
      const words = [TRUSTING, offence(epoch, [2]), salt] as const;
      const { account } = stranger;
      const commitment = await court.read.commitmentOf([account.address, ...words]);
      await court.write.commit([commitment], { account });
      const height = await client.getBlockNumber();
      await networkHelpers.mine(blocks - 1);
      const call = court.write.reveal(words, { account });
      if (inTime) await call;
      else {
        const late = [height, height + BigInt(blocks)];
        await reverts(call, court, 'RevealOutOfTime', late as [bigint, bigint]);
      }
    });

  it('is not taken in the block that it is committed in', async () => {
    const { court, epoch, stranger } = await fresh();
    const words = [TRUSTING, offence(epoch, [2]), salt] as const;
    const { account } = stranger;
    const commitment = await court.read.commitmentOf([account.address, ...words]);
    const own = await viem.getTestClient();
    await own.setAutomine(false);
    await court.write.commit([commitment], { account, gas: 200_000n });
    await court.write.reveal(words, { account, gas: 1_000_000n });
    await networkHelpers.mine();
    await own.setAutomine(true);
    assert.equal(await court.read.slashCount(), 0n);
  });
});
