import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { measureQuorum, measureRegister, measureRoster, SHARES, SIZES } from './support/gas.ts';

const SNAPSHOT = new URL('gas-snapshot.json', import.meta.url);
const RECORDING = process.env['GAS_SNAPSHOT'] === 'write';

// The design's gas for verification without guards, which may cost 5 % more, by seats and absent.
const DESIGN: Readonly<Record<string, number>> = {
  '8/0': 149_401,
  '8/2': 154_891,
  '16/0': 149_395,
  '16/1': 153_740,
  '16/5': 158_368,
  '64/0': 149_434,
  '64/6': 159_666,
  '64/21': 177_159,
  '256/0': 149_606,
  '256/25': 187_503,
  '256/85': 257_451,
};

/** Where the design has no figure: the line through those it has, of seats spread over all pages. */
const designOf = (seats: number, absent: number): number => {
  const pages = Math.ceil(seats / 127);
  const line = 149_440 + (absent === 0 ? 0 : 3_200 + 2_760 * (pages - 1) + 1_166 * absent);
  return DESIGN[`${seats}/${absent}`] ?? line;
};

describe('Gas of a transaction', () => {
  const snapshot: Record<string, number> = {};
  const measured: Record<string, number> = {};
  before(async () => {
    if (!RECORDING) Object.assign(snapshot, JSON.parse(await readFile(SNAPSHOT, 'utf8')));
  });
  after(async () => {
    if (RECORDING) await writeFile(SNAPSHOT, `${JSON.stringify(measured, null, 2)}\n`);
  });
  const holds = (what: string, gas: number) => {
    measured[what] = gas;
    if (RECORDING) return;
    const expected = snapshot[what];
    assert.ok(expected, `no snapshot of ${what}: GAS_SNAPSHOT=write records it`);
    assert.ok(Math.abs(gas - expected) * 50 <= expected, `${what}: ${gas}, was ${expected}`);
  };

  for (const size of SIZES) {
    it(`verifying ${size} seats stays within 5 % of the design, however many sign`, async () => {
      for (const { seats, percent, absent, verify, trip, parts } of await measureQuorum(
        size,
        SHARES,
      )) {
        const design = designOf(seats, absent);
        assert.ok(parts.valid);
        assert.ok(verify * 100 <= design * 105, `${absent} absent: ${verify}, design ${design}`);
        holds(`verify ${seats} seats ${percent} %`, verify);
        holds(`trip ${seats} seats ${percent} %`, trip);
      }
    }).timeout(120_000);

    it(`opening an epoch of ${size} seats`, async () => {
      const { first, same, changed } = await measureRoster(size);
      for (const [what, steps] of Object.entries({ first, same, changed }))
        for (const [step, gas] of steps.entries())
          holds(`open ${size} seats, ${what}, step ${step + 1} of ${steps.length}`, gas);
    }).timeout(120_000);
  }

  it('writing a page of 127 keys', async () => {
    const { pages } = await measureRoster(127);
    holds('page of 127 keys', pages[0] ?? 0);
  });

  it('registering a watcher stays below 340,000', async () => {
    const gas = await measureRegister();
    assert.ok(gas < 340_000, `${gas}`);
    holds('register', gas);
  });
});
