import assert from 'node:assert/strict';
import fc from 'fast-check';
import hre from 'hardhat';
import { type Address, numberToHex } from 'viem';
import { createModel, type Settings } from './support/outflow-model.ts';
import type { Wallet } from './support/registry.ts';

const { viem, networkHelpers } = await hre.network.create({
  override: { allowBlocksWithSameTimestamp: true },
});
const { time } = networkHelpers;
const [hub] = (await viem.getWalletClients()) as [Wallet];
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;

const DAY = 86_400;
const MAX = 2n ** 256n - 1n;
const FAR = 2n ** 40n;
const armed: Settings = { period: DAY, calmBps: 2_000, trippedBps: 500, accountBps: 5_000 };
const [token, other] = [numberToHex(0xa, { size: 20 }), numberToHex(0xb, { size: 20 })];
const [alice, bob, carol] = [1, 2, 3].map((id) => numberToHex(id, { size: 20 })) as [
  Address,
  Address,
  Address,
];

const deploy = (settings: Settings) =>
  viem.deployContract('LimitedPurse', [hub.account.address, settings]);
type Purse = Awaited<ReturnType<typeof deploy>>;
const left = async (purse: Purse, account: Address, of: Address = token) =>
  (await purse.read.outflowLeft([of, account]))[0];
const refused = (purse: Purse, account: Address, asked: bigint, allowed: bigint) =>
  reverts(purse.write.take([token, account, asked]), purse, 'OutflowLimited', [
    token,
    account,
    asked,
    allowed,
  ]);
const at = async (timestamp: number) => {
  await time.setNextBlockTimestamp(timestamp);
  await networkHelpers.mine();
};
/** Time stands still unless a test moves it. */
const freeze = async () => networkHelpers.time.setNextBlockTimestamp(await time.latest());

/** A purse in which a deposit of Alice's has come to count in full. */
const seasoned = async (settings: Settings, amount: bigint) => {
  const purse = await deploy(settings);
  await purse.write.put([token, alice, amount]);
  await time.increase(settings.period);
  return purse;
};
/** The same, in the second a transaction is mined at. */
const still = async (act: () => Promise<unknown>) => {
  await freeze();
  return act();
};

