import { type Justice, PEACE } from './justice.ts';
import { folded } from './text.ts';

/** What a scenario came to; `outcomeJson` is what `--json` prints of it. */
export type Outcome = Justice &
  Readonly<{
    tripped: boolean;
    rung: number | null;
    blocksFromFirstLossToTrip: number | null;
    msFromBlockSeenToCertificate: number | null;
    msFromBlockSeenToTrip: number | null;
    /** Seats whose signatures the certificate carries. */
    signers: number | null;
    stakeSignedBps: number | null;
    gasUsed: number | null;
    /** US cents at the honest price. */
    valueAtRisk: bigint;
    valueLost: bigint;
    valueKeptBps: number;
    submitter: string | null;
    expectationMet: boolean;
  }>;

/** Nothing tripped and nothing was taken. */
export const quiet = (expectationMet: boolean): Outcome => ({
  tripped: false,
  rung: null,
  blocksFromFirstLossToTrip: null,
  msFromBlockSeenToCertificate: null,
  msFromBlockSeenToTrip: null,
  signers: null,
  stakeSignedBps: null,
  gasUsed: null,
  valueAtRisk: 0n,
  valueLost: 0n,
  valueKeptBps: 10_000,
  submitter: null,
  ...PEACE,
  expectationMet,
});

/** One line: the fields in their settled order, amounts as decimal strings. */
export const outcomeJson = (scenario: string, watchers: number, outcome: Outcome): string =>
  JSON.stringify({ scenario, watchers, ...outcome }, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );

const WIDTH = 80;
const INDENT = 15;

/** The end of a run as a person reads it. */
export function summary(
  scenario: string,
  watchers: number,
  outcome: Outcome,
  facts: readonly string[],
): string {
  const rows: (readonly [string, string])[] = [['scenario', `${scenario}, ${watchers} watchers`]];
  if (outcome.tripped) {
    rows.push([
      'breaker',
      `tripped at rung ${outcome.rung}, ${afterLoss(outcome.blocksFromFirstLossToTrip)}`,
    ]);
    rows.push([
      'certificate',
      `${outcome.signers} signers, ${percent(outcome.stakeSignedBps ?? 0)} of the stake${timed(outcome.msFromBlockSeenToCertificate, 'after the block was seen')}`,
    ]);
    rows.push([
      'trip',
      `${outcome.gasUsed} gas${timed(outcome.msFromBlockSeenToTrip, 'after the block was seen')}`,
    ]);
    rows.push(['submitter', `${outcome.submitter}`]);
  } else rows.push(['breaker', 'not tripped']);
  if (outcome.valueAtRisk > 0n) {
    rows.push(['at risk', dollars(outcome.valueAtRisk)]);
    rows.push(['lost', `${dollars(outcome.valueLost)}; ${percent(outcome.valueKeptBps)} kept`]);
  }
  if (outcome.slashed > 0n) {
    const { slashed, struck, burned, compensated, challengers } = outcome;
    rows.push(['slashed', `${slashed} of stake of ${struck} seats, by ${challengers} challengers`]);
    rows.push(['', `${burned} burnt, ${compensated} to whom they stopped`]);
  }
  if (outcome.takenBack > 0n)
    rows.push(['taken back', `${outcome.takenBack} of pay, by the arbiter of who had promised it`]);
  for (const fact of facts) for (const line of folded(fact, WIDTH - INDENT)) rows.push(['', line]);
  rows.push(['expectation', outcome.expectationMet ? 'met' : 'NOT MET']);
  return rows.map(([name, value]) => `  ${name.padEnd(INDENT - 2)}${value}`).join('\n');
}

/** Cents as dollars with thousands apart. */
export const dollars = (cents: bigint): string =>
  `$${(cents / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ',')}`;

const percent = (bps: number) => `${(bps / 100).toFixed(2)} %`;
const timed = (ms: number | null, after: string) => (ms === null ? '' : `, ${ms} ms ${after}`);

function afterLoss(blocks: number | null): string {
  if (blocks === null) return 'before anything was lost';
  if (blocks === 0) return 'in the block of the first loss';
  return `${Math.abs(blocks)} block${Math.abs(blocks) === 1 ? '' : 's'} ${blocks < 0 ? 'before' : 'after'} the first loss`;
}
