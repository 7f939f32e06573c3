import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createModel, type Settings } from './support/outflow-model.ts';
import { alice, bob, carol, createPurses, DAY, FAR, MAX, token } from './support/purses.ts';

const { time, deploy, left, refused, at } = await createPurses();

describe('an outflow limiter', () => {
  it('follows a plain model, whoever does what and when; nothing but time and what is brought raises what anybody may take', async () => {
    const people = [alice, bob, carol];
    const who = fc.nat(2);
    const amount = fc.bigInt({ min: 0n, max: 10n ** 24n });
    const step = fc.oneof(
      { arbitrary: fc.record({ put: amount, who }), weight: 3 },
      { arbitrary: fc.record({ takeBps: fc.nat(12_000), who }), weight: 6 },
      { arbitrary: fc.record({ holdingsBps: fc.nat(20_000) }), weight: 1 },
      { arbitrary: fc.record({ trip: fc.constantFrom(0, 1, 2) }), weight: 1 },
    );
    const wait = fc.oneof(fc.constant(0), fc.nat(60), fc.nat(40_000), fc.nat(200_000));
    const settings = fc.record({
      period: fc.constantFrom(60, 3_600, DAY),
      calmBps: fc.constantFrom(10_000, 2_000, 700),
      trippedBps: fc.constantFrom(500, 1, 700),
      accountBps: fc.constantFrom(10_000, 5_000, 33),
    });
    const steps = fc.array(fc.tuple(wait, step), { minLength: 4, maxLength: 24 });
    await fc.assert(
      fc.asyncProperty(settings, steps, async (chosen, acts) => {
        const purse = await deploy(chosen);
        const model = createModel(chosen, people.length);
        const leaving: { when: number; who: number; bounded: bigint; bound: bigint }[] = [];
        let [holdings, tripped, brought, taken, drift] = [0n, false, 0n, 0n, 0n];
        let now = await time.latest();
        for (const [seconds, act] of acts) {
          now += seconds;
          await at(now);
          const reads = () => Promise.all(people.map((account) => left(purse, account)));
          const before = await reads();
          for (const [index, found] of before.entries()) {
            const expected = model.left(index, holdings, BigInt(now), tripped);
            if (expected === null) assert.equal(found, MAX);
            else assert.ok(near(found, expected, holdings), `${found} for ${expected}`);
          }
          await time.setNextBlockTimestamp(now);
          if ('put' in act) {
            await purse.write.put([token, people[act.who]!, act.put]);
            holdings += act.put;
            brought += act.put;
            model.put(act.who, act.put, holdings, BigInt(now));
            for (const [index, found] of (await reads()).entries())
              if (before[index] !== MAX) assert.ok(found <= before[index]! + act.put);
          } else if ('takeBps' in act) {
            const most = before[act.who]!;
            const wanted = ((most < holdings ? most : holdings) * BigInt(act.takeBps)) / 10_000n;
            if (wanted > most) {
              await refused(purse, people[act.who]!, wanted, most);
              continue;
            }
            if (wanted > holdings) continue;
            await purse.write.take([token, people[act.who]!, wanted]);
            const bound = model.bound(holdings, BigInt(now), tripped);
            const bounded = model.take(act.who, wanted, holdings, BigInt(now), tripped);
            holdings -= wanted;
            taken += wanted;
            if (most !== MAX) leaving.push({ when: now, who: act.who, bounded, bound });
            for (const [index, found] of (await reads()).entries())
              assert.ok(found <= before[index]!);
          } else if ('holdingsBps' in act) {
            const next = (holdings * BigInt(act.holdingsBps)) / 10_000n;
            drift += next - holdings;
            holdings = next;
            await purse.write.setHoldings([token, holdings]);
          } else if (act.trip === 0) {
            for (const rung of [1, 2, 3]) await purse.write.release([rung]);
            tripped = false;
          } else {
            await purse.write.trip([act.trip, FAR]);
            tripped ||= act.trip === 2;
          }
        }
        assert.equal(await purse.read.holdings([token]), brought - taken + drift);
        assertBounded(leaving, chosen);
      }),
      { numRuns: 40 },
    );
  });
});

/** The contract rounds down, by no more than its buckets' grain an act. */
const near = (found: bigint, expected: bigint, holdings: bigint) =>
  found <= expected + 1n && found + 64n + holdings / 10n ** 15n >= expected;

/** Over every window: never more than the largest bound in it, and as much again a period; of an account, its share. */
function assertBounded(
  leaving: readonly { when: number; who: number; bounded: bigint; bound: bigint }[],
  { period, accountBps }: Settings,
): void {
  for (const [from, first] of leaving.entries()) {
    let [sum, most] = [0n, 0n];
    const each = new Map<number, bigint>();
    for (const { when, who, bounded, bound } of leaving.slice(from)) {
      sum += bounded;
      each.set(who, (each.get(who) ?? 0n) + bounded);
      if (bound > most) most = bound;
      const all = most + (most * BigInt(when - first.when)) / BigInt(period) + 2n;
      assert.ok(sum <= all, `${sum} of ${all} in ${when - first.when} s`);
      for (const own of each.values()) assert.ok(own <= (all * BigInt(accountBps)) / 10_000n + 2n);
    }
  }
}
