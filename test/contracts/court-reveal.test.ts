import assert from 'node:assert/strict';
import { encodeAbiParameters, getAddress, keccak256, parseAbiParameters, slice } from 'viem';
import { settings } from './support/committee.ts';
import {
  accuse,
  offence,
  openCourt,
  slashOf,
  SOMEWHERE,
  TRUSTING,
  wordsOf,
} from './support/court.ts';

const { viem, networkHelpers, convict, fresh } = await openCourt();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const SLASH = parseAbiParameters([
  'Slash slash',
  'struct Slash { uint64 epoch; bool landed; address challenger; uint256[2] seats; }',
]);

describe('Court.reveal', () => {
  it('strikes at once whom the judge names, and files the slash', async () => {
    const rig = await fresh();
    const { court, registry, epoch, stranger } = rig;
    const challenger = getAddress(stranger.account.address);
    const hash = convict(rig, [1, 4]);
    const seats = wordsOf([1, 4]);
    await emitWithArgs(hash, court, 'Upheld', [0n, challenger, epoch, TRUSTING, false, seats]);
    assert.deepEqual(await registry.read.struck([epoch]), seats);
    const slash = { epoch, landed: false, challenger, seats };
    assert.deepEqual(await slashOf(rig, 0n), slash);
    const kept = slice(keccak256(encodeAbiParameters(SLASH, [slash])), 0, 24);
    const height = await rig.client.getBlockNumber();
    assert.deepEqual(await court.read.slashAt([0n]), { height, hash: kept });
    assert.equal((await court.read.slashAt([1n])).height, 0n);
    assert.equal(await court.read.isSettled(), false);
  });

  it('charges nobody twice for an epoch, unless the later offence is dearer', async () => {
    const rig = await fresh();
    const { court, epoch } = rig;
    await convict(rig, [1, 4]);
    await reverts(convict(rig, [4]), court, 'EvidenceSpent', [epoch]);
    await convict(rig, [4, 5]);
    await convict(rig, [1, 5, 6], SOMEWHERE);
    await reverts(convict(rig, [1, 5, 6]), court, 'EvidenceSpent', [epoch]);
    await reverts(convict(rig, [6], SOMEWHERE), court, 'EvidenceSpent', [epoch]);
    const filed = [0n, 1n, 2n].map(async (id) => (await slashOf(rig, id)).seats);
    assert.deepEqual(await Promise.all(filed), [[1, 4], [5], [1, 5, 6]].map(wordsOf));
    assert.deepEqual(await court.read.charged([epoch]), [wordsOf([1, 4, 5]), wordsOf([1, 5, 6])]);
  });

  it('takes evidence until the roster, its certificates and their disputes are over', async () => {
    const rig = await fresh();
    const { court, committee, epoch } = rig;
    const { validUntil } = await committee.read.roster([epoch]);
    const deadline = validUntil + settings.certificateAge + settings.disputeWindow;
    assert.equal(await court.read.deadlineOf([epoch]), deadline);
    // Each accusation takes two blocks: the second is the reveal.
    await networkHelpers.time.setNextBlockTimestamp(deadline - 2n);
    await convict(rig, [0]);
    await networkHelpers.time.setNextBlockTimestamp(deadline + 10n);
    await reverts(convict(rig, [1]), court, 'EvidenceExpired', [epoch, deadline]);
  });

  it('knows only epochs that were opened, and judges that there are', async () => {
    const rig = await fresh();
    const { court } = rig;
    await reverts(accuse(rig, TRUSTING, offence(99n, [1])), court, 'EpochUnknown', [99n]);
    assert.equal(await court.read.deadlineOf([99n]), 0n);
    await reverts(accuse(rig, 2n, '0x'), court, 'KindUnknown', [2n, 2n]);
  });

  it('refuses what its judge cannot read', async () => {
    const rig = await fresh();
    for (const kind of [0n, TRUSTING])
      await reverts(accuse(rig, kind, '0x1234'), rig.court, 'EvidenceMalformed', [kind]);
  });
});