describe('an outflow limiter', () => {
  for (const [setting, value, settings] of [
    ['period', 59n, { ...armed, period: 59 }],
    ['period', 2_592_001n, { ...armed, period: 2_592_001 }],
    ['calmBps', 10_001n, { ...armed, calmBps: 10_001 }],
    ['trippedBps', 0n, { ...armed, trippedBps: 0 }],
    ['trippedBps', 2_001n, { ...armed, trippedBps: 2_001 }],
    ['accountBps', 0n, { ...armed, accountBps: 0 }],
    ['accountBps', 10_001n, { ...armed, accountBps: 10_001 }],
  ] as const)
    it(`has no ${setting} of ${value}`, async () => {
      const probe = await deploy(armed);
      await reverts(deploy(settings) as never, probe, 'OutflowSettingInvalid', [setting, value]);
    });

  it('lets out a share of what is held, and half of it to one account', async () => {
    const purse = await seasoned(armed, 1_000_000n);
    assert.deepEqual(await left(purse, bob), 100_000n);
    await still(() => refused(purse, bob, 100_001n, 100_000n));
    await still(() => purse.write.take([token, bob, 100_000n]));
    // 90,000 is half of a fifth of what is left, and all of Bob's is used.
    assert.deepEqual(await left(purse, bob), 0n);
    assert.deepEqual(await left(purse, carol), 90_000n);
  });

  it('many accounts together take no more than the bound of the token', async () => {
    const purse = await seasoned(armed, 1_000_000n);
    let taken = 0n;
    for (let index = 0; index < 12; index++) {
      const account = numberToHex(100 + index, { size: 20 });
      const amount = await left(purse, account);
      await still(() => purse.write.take([token, account, amount]));
      taken += amount;
    }
    assert.ok(taken <= 200_000n, `${taken}`);
    await still(() => refused(purse, bob, 1n, 0n));
  });

  it('refills evenly, and says until when', async () => {
    const purse = await seasoned(armed, 1_000_000n);
    await purse.write.take([token, bob, 100_000n]);
    const start = await time.latest();
    assert.deepEqual(await purse.read.outflowLeft([token, bob]), [
      0n,
      90_000n,
      BigInt(start + DAY),
    ]);
    for (const [quarters, expected] of [
      [1, 22_500n],
      [2, 45_000n],
      [4, 90_000n],
      [9, 90_000n],
    ] as const) {
      await at(start + (DAY * quarters) / 4);
      assert.equal(await left(purse, bob), expected);
    }
  });

  it('gives a depositor back what it brought, beside every bound, and fades with the time', async () => {
    const purse = await seasoned(armed, 1_000_000n);
    await emitWithArgs(purse.write.put([token, bob, 400_000n]), purse, 'InflowCounted', [
      token,
      bob,
      400_000n,
      400_000n,
    ]);
    assert.equal(await left(purse, bob), 500_000n);
    assert.equal(await left(purse, carol), 100_000n);
    const start = await time.latest();
    await at(start + DAY / 2);
    // Half of the deposit is its own still, half has come to count for everybody.
    assert.equal(await left(purse, bob), 320_000n);
    assert.equal(await left(purse, carol), 120_000n);
    await at(start + DAY);
    assert.equal(await left(purse, bob), 140_000n);
  });

  it('is not widened by a deposit now, however large', async () => {
    const purse = await seasoned(armed, 1_000_000n);
    await still(() =>
      reverts(
        purse.write.flash([token, bob, 10n ** 12n, 10n ** 12n + 100_001n]),
        purse,
        'OutflowLimited',
        [token, bob, 10n ** 12n + 100_001n, 10n ** 12n + 100_000n],
      ),
    );
    await purse.write.flash([token, bob, 10n ** 12n, 10n ** 12n]);
    assert.equal(await left(purse, bob), 100_000n);
    await time.increase(DAY);
    assert.equal(await left(purse, bob), 100_000n);
  });

  it('is not opened by what one account brings and another takes, in calm that bounds nothing', async () => {
    const purse = await seasoned({ ...armed, calmBps: 10_000 }, 1_000_000n);
    await still(() => purse.write.put([token, bob, 10n ** 12n]));
    await still(() => purse.write.take([token, carol, 10n ** 12n]));
    await still(() => purse.write.trip([2, FAR]));
    assert.equal(await left(purse, bob), 25_000n);
    await still(() => refused(purse, bob, 25_001n, 25_000n));
    await still(() => purse.write.take([token, bob, 25_000n]));
    await still(() => purse.write.put([token, alice, 700n]));
    assert.equal(await left(purse, bob), 0n);
  });

  it('credits only what arrived, and takes the rest for a loss', async () => {
    const purse = await seasoned(armed, 1_000_000n);
    await still(() => purse.write.putShort([token, bob, 500_000n, 475_000n]));
    assert.equal(await left(purse, bob), 475_000n + 97_500n);
    await still(() => purse.write.putShort([token, carol, 500_000n, 0n]));
    assert.equal(await left(purse, carol), 97_500n);
  });

  it('starts empty: the first depositor can take everything back, and nobody else anything', async () => {
    const purse = await deploy(armed);
    assert.deepEqual(await purse.read.outflowLeft([token, alice]), [
      0n,
      0n,
      BigInt(await time.latest()),
    ]);
    await purse.write.put([token, alice, 1_000n]);
    await still(() => refused(purse, bob, 1n, 0n));
    await still(() => purse.write.take([token, alice, 1_000n]));
    await purse.write.take([token, bob, 0n]);
  });

  it('falls with a loss at once, and counts a gain over a period', async () => {
    const purse = await seasoned(armed, 1_000_000n);
    await purse.write.setHoldings([token, 500_000n]);
    assert.equal(await left(purse, bob), 50_000n);
    await purse.write.setHoldings([token, 2_000_000n]);
    assert.equal(await left(purse, bob), 100_000n);
    await purse.write.take([token, bob, 0n]);
    await time.increase(DAY);
    assert.equal(await left(purse, bob), 200_000n);
  });

  it('a deposit does not make up for a loss', async () => {
    const purse = await seasoned(armed, 1_000_000n);
    await purse.write.setHoldings([token, 100_000n]);
    await purse.write.put([token, bob, 10n ** 12n]);
    assert.equal(await left(purse, carol), 10_000n);
  });

  it('keeps tokens apart', async () => {
    const purse = await seasoned(armed, 1_000_000n);
    await purse.write.put([other, bob, 77n]);
    assert.equal(await left(purse, bob), 100_000n);
    assert.equal(await left(purse, bob, other), 77n);
  });

  for (const rung of [1, 2, 3])
    it(`at rung ${rung} bounds ${rung < 2 ? 'as ever' : 'by the tripped share'}, and what is used stays used in proportion`, async () => {
      const purse = await seasoned(armed, 1_000_000n);
      await still(() => purse.write.take([token, bob, 50_000n]));
      assert.equal(await left(purse, bob), 47_500n);
      await still(() => purse.write.trip([rung, FAR]));
      assert.equal(await left(purse, bob), rung < 2 ? 47_500n : 11_875n);
      await still(() => purse.write.release([rung]));
      assert.equal(await left(purse, bob), 47_500n);
    });

  it('bounds nothing in calm when told so, and has followed what it needs when tripped', async () => {
    const purse = await seasoned({ ...armed, calmBps: 10_000 }, 1_000_000n);
    assert.deepEqual(await purse.read.outflowLeft([token, bob]), [
      MAX,
      MAX,
      BigInt(await time.latest()),
    ]);
    await purse.write.take([token, bob, 600_000n]);
    await still(() => purse.write.trip([2, FAR]));
    assert.equal(await left(purse, bob), 10_000n);
    await still(() => refused(purse, bob, 10_001n, 10_000n));
  });

  it('never quite empties a vault by shares alone, but does with a floor', async () => {
    const purse = await seasoned(armed, 100n);
    await purse.write.setFloor([token, 60n]);
    for (const amount of [30n, 30n, 30n, 10n]) {
      await purse.write.take([token, alice, amount]);
      await time.increase(DAY);
    }
    assert.equal(await purse.read.holdings([token]), 0n);
  });

  it('takes amounts beyond 128 bits for as much as that', async () => {
    const purse = await seasoned(armed, MAX);
    const bound = (2n ** 128n - 1n) / 10n;
    const reported = await left(purse, bob);
    assert.ok(reported <= bound && reported >= bound - 2n, `${reported}`);
    await still(() => refused(purse, bob, MAX, reported));
    await purse.write.take([token, bob, reported]);
    await purse.write.put([token, bob, 1n]);
  });

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
