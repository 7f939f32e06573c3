import assert from 'node:assert/strict';
import { numberToHex } from 'viem';
import type { Settings } from './support/outflow-model.ts';
import { alice, bob, carol, createPurses, DAY, FAR, MAX, token } from './support/purses.ts';

const { assertions, time, deploy, left, refused, at } = await createPurses();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = assertions;

const armed: Settings = { period: DAY, calmBps: 2_000, trippedBps: 500, accountBps: 5_000 };
const other = numberToHex(0xb, { size: 20 });

/** Time stands still unless a test moves it. */
const freeze = async () => time.setNextBlockTimestamp(await time.latest());

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
});
