import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openAave, units } from './support/aave.ts';
import { CLASS } from './support/hub.ts';

const aave = await openAave();
const { viem, networkHelpers, user, other } = aave;
const { act, supply, borrow, repay, withdraw, freeze, configure, configurations, grant, fresh } =
  aave;
const { revertWith, emitWithArgs } = viem.assertions;

const BORROW_CAP_EXCEEDED = '50';
type Rig = Awaited<ReturnType<typeof fresh>>;

const fieldsOf = (word: bigint) => ({
  ltv: BigInt.asUintN(16, word),
  threshold: BigInt.asUintN(16, word >> 16n),
  bonus: BigInt.asUintN(16, word >> 32n),
  frozen: ((word >> 57n) & 1n) === 1n,
  cap: BigInt.asUintN(36, word >> 80n),
});
const usdcOf = async (rig: Rig) => fieldsOf((await configurations(rig))[0]!);
const trip = (rig: Rig, rung: number, life = 3600) =>
  rig.hub.write.trip([rig.breaker.address, rung, life, CLASS.A]);
const end = (rig: Rig) => rig.hub.write.end([rig.breaker.address]);
const collateral = (rig: Rig, ltv: bigint, threshold = 8_000n) =>
  configure(rig, 'configureReserveAsCollateral', rig.usdc, ltv, threshold, 10_450n);
const threshold = async (rig: Rig, bps: bigint) => {
  const { ltv } = await usdcOf(rig);
  return collateral(rig, ltv < bps ? ltv : bps, bps);
};

/** What the market's owner may do to a reserve while it is tightened, and what must be left of it after. */
const changes = {
  nothing: { act: async () => {}, left: {} },
  'another cap': {
    act: (rig: Rig) => configure(rig, 'setBorrowCap', rig.usdc, 7n),
    left: { cap: 7n },
  },
  'no cap': { act: (rig: Rig) => configure(rig, 'setBorrowCap', rig.usdc, 0n), left: { cap: 0n } },
  'another loan-to-value': {
    act: (rig: Rig) => collateral(rig, 1_234n),
    left: { ltv: 1_234n },
  },
  'no loan-to-value': { act: (rig: Rig) => collateral(rig, 0n), left: { ltv: 0n } },
  'a threshold below the loan-to-value that was': {
    act: (rig: Rig) => threshold(rig, 5_000n),
    left: { ltv: 3_850n, threshold: 5_000n },
  },
  'a higher threshold': {
    act: (rig: Rig) => threshold(rig, 9_000n),
    left: { threshold: 9_000n },
  },
  'a freeze': { act: (rig: Rig) => freeze(rig, rig.usdc, true), left: { frozen: true } },
} as const;

