import type { Hex } from 'viem';
import type { Attestation } from '../../protocol/types.ts';
import { WINDOW } from './context.ts';

/** An attestation with its two hashes. */
export type Heard = Readonly<{ attestation: Attestation; digest: Hex; keyDigest: Hex }>;

/** Block hashes of one height that a seat may speak about per rule: the canonical one and a few reorged away. */
const BLOCKS_A_HEIGHT = 4;

/** Attestations kept of one seat about one coverage within the window: a coverage that always fires silences no other. */
const PER_COVERAGE = 1024;

/** What was heard within the window, bounded per seat and coverage whatever a seat signs: no seat takes another's room. */
export type Recent = ReturnType<typeof createRecent>;

/** A memory of verified attestations. A key says nothing of the height, so a conflict is found across heights. */
export function createRecent() {
  const heights = new Map<bigint, ReturnType<typeof emptyHeight>>();
  const byKey = new Map<string, readonly Heard[]>();
  const perCoverage = new Map<string, number>();

  /** How an attestation stands to what the same seat said before; asks nothing of its signature. */
  const relation = (heard: Heard): 'new' | 'duplicate' | 'conflict' | 'excess' => {
    const said = byKey.get(seatAndKey(heard)) ?? [];
    if (said.some(({ digest }) => digest === heard.digest)) return 'duplicate';
    if (said.length === 1) return 'conflict';
    if (said.length > 1) return 'excess';
    const { verdict } = heard.attestation;
    const blocks = heights.get(verdict.height)?.blocks.get(ruleKey(heard.attestation)) ?? 0;
    const total = perCoverage.get(coverageKey(heard.attestation)) ?? 0;
    return blocks >= BLOCKS_A_HEIGHT || total >= PER_COVERAGE ? 'excess' : 'new';
  };

  /** Keeps a verified attestation; answers with the one it contradicts, if any. */
  const keep = (heard: Heard): Attestation | null => {
    const { attestation } = heard;
    const at = heights.get(attestation.verdict.height) ?? emptyHeight();
    heights.set(attestation.verdict.height, at);
    at.heard.push(heard);
    const said = byKey.get(seatAndKey(heard)) ?? [];
    byKey.set(seatAndKey(heard), [...said, heard]);
    if (said.length === 0)
      at.blocks.set(ruleKey(attestation), (at.blocks.get(ruleKey(attestation)) ?? 0) + 1);
    perCoverage.set(coverageKey(attestation), (perCoverage.get(coverageKey(attestation)) ?? 0) + 1);
    return said[0]?.attestation ?? null;
  };

  const forget = (heard: Heard) => {
    const said = (byKey.get(seatAndKey(heard)) ?? []).filter((other) => other !== heard);
    if (said.length > 0) byKey.set(seatAndKey(heard), said);
    else byKey.delete(seatAndKey(heard));
    const key = coverageKey(heard.attestation);
    const left = (perCoverage.get(key) ?? 0) - 1;
    if (left > 0) perCoverage.set(key, left);
    else perCoverage.delete(key);
  };

  const prune = (head: bigint) => {
    for (const [height, { heard }] of heights) {
      if (height + WINDOW >= head) continue;
      heights.delete(height);
      for (const each of heard) forget(each);
    }
  };

  /** Down to and with `from`: the newest of each seat, then the next of each, so that what is cut off is cut fairly. */
  const since = (from: bigint): readonly Attestation[] => {
    const newestFirst = [...heights]
      .filter(([height]) => height >= from)
      .sort(([a], [b]) => (a < b ? 1 : -1))
      .flatMap(([, { heard }]) => heard);
    const turns: Attestation[][] = [];
    const taken = new Map<string, number>();
    for (const { attestation } of newestFirst) {
      const turn = taken.get(seatKey(attestation)) ?? 0;
      taken.set(seatKey(attestation), turn + 1);
      (turns[turn] ??= []).push(attestation);
    }
    return turns.flat();
  };

  return { relation, keep, prune, since, size: () => byKey.size };
}

const emptyHeight = () => ({ heard: [] as Heard[], blocks: new Map<string, number>() });

/** Names one seat of one epoch. */
export const seatKey = ({ verdict, seat }: Attestation) => `${verdict.epoch}:${seat}`;

const seatAndKey = ({ attestation, keyDigest }: Heard) => `${seatKey(attestation)}:${keyDigest}`;

const coverageKey = (attestation: Attestation) =>
  `${seatKey(attestation)}:${attestation.verdict.coverageId}`;

const ruleKey = (attestation: Attestation) =>
  `${coverageKey(attestation)}:${attestation.verdict.ruleId}`;
