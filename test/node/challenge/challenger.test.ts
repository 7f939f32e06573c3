import assert from 'node:assert/strict';
import { funded } from '../anvil.ts';
import { inMemory } from '../submit/keepers.ts';
import { type Courtroom, openCourtroom } from './courtroom.ts';

const LIAR = 3;
const NOBODY = '0x000000000000000000000000000000000000dEaD';

describe('a challenger', () => {
  let room: Courtroom;
  before(async () => {
    room = await openCourtroom();
  });
  beforeEach(() => room.reset());
  after(() => room.stop());

  it('has a liar struck and slashed, takes its reward and burns the rest', async () => {
    const challengers = [await room.start(0, room.holding(await room.contradiction(LIAR)))];
    const before = await room.balanceOf(funded(0).address);
    await room.mine(challengers, 40);
    assert.deepEqual(await room.struck(), [LIAR]);
    // A twentieth of 400, of which a tenth is the challenger's.
    assert.equal(await room.slashedOf(LIAR), 20n);
    assert.equal((await room.balanceOf(funded(0).address)) - before, 2n);
    assert.equal(await room.balanceOf(NOBODY), 18n);
  });

  it('leaves a lie to whose turn it is', async () => {
    const evidence = room.holding(await room.contradiction(LIAR));
    const before = await Promise.all([0, 1, 2].map(room.sentBy));
    const challengers = await Promise.all([0, 1, 2].map((seat) => room.start(seat, evidence)));
    await room.mine(challengers, 40);
    assert.equal(await room.slashCount(), 1n);
    assert.equal(await room.slashedOf(LIAR), 20n);
    const after = await Promise.all([0, 1, 2].map(room.sentBy));
    const acted = after.filter((count, seat) => count > before[seat]! + 1);
    assert.equal(acted.length, 1);
  });

  it('does after a restart what an earlier run had committed to', async () => {
    const evidence = room.holding(await room.contradiction(LIAR));
    const pending = inMemory();
    const killed = await room.start(0, evidence, pending);
    const before = await room.sentBy(0);
    for (let block = 0; block < 20 && (await room.sentBy(0)) === before; block++)
      await room.mine([killed], 1);
    await killed.close();
    assert.equal(await room.slashCount(), 0n);
    await room.mine([await room.start(0, evidence, pending)], 12);
    assert.equal(await room.slashCount(), 1n);
    assert.equal(await room.slashedOf(LIAR), 20n);
  });

  it('shows another contradiction of a seat where the judge does not take the first', async () => {
    const taken = await room.contradiction(LIAR);
    await room.mine(
      [await room.start(0, room.holding({ ...taken, second: taken.first }, taken))],
      40,
    );
    assert.deepEqual(await room.struck(), [LIAR]);
    assert.equal(await room.slashCount(), 1n);
  });

  it('sends nothing of what no judge takes, or of what is charged already', async () => {
    const honest = await room.contradiction(LIAR);
    const same = { ...honest, second: honest.first };
    const before = await room.sentBy(0);
    await room.mine([await room.start(0, room.holding(same))], 20);
    assert.equal(await room.sentBy(0), before);
    await room.mine([await room.start(1, room.holding(honest))], 40);
    await room.mine([await room.start(0, room.holding(honest))], 40);
    assert.equal(await room.slashCount(), 1n);
    assert.equal(await room.sentBy(0), before);
  });
});
