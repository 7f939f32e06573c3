import type { LogLine } from '../../devnet/watchers.ts';
import { hasQuorum } from '../../protocol/quorum.ts';
import { ranks } from './figures.ts';

/** What a verdict goes through, in order; `quorum` is when attestations of enough stake are out. */
export const STAGES = [
  'finding',
  'attestation',
  'quorum',
  'certificate',
  'certificateMedian',
  'sent',
  'mined',
] as const;

export type Stage = (typeof STAGES)[number];

/** Milliseconds from the first watcher's sight of a block; null of what never came. */
export type Times = Readonly<Record<Stage, number | null>>;

/** The verdict of one block, from what all watchers logged; null when nobody spoke of the block. */
export function timesOf(
  lines: readonly LogLine[],
  height: bigint,
  {
    stakes,
    watching,
    rung,
  }: Readonly<{ stakes: readonly bigint[]; watching: number; rung: number }>,
): Times | null {
  const about = lines.filter((line) => line.height === `${height}`);
  const digest = about.find(({ msg }) => msg === 'attestation sent')?.digest;
  const seen = about.flatMap(({ at, ms, msg }) =>
    SINCE_BLOCK.has(msg) && typeof ms === 'number' ? [at - ms] : [],
  );
  if (digest === undefined || seen.length === 0) return null;
  const start = Math.min(...seen);
  const said = (message: string) =>
    lines
      .filter(
        ({ msg, digest: other, height: at }) =>
          msg === message && (other === undefined ? at === `${height}` : other === digest),
      )
      .sort((a, b) => a.at - b.at);
  const at = (line: LogLine | undefined) => (line === undefined ? null : line.at - start);
  const total = stakes.reduce((sum, stake) => sum + stake, 0n);
  let signed = 0n;
  const attestations = said('attestation sent');
  const deciding = attestations.find(({ watcher }) => {
    signed += stakes[watcher]!;
    return hasQuorum(rung, signed, total);
  });
  const certificates = said('certificate formed');
  return {
    finding: at(said('finding')[0]),
    attestation: at(attestations[0]),
    quorum: at(deciding),
    certificate: at(certificates[0]),
    certificateMedian: at(certificates[Math.ceil(watching / 2) - 1]),
    sent: at(said('certificate sent')[0]),
    mined: at(said('trip seen')[0]),
  };
}

/** Lines whose `ms` counts from when their watcher saw the block that they name. */
const SINCE_BLOCK = new Set(['attestation sent', 'certificate formed']);

/** p50, p95 and p99 of each stage; null where no verdict came so far. */
export const spreadOf = (all: readonly Times[]) =>
  Object.fromEntries(
    STAGES.map((stage) => {
      const values = all.map((times) => times[stage]).filter((ms) => ms !== null);
      return [stage, ranks(values)];
    }),
  ) as Record<Stage, ReturnType<typeof ranks>>;