describe('the breaker of an Aave v3 market, tightening', () => {
  it('caps borrowing at one token and halves the loan-to-value of what can be borrowed, and changes nothing else', async () => {
    const rig = await fresh();
    const before = (await configurations(rig)).map(fieldsOf);
    await emitWithArgs(trip(rig, 1), rig.breaker, 'Tightened', [0b011n, 0b011n]);
    assert.deepEqual(
      (await configurations(rig)).map(fieldsOf),
      before.map((found, index) =>
        index === 2 ? found : { ...found, cap: 1n, ltv: found.ltv / 2n },
      ),
    );
    assert.equal(await rig.breaker.read.rung(), 1);
  });

  it('stops new borrowing; repay, top-up, withdrawal and liquidation stay open', async () => {
    const rig = await fresh();
    await trip(rig, 1);
    await revertWith(borrow(rig, user, rig.usdc, 1n), BORROW_CAP_EXCEEDED);
    await repay(rig, user, rig.usdc, 100n);
    for (const reserve of [rig.usdc, rig.weth, rig.wbtc]) await supply(rig, user, reserve, 1n);
    await withdraw(rig, user, rig.weth, 1n);
    await withdraw(rig, other, rig.usdc, 1_000n);
    const feed = await viem.getContractAt('Feed', rig.weth.feed);
    const wbtcFeed = await viem.getContractAt('Feed', rig.wbtc.feed);
    await wbtcFeed.write.report([1_00000000n]);
    await feed.write.report([2_200_00000000n]);
    await act(rig, other, 'liquidationCall', [
      rig.weth.token,
      rig.usdc.token,
      user.account.address,
      units(rig.usdc, 5_000n),
      false,
    ]);
  });

  for (const rungs of [[1], [1, 2], [2, 1], [1, 3, 2], [3, 1, 2], [1, 1, 2, 2]])
    it(`puts back on release exactly what trips of rung ${rungs.join(', then ')} changed`, async () => {
      const rig = await fresh();
      const before = await configurations(rig);
      for (const rung of rungs) {
        await networkHelpers.time.increase(rungs.length > 1 ? 2_000 : 1);
        await trip(rig, rung);
        assert.equal(
          await rig.breaker.read.rung(),
          Math.max(...rungs.slice(0, rungs.indexOf(rung) + 1)),
        );
      }
      assert.equal((await rig.hub.simulate.end([rig.breaker.address])).result, true);
      await end(rig);
      assert.deepEqual(await configurations(rig), before);
      assert.equal(await rig.breaker.read.rung(), 0);
      assert.equal((await rig.hub.simulate.end([rig.breaker.address])).result, false);
    });

  for (const [what, { act: change, left }] of Object.entries(changes))
    it(`leaves what the owner changed in between: ${what}`, async () => {
      const rig = await fresh();
      const before = await usdcOf(rig);
      await trip(rig, 1);
      await change(rig);
      await end(rig);
      assert.deepEqual(await usdcOf(rig), { ...before, ...left });
      const { capped, lowered } = await rig.breaker.read.kept([0n]);
      assert.deepEqual([capped, lowered], [false, 0]);
    });

  it('leaves what the owner changed, field by field, whatever is tripped in between', async () => {
    const step = fc.oneof(
      fc.record({ rung: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ change: fc.constantFrom(...(Object.keys(changes) as (keyof typeof changes)[])) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const rig = await fresh();
        let [owned, trips] = [await usdcOf(rig), 0];
        for (const next of steps) {
          const found = await usdcOf(rig);
          if ('change' in next) await changes[next.change].act(rig);
          else {
            await networkHelpers.time.increase(3_600);
            await trip(rig, next.rung).catch(() => undefined);
            trips++;
            continue;
          }
          // A field is the owner's when the owner moved it from where it was.
          const now = await usdcOf(rig);
          for (const field of ['ltv', 'threshold', 'cap', 'frozen'] as const)
            if (now[field] !== found[field]) owned = { ...owned, [field]: now[field] };
        }
        await end(rig);
        const after = await usdcOf(rig);
        assert.deepEqual({ ...after, ltv: 0n }, { ...owned, ltv: 0n }, `after ${trips} trips`);
        // Where the threshold has come below what the loan-to-value was, it stays lowered.
        if (owned.ltv <= owned.threshold) assert.equal(after.ltv, owned.ltv);
        else assert.ok(after.ltv <= owned.threshold);
      }),
      { numRuns: 25 },
    );
  });

  for (const [what, prepare, expected] of [
    [
      'no cap',
      (rig: Rig) => configure(rig, 'setBorrowCap', rig.usdc, 0n),
      { cap: 1n, ltv: 3_850n },
    ],
    ['a cap of one', (rig: Rig) => configure(rig, 'setBorrowCap', rig.usdc, 1n), { ltv: 3_850n }],
    ['no loan-to-value', (rig: Rig) => collateral(rig, 0n), { cap: 1n }],
    ['the lowest loan-to-value', (rig: Rig) => collateral(rig, 1n), { cap: 1n }],
    [
      'a loan-to-value whose half is three',
      (rig: Rig) => collateral(rig, 7n),
      { cap: 1n, ltv: 3n },
    ],
  ] as const)
    it(`a reserve with ${what} is tightened as far as it goes, and put back`, async () => {
      const rig = await fresh();
      await prepare(rig);
      const before = await usdcOf(rig);
      await trip(rig, 1);
      assert.deepEqual(await usdcOf(rig), { ...before, ...expected });
      assert.equal(await rig.breaker.read.rung(), 1);
      await end(rig);
      assert.deepEqual(await usdcOf(rig), before);
    });

  it('tightens again what the owner loosened, and then puts back what the owner had set', async () => {
    const rig = await fresh();
    const before = await usdcOf(rig);
    await trip(rig, 1);
    await changes['another cap'].act(rig);
    assert.equal(await rig.breaker.read.rung(), 0);
    await networkHelpers.time.increase(2_000);
    await emitWithArgs(trip(rig, 1), rig.breaker, 'Tightened', [0b001n, 0n]);
    assert.equal(await rig.breaker.read.rung(), 1);
    await end(rig);
    assert.deepEqual(await usdcOf(rig), { ...before, cap: 7n });
  });

  it('does not touch what somebody else had frozen before', async () => {
    const rig = await fresh();
    await freeze(rig, rig.weth, true);
    await emitWithArgs(trip(rig, 1), rig.breaker, 'Tightened', [0b001n, 0b001n]);
  });

  it('a freeze ends by its own release while rung 1 lives on', async () => {
    const rig = await fresh();
    const before = await configurations(rig);
    await trip(rig, 1, 20_000);
    await trip(rig, 2, 3_600);
    await networkHelpers.time.increase(3_600);
    await rig.hub.write.release([rig.breaker.address, 2]);
    assert.equal(await rig.breaker.read.rung(), 1);
    assert.deepEqual(
      (await configurations(rig)).map((word) => fieldsOf(word).cap),
      [1n, 1n, 1n],
    );
    await supply(rig, user, rig.usdc, 1n);
    await revertWith(borrow(rig, user, rig.usdc, 1n), BORROW_CAP_EXCEEDED);
    await end(rig);
    assert.deepEqual(await configurations(rig), before);
  });

  it('a market that is thawed while frozen and tightened is tight still', async () => {
    const rig = await fresh();
    await trip(rig, 3, 3_600);
    await trip(rig, 1, 20_000);
    assert.equal(await rig.breaker.read.rung(), 3);
    await networkHelpers.time.increase(3_600);
    await rig.hub.write.release([rig.breaker.address, 3]);
    assert.equal(await rig.breaker.read.rung(), 1);
  });

  it('that lost RISK_ADMIN during a trip can be released once it has it again', async () => {
    const rig = await fresh();
    const before = await configurations(rig);
    await trip(rig, 1);
    await grant(rig, 'removeRiskAdmin', rig.breaker.address);
    await end(rig);
    assert.notDeepEqual(await configurations(rig), before);
    await grant(rig, 'addRiskAdmin', rig.breaker.address);
    await rig.hub.write.release([rig.breaker.address, 1]);
    assert.deepEqual(await configurations(rig), before);
  });
});
