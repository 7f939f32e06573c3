import assert from 'node:assert/strict';
import hre from 'hardhat';
import { keyAt } from './support/bls.ts';
import { passEpoch, registerWatcher, seatWatchers, settings, TOKEN } from './support/committee.ts';
import { reverts } from './support/revert.ts';

describe('Committee with Watchers', () => {
  it('holds whoever is seated in a roster until it can no longer be used', async () => {
    const connection = await hre.network.create();
    const { watchers, committee, operators } = await seatWatchers(connection, [16, 15, 14, 13]);
    await committee.write.openEpoch();
    const [leaver] = operators;
    assert.ok(leaver);
    await watchers.write.requestExit({ account: leaver.wallet.account });
    const { exitAt } = await watchers.read.watcher([leaver.operator]);
    const { validUntil, seats } = await committee.read.roster([1n]);
    assert.equal(seats, 4);
    assert.ok(exitAt >= validUntil + settings.certificateAge + settings.disputeWindow);
    await passEpoch(connection);
    await committee.write.openEpoch();
    assert.equal((await committee.read.roster([2n])).seats, 3);
  });

  it('gives an operator who came back one seat, under the new key', async () => {
    const connection = await hre.network.create();
    const seated = await seatWatchers(connection, [16, 15, 14, 13]);
    const { watchers, committee, operators } = seated;
    const [first] = operators;
    assert.ok(first);
    await watchers.write.requestExit({ account: first.wallet.account });
    await connection.networkHelpers.time.increase(settings.exitDelay);
    await watchers.write.withdraw({ account: first.wallet.account });
    await registerWatcher(connection, seated, 1, keyAt(9), 20n * TOKEN);
    await committee.write.writePage([keyAt(9).raw, []]);
    const gone = committee.write.writePage([keyAt(0).raw, []]);
    await reverts(gone, committee, 'KeyAlreadyPaged', keyAt(0).hash);
    await committee.write.openEpoch();
    const epoch = await committee.read.latestEpoch();
    assert.equal((await committee.read.roster([epoch])).seats, 4);
    const back = committee.write.rejoin([[keyAt(0).hash], []]);
    await reverts(back, committee, 'KeyUnknown', keyAt(0).hash);
  });
});
