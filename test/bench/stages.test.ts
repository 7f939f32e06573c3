import assert from 'node:assert/strict';
import type { LogLine } from '../../devnet/watchers.ts';
import { spreadOf, timesOf } from './stages.ts';

const line = (watcher: number, at: number, msg: string, more: object = {}): LogLine => ({
  watcher,
  at,
  msg,
  ...more,
});
const attested = (watcher: number, at: number, ms: number) =>
  line(watcher, at, 'attestation sent', { height: '7', digest: '0xd', ms });
const certified = (watcher: number, at: number) =>
  line(watcher, at, 'certificate formed', { height: '7', digest: '0xd', ms: at - 1_010 });

const network = { stakes: [40n, 30n, 20n, 10n], watching: 4, rung: 3 };
const lines = [
  line(1, 1_020, 'finding', { height: '7' }),
  line(1, 900, 'finding', { height: '6' }),
  attested(1, 1_050, 45),
  attested(0, 1_040, 40),
  attested(3, 1_060, 30),
  line(2, 1_055, 'attestation sent', { height: '6', digest: '0xe', ms: 500 }),
  certified(3, 1_100),
  certified(0, 1_090),
  certified(1, 1_130),
  line(0, 1_150, 'certificate sent', { digest: '0xd' }),
  line(2, 2_000, 'trip seen', { height: '8', digest: '0xd', ms: 990 }),
  line(1, 1_990, 'trip seen', { height: '8', digest: '0xd', ms: 985 }),
];

describe('the stages of a verdict', () => {
  it('count from the first sight of its block, whoever had it and whatever else is said', () => {
    assert.deepEqual(timesOf(lines, 7n, network), {
      finding: 20,
      attestation: 40,
      // 40 and 30 of 100 are more than two thirds.
      quorum: 50,
      certificate: 90,
      certificateMedian: 100,
      sent: 150,
      mined: 990,
    });
  });

  it('that never came are told from those that came at once', () => {
    const times = timesOf([attested(0, 1_040, 40)], 7n, network);
    assert.deepEqual(times, {
      finding: null,
      attestation: 40,
      quorum: null,
      certificate: null,
      certificateMedian: null,
      sent: null,
      mined: null,
    });
    assert.deepEqual(spreadOf([times]).attestation, { p50: 40, p95: 40, p99: 40 });
    assert.deepEqual(spreadOf([times]).sent, { p50: null, p95: null, p99: null });
  });

  it('are not known of a block that nobody spoke of', () => {
    assert.equal(timesOf(lines, 8n, network), null);
  });
});
