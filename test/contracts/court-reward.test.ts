import assert from 'node:assert/strict';
import { getAddress } from 'viem';
import { TOKEN } from './support/committee.ts';
import { openCourt, SOMEWHERE } from './support/court.ts';

const { viem, operatorOf, convict, enforce, fresh } = await openCourt();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const NOBODY = getAddress('0x000000000000000000000000000000000000dEaD');

describe('what slashes took', () => {
  it('pays its challenger a tenth, at anybody’s call, once', async () => {
    const rig = await fresh();
    const { court, token, stranger } = rig;
    const challenger = getAddress(stranger.account.address);
    await reverts(court.write.reward([challenger]), court, 'NothingOwed', [challenger]);
    await convict(rig, [0], SOMEWHERE);
    await enforce(rig);
    const reward = (16n * TOKEN) / 10n;
    assert.equal(await court.read.rewardOf([challenger]), reward);
    await emitWithArgs(court.write.reward([challenger]), court, 'Rewarded', [challenger, reward]);
    assert.equal(await token.read.balanceOf([challenger]), reward);
    await reverts(court.write.reward([challenger]), court, 'NothingOwed', [challenger]);
  });

  it('burns for the rest, and leaves the stakes of others whole', async () => {
    const rig = await fresh();
    const { court, watchers, token } = rig;
    await convict(rig, [0, 1], SOMEWHERE);
    await enforce(rig);
    const burnt = 16n * TOKEN;
    await emitWithArgs(court.write.burn(), court, 'Burnt', [burnt]);
    assert.equal(await token.read.balanceOf([NOBODY]), burnt);
    await reverts(court.write.burn(), court, 'NothingOwed', [NOBODY]);
    assert.deepEqual(await watchers.read.owed(), [68n * TOKEN, 16n * TOKEN]);
  });

  it('gives back a tenth to whoever denounces itself', async () => {
    const rig = await fresh();
    const denounced = { ...rig, stranger: operatorOf(0) };
    await convict(denounced, [0], SOMEWHERE);
    await enforce(rig);
    const { address } = operatorOf(0).account;
    assert.equal(await rig.court.read.rewardOf([address]), (16n * TOKEN) / 10n);
  });
});
