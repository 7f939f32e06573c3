import assert from 'node:assert/strict';
import { parseAbi } from 'viem';
import type { Reserve } from '../../devnet/aave.ts';
import { openAave } from './support/aave.ts';
import { CLASS } from './support/hub.ts';

const HOUR = 3600;
const PAUSED = '29';
const { viem, networkHelpers, admin, user, repay, frozen, paused, grant, fresh, freshPausing } =
  await openAave();
const { time } = networkHelpers;
const { revertWith, revertWithCustomErrorWithArgs: reverts } = viem.assertions;

type Rig = Awaited<ReturnType<typeof fresh>>;
const trip = ({ hub, breaker }: Rig, rung: number, life: number) =>
  hub.write.trip([breaker.address, rung, life, CLASS.A]);
const release = ({ hub, breaker }: Rig, rung: number) => hub.write.release([breaker.address, rung]);
const end = ({ hub, breaker }: Rig) => hub.write.end([breaker.address]);
const ease = ({ breaker }: Rig) => breaker.write.ease({ account: user.account });
const OURS = [true, true, false];
const NONE = [false, false, false];

describe('the breaker of an Aave v3 market whose owner asked for pauses', () => {
  it('pauses at rung 3 what it freezes, repay too, and puts both back', async () => {
    const rig = await freshPausing();
    await trip(rig, 3, HOUR);
    assert.deepEqual([await frozen(rig), await paused(rig)], [OURS, OURS]);
    assert.equal(await rig.breaker.read.rung(), 3);
    await revertWith(repay(rig, user, rig.usdc, 100n), PAUSED);
    await time.increase(HOUR);
    await release(rig, 3);
    assert.deepEqual([await frozen(rig), await paused(rig)], [NONE, NONE]);
  });

  it('pauses nothing below rung 3, nor where its owner did not ask', async () => {
    const rig = await freshPausing();
    await trip(rig, 2, HOUR);
    assert.deepEqual([await frozen(rig), await paused(rig)], [OURS, NONE]);
    const other = await fresh();
    await trip(other, 3, HOUR);
    assert.deepEqual([await frozen(other), await paused(other)], [OURS, NONE]);
  });

  it('is eased by anyone after 6 hours, and stays frozen until the trip is over', async () => {
    const rig = await freshPausing();
    await trip(rig, 3, 20 * HOUR);
    const since = await rig.breaker.read.pausedAt();
    await time.setNextBlockTimestamp(since + 6 * HOUR - 1);
    await reverts(ease(rig), rig.breaker, 'PauseInForce', [BigInt(since + 6 * HOUR)]);
    await time.setNextBlockTimestamp(since + 6 * HOUR);
    await ease(rig);
    assert.deepEqual([await frozen(rig), await paused(rig)], [OURS, NONE]);
    assert.equal(await rig.breaker.read.rung(), 3);
    await repay(rig, user, rig.usdc, 100n);
  });

  it('freezes only when it is tripped again within 25 hours, though its owner ended the first', async () => {
    const rig = await freshPausing();
    await trip(rig, 3, HOUR);
    const since = await rig.breaker.read.pausedAt();
    await end(rig);
    await time.setNextBlockTimestamp(since + 25 * HOUR - 1);
    await trip(rig, 3, HOUR);
    assert.deepEqual([await frozen(rig), await paused(rig)], [OURS, NONE]);
    await end(rig);
    await trip(rig, 3, HOUR);
    assert.deepEqual(await paused(rig), OURS);
  });

  it('pauses again what its owner ended within the 6 hours, no longer than they last', async () => {
    const rig = await freshPausing();
    await trip(rig, 3, HOUR);
    const since = await rig.breaker.read.pausedAt();
    await end(rig);
    await time.setNextBlockTimestamp(since + 5 * HOUR);
    await trip(rig, 3, 10 * HOUR);
    assert.deepEqual(await paused(rig), OURS);
    await time.setNextBlockTimestamp(since + 6 * HOUR);
    await ease(rig);
    assert.deepEqual(await paused(rig), NONE);
  });

  it('leaves to rung 2 the freeze that they share', async () => {
    const rig = await freshPausing();
    await trip(rig, 2, 6 * HOUR);
    await trip(rig, 3, HOUR);
    await time.increase(HOUR);
    await release(rig, 3);
    assert.deepEqual([await frozen(rig), await paused(rig)], [OURS, NONE]);
    assert.equal(await rig.breaker.read.rung(), 2);
    await time.increase(5 * HOUR);
    await release(rig, 2);
    assert.deepEqual(await frozen(rig), NONE);
  });

  it('never unpauses what somebody else had paused before', async () => {
    const rig = await freshPausing();
    await grant(rig, 'addEmergencyAdmin', admin.account.address);
    await pause(rig, rig.weth, true);
    await trip(rig, 3, HOUR);
    assert.equal(await rig.breaker.read.oursPaused(), 0b001);
    await end(rig);
    assert.deepEqual([await frozen(rig), await paused(rig)], [NONE, [false, true, false]]);
  });
});

async function pause({ market }: Rig, { token }: Reserve, stopped: boolean) {
  await admin.writeContract({
    address: market.configurator,
    abi: parseAbi(['function setReservePause(address asset, bool paused)']),
    functionName: 'setReservePause',
    args: [token, stopped],
  });
}
